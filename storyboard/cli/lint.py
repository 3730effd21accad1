"""`storyboard lint`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from storyboard import __version__
from storyboard.cli import declare, options, value_types
from storyboard.cli.output import note, out, out_findings_json, out_json, out_text, view
from storyboard.diagnostics.edits import Change, safe_fixes
from storyboard.errors import ExitCode, UsageError
from storyboard.files.environment import environ
from storyboard.report.lint import lint_report, mended

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storyboard.files.transcript import Transcript
    from storyboard.project import Compiled, Run

Form: TypeAlias = Literal["text", "json", "sarif", "github"]
FORMS: tuple[Form, ...] = ("text", "json", "sarif", "github")


@options.command(
    "lint",
    ("storyboard lint", "check every story of the project"),
    ("storyboard lint --fix lantern.story", "check one story and apply the safe fixes"),
    ("storyboard lint --watch", "check again whenever a file is saved"),
    ("storyboard lint --stdin-name lantern.story < buffer", "check a text that is not saved yet"),
)
@options.paths
@options.values
@options.stdin_name
@declare.option("--fix", is_flag=True, help="Apply safe fixes to the files, then show what is left.")
@options.watching
@declare.option(
    "--format", "form", type=value_types.OneOf(FORMS), default="text", help="Output format.  [default: text]"
)
@options.as_json
def command(
    *,
    paths: tuple[str, ...],
    values: tuple[str, ...],
    stdin_name: str | None,
    fix: bool,
    watching: bool,
    form: Form,
    as_json: bool,
) -> ExitCode:
    """Check the stories and everything they import, and list every problem.

    Errors stop a build and give exit code 1; warnings and hints do not.
    """
    from storyboard.cli.output_cache import Memory

    started = time.perf_counter()
    if fix and ("-" in paths or stdin_name is not None):
        raise UsageError("--fix writes files and cannot be used with standard input")
    if watching:
        from storyboard.cli import watch

        given = {"standard input": "-" in paths or stdin_name is not None}
        watch.refuse(**given, **{"--fix": fix, "--json": as_json, "--format": form != "text"})
        return _watch(paths, options.parse_values(values))
    paths = options.read_stdin(paths, stdin_name)
    memory = Memory(whole=fix or stdin_name is not None)
    run = options.open_run(paths, values, recalled=memory.recalled)
    checked = run.lint()
    if fix:
        checked = _mend(run, checked)
    _show(checked, "json" if as_json else form, started)
    memory.keep_lint(run, checked)
    return ExitCode.STORY_ERRORS if checked.has_errors else ExitCode.DONE


def _watch(paths: tuple[str, ...], values: Mapping[str, str]) -> ExitCode:
    """Check again at every change; findings are shown in full only if they differ from before."""
    from storyboard.cli import watch

    findings = watch.FindingsShown()

    def once(depends: Transcript, changed: Sequence[Path]) -> tuple[Path, ...]:
        started = time.perf_counter()
        run = options.open_run(paths, values)
        checked = run.lint()
        watch.depend_on(depends, run, checked)
        findings.show(checked, with_warnings=True)
        watch.tell_checked(changed, checked, time.perf_counter() - started)
        return ()

    return watch.watch(once)


def _mend(run: Run, checked: Compiled) -> Compiled:
    """Apply safe fixes until none are left, since one may reveal the next mistake; return the remaining result."""
    from storyboard.project.rewriting import ROUNDS, apply_fixes

    changes: list[Change] = []
    for _ in range(ROUNDS):
        applied = apply_fixes(safe_fixes(checked.diagnostics))
        if not applied:
            break
        changes += applied
        checked = run.lint()
    note(mended(changes, view().base))
    return checked


def _show(checked: Compiled, form: Form, started: float) -> None:
    found, shown = checked.diagnostics, view()
    if form == "json":
        out_findings_json(found)
    elif form == "sarif":
        from storyboard.report.sarif import sarif_document

        out_json(sarif_document(found, shown.base, __version__))
    elif form == "github":
        from storyboard.report.github import github_annotations

        out_text(github_annotations(found, _github_folder() or shown.base))
    else:
        again = lint_report(found, shown, len(checked.files))
        if shown.width is None:
            out(again)
        else:
            out(lint_report(found, shown, len(checked.files), time.perf_counter() - started), again=again)


def _github_folder() -> Path | None:
    """Return the folder that paths in GitHub annotations are relative to: the checkout, even under a
    `working-directory`."""
    folder = environ.get("GITHUB_WORKSPACE")
    return Path(folder) if folder and Path.cwd().is_relative_to(folder) else None
