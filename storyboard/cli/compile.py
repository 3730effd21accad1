"""`storyboard compile`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from storyboard.cli import completers, options
from storyboard.cli.output import complain, note, out_json, out_text, tell_findings, view
from storyboard.errors import ExitCode, StoryboardError, UsageError
from storyboard.files.disk import read_file, reason
from storyboard.files.writing import write_named

if TYPE_CHECKING:
    from storyboard.project import Compiled, Run
    from storyboard.report.document_types import CompileDocument


@options.command(
    "compile",
    ("storyboard compile lantern.story", "print the payloads as JSON"),
    ("storyboard compile --curl lantern.story", "print requests to paste into a shell"),
    ("storyboard compile --check jobs.json", "check whether a job changed (exit code 1)"),
)
@options.paths
@options.values
@options.stdin_name
@options.variant
@options.provider
@click.option("--curl", is_flag=True, help="Print curl commands instead of JSON.")
@click.option(
    "--out",
    "into",
    metavar="FILE",
    shell_complete=completers.files,
    help="Write to this file instead of standard output.",
)
@click.option(
    "--check",
    "against",
    metavar="FILE",
    shell_complete=completers.files,
    help="Compare with a file from --out; exit with 1 if they differ.",
)
@options.as_json
def command(
    *,
    paths: tuple[str, ...],
    values: tuple[str, ...],
    stdin_name: str | None,
    variant: str,
    provider: str | None,
    curl: bool,
    into: str | None,
    against: str | None,
    as_json: bool,
) -> ExitCode:
    """Print the jobs as JSON, as they would be sent. The lock is used but not changed; no network is used."""
    if curl and (as_json or against):
        raise UsageError("--curl cannot be combined with --json or --check")
    paths = options.read_stdin(paths, stdin_name)
    run = options.open_run(paths, values, variant, provider=provider)
    compiled = run.compile()
    if not as_json:
        tell_findings(compiled)
    if against is not None and not compiled.has_errors:
        return _check(_document(run, compiled), against, as_json)
    text = _text(run, compiled, curl=curl)
    if into is None:
        out_text(text)
    elif not compiled.has_errors:
        _write(into, text)
    return ExitCode.STORY_ERRORS if compiled.has_errors else ExitCode.DONE


def _document(run: Run, compiled: Compiled) -> CompileDocument:
    from storyboard.project.views import jobs_view
    from storyboard.report.compile import compile_document

    views = [jobs_view(story, run.provider_of(story.project)) for story in compiled.stories]
    return compile_document(views, compiled.diagnostics, view().base)


def _text(run: Run, compiled: Compiled, *, curl: bool) -> str:
    """Return the jobs as JSON, or as shell commands."""
    from storyboard.project.views import requests_of
    from storyboard.report.compile import curl_script
    from storyboard.report.documents import as_json

    if not curl:
        return as_json(_document(run, compiled))
    stories = compiled.stories
    return curl_script([each for story in stories for each in requests_of(story, run.provider_of(story.project))])


def _write(name: str, text: str) -> None:
    try:
        write_named(options.file(name), text)
    except OSError as error:
        raise StoryboardError(f"{name} cannot be written: {reason(error)}") from error


def _check(document: CompileDocument, against: str, as_json: bool) -> ExitCode:
    """Check whether the jobs in a file are still those of the stories."""
    from storyboard.report.compile import changed_jobs, check_document

    try:
        changed = changed_jobs(read_file(options.file(against)), document)
    except OSError as error:
        raise UsageError(f"{against} cannot be read: {reason(error)}") from error
    if changed is None:
        raise UsageError(f"{against} was not written by storyboard compile --out")
    if as_json:
        out_json(check_document(document, changed))
    elif changed:
        complain(f"{against} no longer matches the stories", "storyboard compile --out rewrites it")
        note([change.line for change in changed])
    return ExitCode.STORY_ERRORS if changed else ExitCode.DONE
