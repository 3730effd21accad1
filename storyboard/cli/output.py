"""Where words go: results to stdout, everything about the run to stderr; colour only where a terminal shows it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from storyboard.files.disk import record_doubt
from storyboard.files.environment import environ
from storyboard.files.transcript import current_run
from storyboard.report.frames import View, count, report, summary
from storyboard.report.style import Line, Style, clean, line, render

if TYPE_CHECKING:
    from storyboard.diagnostics import Diagnostic
    from storyboard.project import Compiled


def _tell(number: int, text: str, again: str | None = None) -> None:
    current_run().said.append((number, text if again is None else again))
    (sys.stdout if number == 1 else sys.stderr).write(text)


def out(lines: Iterable[Line], again: Iterable[Line] | None = None) -> None:
    """A result for a person; `again` is what is said instead when it is said from memory."""
    colour = has_colour(sys.stdout)
    _tell(1, render(lines, colour), None if again is None else render(again, colour))


def out_text(text: str) -> None:
    """A result that is a text already."""
    _tell(1, text)


def out_json(document: Any) -> None:
    """A result for a script."""
    from storyboard.report.documents import as_json

    _tell(1, as_json(document))


def out_findings_json(found: Sequence[Diagnostic]) -> None:
    """Print findings as a document for scripts."""
    from storyboard.report.documents import lint_document

    out_json(lint_document(found, view().base))


def note(lines: Iterable[Line]) -> None:
    """Something about the run."""
    _tell(2, render(lines, has_colour(sys.stderr)))


def complain(message: str, help_: str | None = None, style: Style = "error") -> None:
    """What stands in the way, and what to do."""
    note([line((style, style), (f": {message}", "bold")), *([line(("  help", "bold"), f": {help_}")] if help_ else [])])


def tell_findings(compiled: Compiled) -> None:
    """Write the findings to stderr, since they are not what was asked for, and which named libraries are skipped."""
    skipped = [file.path.name for file in compiled.files if file.named and file.is_library]
    note([line(("note", "hint"), f": `{name}` is a library and is skipped") for name in skipped])
    if compiled.has_errors:
        found = compiled.diagnostics
        note([*report(found, view(sys.stderr)), summary(found, len(compiled.files))])
    elif any(count(compiled.diagnostics).values()):
        note([line(*summary(compiled.diagnostics, len(compiled.files)), (": storyboard lint shows them", "dim"))])


def can_ask() -> bool:
    """Whether somebody is there to answer."""
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)


def ask(question: str) -> bool:
    """A question to be answered with yes or no; anything else is no."""
    record_doubt("a question was answered")
    _tell(2, f"{clean(question)} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def has_colour(stream: TextIO) -> bool:
    """Whether a stream is a terminal that may be coloured."""
    return is_terminal(stream) and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def is_terminal(stream: TextIO) -> bool:
    """Whether a person reads it as it is written."""
    return stream.isatty()


def view(stream: TextIO | None = None) -> View:
    """What is written to a stream (stdout) is written for this."""
    return View(shutil.get_terminal_size().columns if is_terminal(stream or sys.stdout) else None, Path.cwd())
