"""A finding for people: what is wrong, the line, related places, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from storyboard.diagnostics import Diagnostic, Related, Severity
from storyboard.diagnostics.docs_site import page_of
from storyboard.fast_named_tuples import NamedTuple
from storyboard.report.style import Line, Style, StyledText, cells, clean, counted, crop, line, pad, shown
from storyboard.source import Position, Span

STYLES: dict[Severity, Style] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "hint"}
FIX = "fix available"
GUESS = "did you mean "
MOST_SHOWN = 200
"""Most findings that are shown in full; nobody reads more."""
NARROWEST = 20
UNCOUNTED = 100
"""Width of quoted source lines without a terminal: long lines are cut even then."""
LONGEST_MESSAGE = 2000


class View(NamedTuple):
    """What a report is written for: the width in columns (None without a terminal), and the folder that paths are
    relative to."""

    width: int | None
    base: Path


def report(diagnostics: Sequence[Diagnostic], view: View) -> list[Line]:
    """Return all findings, each followed by a blank line. The first one of each code points to its explanation."""
    lines: list[Line] = []
    explained: set[str] = set()
    for diagnostic in diagnostics[:MOST_SHOWN]:
        lines += frame(diagnostic, view, explain=diagnostic.code not in explained)
        lines.append(())
        explained.add(diagnostic.code)
    if len(diagnostics) > MOST_SHOWN:
        lines += [line(f"… and {len(diagnostics) - MOST_SHOWN} more; --json shows all"), ()]
    return lines


def frame(diagnostic: Diagnostic, view: View, explain: bool = True) -> list[Line]:
    """Return one finding."""
    start = diagnostic.span.position
    gutter = len(str(start.line))
    style = STYLES[diagnostic.severity]
    place = f"{shown(diagnostic.span.source.path, view.base)}:{start.line}:{start.column}"
    label: StyledText = StyledText(f"{diagnostic.severity}[{diagnostic.code}]", style)
    return [
        line(label, StyledText(f": {diagnostic.message[:LONGEST_MESSAGE]}", "bold")),
        line(StyledText(" " * gutter + " ┌─ ", "dim"), StyledText(place, "place")),
        *_quote(diagnostic, start, gutter, style, view),
        *_notes(diagnostic, gutter, view, explain),
    ]


def summary(diagnostics: Iterable[Diagnostic], files: int, elapsed: float | None = None) -> Line:
    """Return `2 errors, 1 warning in 3 files`; with the time only on a terminal, since it differs from run to run."""
    counts = count(diagnostics)
    found = ", ".join(counted(number, severity) for severity, number in counts.items() if number)
    time = f" ({elapsed * 1000:.0f} ms)" if elapsed is not None else ""
    worst: Style = next((STYLES[severity] for severity, number in counts.items() if number), "ok")
    return line((found or "no problems found", worst), f" in {counted(files, 'file')}{time}")


def count(diagnostics: Iterable[Diagnostic]) -> dict[Severity, int]:
    """Count the findings of each severity, the worst first."""
    counts = dict.fromkeys(Severity, 0)
    for diagnostic in diagnostics:
        counts[diagnostic.severity] += 1
    return counts


def _quote(diagnostic: Diagnostic, start: Position, gutter: int, style: Style, view: View) -> list[Line]:
    """Return the line with its mark."""
    width = view.width or UNCOUNTED
    cut = _cut(diagnostic.span, start, max(NARROWEST, width - gutter - 3))
    marks = StyledText("^" * cut.length, style)
    end = diagnostic.span.end_position
    label = _label(diagnostic) + (f" (to line {end.line})" if end.line > start.line and end.column > 1 else "")
    below = line((f"{'':{gutter}} │ ", "dim"), " " * cut.indent, marks, (f" {label}" if label else "", style))
    if diagnostic.fix and diagnostic.fix.safe:
        room = width - sum(cells(piece.text) for piece in below) - len(FIX)
        below += (StyledText(" " * max(2, min(room, 80 - width + room)) + FIX, "dim"),)
    return [(StyledText(f"{start.line} │ ", "dim"), StyledText(cut.text)), below]


def _label(diagnostic: Diagnostic) -> str:
    """Return the text after the marks: the label, or a short guess of what was meant."""
    help_ = diagnostic.help or ""
    return diagnostic.label or (help_ if help_.startswith(GUESS) else "")


class _Cut(NamedTuple):
    """A line cut to fit, and the columns of the mark below it."""

    text: str
    indent: int
    length: int


def _cut(span: Span, start: Position, width: int) -> _Cut:
    """Cut the line around the mark. Only as much as the width is ever measured."""
    whole = span.source.line_text(start.line)
    first = start.column - 1
    last = min(len(whole), first + max(0, span.end - span.start))
    begin = 0 if cells_up_to(whole, first, width) <= width * 2 // 3 else _begin(whole, first, width // 3)
    lead = "…" if begin else ""
    before = lead + clean(whole[begin:first])
    marked = clean(whole[first : min(last, first + width)])
    text = before + clean(whole[first : first + width + 1])
    shown_text = crop(text, width)
    indent = cells(before)
    return _Cut(shown_text.rstrip(), indent, max(1, min(cells(marked), width - indent)))


def cells_up_to(text: str, index: int, most: int) -> int:
    """Return the columns of `text[:index]`; for a long one only that it is more than `most`."""
    return index if index > most else cells(clean(text[:index]))


def _begin(text: str, index: int, width: int) -> int:
    """Return where to begin so that the text before `index` takes about `width` columns."""
    tail = text[max(0, index - width) : index]
    while tail and cells(clean(tail)) > width:
        tail = tail[max(1, (cells(clean(tail)) - width) // 2) :]
    return index - len(tail)


def _notes(diagnostic: Diagnostic, gutter: int, view: View, explain: bool) -> list[Line]:
    blank = " " * gutter
    notes = _related(diagnostic.related, blank, view)
    if diagnostic.help and diagnostic.help != _label(diagnostic):
        notes.append(line((f"{blank} = ", "dim"), ("help", "bold"), f": {diagnostic.help}"))
    if explain:
        page = page_of(diagnostic.code)
        more = f", {page}" if page else ""
        notes.append(line((f"{blank} = explain: storyboard explain {diagnostic.code}{more}", "dim")))
    return [line((f"{blank} │", "dim")), *notes] if notes else []


def _related(related: Sequence[Related], blank: str, view: View) -> list[Line]:
    """Return the related places, with their paths aligned."""
    messages = [clean(item.message) for item in related]
    widest = min(max(map(cells, messages), default=0), (view.width or UNCOUNTED) // 2)
    lines = []
    for number, (item, message) in enumerate(zip(related, messages, strict=True)):
        lead = f"{blank} = " if number == 0 else f"{blank}   "
        place = f"{shown(item.span.source.path, view.base)}:{item.span.position.line}"
        lines.append(line((lead, "dim"), pad(message, widest) + "  ", (place, "place")))
    return lines
