"""`storyboard fmt`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from storyboard.cli import options
from storyboard.cli.output import note, note_view, out, out_json, out_text, view
from storyboard.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from storyboard.project.rewriting import Formatted


@options.command(
    "fmt",
    ("storyboard fmt", "format every story of the project in place"),
    ("storyboard fmt --check --diff", "show what would change, for CI (exit code 1)"),
    ("storyboard fmt - < lantern.story", "format standard input to standard output"),
)
@options.paths
@options.stdin_name
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if a file would change.")
@click.option("--diff", is_flag=True, help="Change nothing; show the changes as a diff.")
@options.as_json
def command(*, paths: tuple[str, ...], stdin_name: str | None, check: bool, diff: bool, as_json: bool) -> ExitCode:
    """Format stories in the canonical layout. Prompts never change, so nothing is bought again."""
    from storyboard.project.check import STDIN
    from storyboard.project.rewriting import format_all, format_bytes, write

    piped = "-" in paths or stdin_name is not None
    if stdin_name is not None:
        files: Sequence[Formatted] = format_all(options.open_run(options.read_stdin(paths, stdin_name)).targets())
    elif piped:
        if len(paths) > 1:
            raise UsageError("`-` (standard input) cannot be combined with files")
        files = [format_bytes(STDIN, options.stdin_bytes())]
    else:
        files = format_all(options.open_run(paths).targets())
    keep = check or diff
    if not keep and not piped:
        for file in files:
            write(file)
    if piped and not keep and not as_json:
        out_text((files[0].after or b"").decode())
        _tell(files)
    else:
        _report(files, keep, diff, as_json)
    return ExitCode.STORY_ERRORS if _failed(files) or (check and _changed(files)) else ExitCode.DONE


def _report(files: Sequence[Formatted], keep: bool, diff: bool, as_json: bool) -> None:
    from storyboard.report.fmt import difference, layout_document, layout_report

    base = view().base
    if as_json:
        found = [diagnostic for file in files for diagnostic in file.diagnostics]
        out_json(layout_document(_changed(files), len(files), found, base))
        return
    _tell(files)
    if diff:
        for file in files:
            if file.changed and file.after is not None:
                out(difference(file.path, file.before.decode("utf-8-sig"), file.after.decode(), base))
        return
    out(layout_report(_changed(files), len(files) - len(_failed(files)), base, not keep))


def _tell(files: Sequence[Formatted]) -> None:
    """Report what kept a file from being formatted."""
    from storyboard.report.frames import report

    found = [diagnostic for file in files for diagnostic in file.diagnostics]
    note(report(found, note_view()))


def _changed(files: Sequence[Formatted]) -> list[Path]:
    return [file.path for file in files if file.changed]


def _failed(files: Sequence[Formatted]) -> list[Path]:
    return [file.path for file in files if file.after is None]
