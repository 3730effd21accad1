"""`storyboard lint`."""

from __future__ import annotations

import sys
import time
from typing import Literal

import click

from storyboard.cli import options
from storyboard.cli.help import Command
from storyboard.cli.output import is_terminal, out, out_json, view
from storyboard.errors import ExitCode


@click.command(
    "lint",
    cls=Command,
    examples=(
        ("storyboard lint", "every story of the project"),
        ("storyboard lint lantern.story", "one story"),
        ("storyboard lint - < lantern.story", "standard input, as an editor does"),
    ),
)
@options.paths
@options.values
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Default: text.")
@options.as_json
def command(paths: tuple[str, ...], values: tuple[str, ...], form: Literal["text", "json"], as_json: bool) -> ExitCode:
    """Show everything to mend in the stories, and in what they import.

    Errors stop a build and end in exit code 1; warnings and hints do not.
    """
    from storyboard.project import Run
    from storyboard.report.documents import lint_document
    from storyboard.report.frames import report, summary

    started = time.perf_counter()
    checked = Run(paths, values=options.parse_values(values)).lint()
    shown = view()
    if as_json or form == "json":
        out_json(lint_document(checked.diagnostics, shown.base))
    else:
        elapsed = time.perf_counter() - started if is_terminal(sys.stdout) else None
        out([*report(checked.diagnostics, shown), summary(checked.diagnostics, checked.files, elapsed)])
    return ExitCode.STORY_ERRORS if checked.has_errors else ExitCode.DONE
