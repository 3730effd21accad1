"""Output: results to stdout, everything about the run to stderr; colour only on terminals."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from storyboard.cli.run_log import run_log
from storyboard.files.disk import record_doubt
from storyboard.files.environment import environ
from storyboard.files.transcript import current_run
from storyboard.report.frames import View, count, report, summary
from storyboard.report.style import Line, Style, clean, line, render

if TYPE_CHECKING:
    from storyboard.diagnostics import Diagnostic
    from storyboard.project import Compiled
    from storyboard.report.record_document_types import Level


def _tell(number: int, text: str, again: str | None = None) -> None:
    current_run().said.append((number, text if again is None else again))
    (sys.stdout if number == 1 else sys.stderr).write(text)


def out(lines: Iterable[Line], again: Iterable[Line] | None = None) -> None:
    """Print a result for people; `again` is the text for a cached answer, if it differs."""
    colour = has_colour(sys.stdout)
    _tell(1, render(lines, colour), None if again is None else render(again, colour))


def out_line(*parts: str | tuple[str, Style]) -> None:
    """Print a result of one line; a part is a text, or a text and its style."""
    out([line(*parts)])


def out_done(text: str) -> None:
    """Print one line that says what was done, with a tick."""
    out_line(("✓ ", "ok"), text)


def out_text(text: str) -> None:
    """Print a result that is already text."""
    _tell(1, text)


def out_json(document: Any) -> None:
    """Print a result for scripts."""
    from storyboard.report.documents import as_json

    _tell(1, as_json(document))


def out_findings_json(found: Sequence[Diagnostic]) -> None:
    """Print findings as a document for scripts."""
    from storyboard.report.documents import lint_document

    out_json(lint_document(found, view().base))


def note(lines: Iterable[Line], level: Level = "info") -> None:
    """Print something about the run to stderr; if the log is JSON, as a line of it with this level."""
    if run_log.lines is not None:
        run_log.lines.say(tuple(lines), level)
    else:
        _tell(2, render(lines, has_colour(sys.stderr)))


def note_line(text: str) -> None:
    """Print one line about the run to stderr."""
    note([line(text)])


def hint(text: str) -> None:
    """Print a remark about the run to stderr, behind the word `note`."""
    note([line(("note", "hint"), f": {text}")])


def flush() -> None:
    """Make what was printed visible to whoever reads stdout, while the command goes on."""
    sys.stdout.flush()


def log_as_json() -> None:
    """From now on, write everything about the run to stderr as lines of JSON."""
    from storyboard.report.event_log import EventLog

    record_doubt("the log has times in it")
    run_log.lines = EventLog(_write_log, [environ.get("STORYBOARD_API_KEY", "").strip()])


def _write_log(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def complain(message: str, help_: str | None = None, style: Style = "error") -> None:
    """Print an error and what to do."""
    lines = [
        line((style, style), (f": {message}", "bold")),
        *([line(("  help", "bold"), f": {help_}")] if help_ else []),
    ]
    note(lines, "error" if style == "error" else "warning")


def tell_findings(compiled: Compiled) -> None:
    """Write the findings to stderr, beside a command's own result, and name skipped libraries."""
    skipped = [file.path.name for file in compiled.files if file.named and file.is_library]
    note([line(("note", "hint"), f": `{name}` is a library and is skipped") for name in skipped])
    if compiled.has_errors:
        found = compiled.diagnostics
        note([*report(found, note_view()), summary(found, len(compiled.files))])
    elif any(count(compiled.diagnostics).values()):
        note([line(*summary(compiled.diagnostics, len(compiled.files)), (": storyboard lint shows them", "dim"))])


def can_ask() -> bool:
    """Whether there is a terminal to ask on."""
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)


def ask(question: str) -> bool:
    """Ask a yes-or-no question; anything but yes is no."""
    record_doubt("a question was answered")
    _tell(2, f"{clean(question)} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def has_colour(stream: TextIO) -> bool:
    """Whether a stream is a terminal with colour."""
    return is_terminal(stream) and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def is_terminal(stream: TextIO) -> bool:
    """Whether a stream is a terminal."""
    return stream.isatty()


def note_view() -> View:
    """Return the width and base folder for lines about the run, on stderr."""
    return view(sys.stderr)


def view(stream: TextIO | None = None) -> View:
    """Return the width and base folder for output to a stream (default: stdout)."""
    if not is_terminal(stream or sys.stdout):
        return View(None, Path.cwd())
    from shutil import get_terminal_size

    return View(get_terminal_size().columns, Path.cwd())
