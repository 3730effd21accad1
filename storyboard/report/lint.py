"""What `lint` found; what `lint --fix` did, and what it could do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from storyboard.diagnostics import Diagnostic
from storyboard.diagnostics.edits import Change, safe_fixes
from storyboard.report.frames import View, report, summary
from storyboard.report.style import Line, clean, counted, crop, line, shown

CONTEXT = 12
"""How many characters are shown on each side of a change."""
LONGEST_SIDE = 70
"""Longest part of a changed line that is shown, in characters."""


def lint_report(found: Sequence[Diagnostic], view: View, files: int, elapsed: float | None = None) -> list[Line]:
    """Return the findings of `files` files, their number, and how many `--fix` can fix; `elapsed` is in seconds."""
    return [*report(found, view), summary(found, files, elapsed), *_fixable(found)]


def _fixable(diagnostics: Sequence[Diagnostic]) -> list[Line]:
    """Say how many findings `lint --fix` can fix; nothing if none."""
    count = len(safe_fixes(diagnostics))
    return [line(f"{count} can be fixed by ", ("storyboard lint --fix", "bold"))] if count else []


def mended(changes: Sequence[Change], base: Path) -> list[Line]:
    """List each change with its place, then their number; nothing if there were none."""
    if not changes:
        return []
    files = len({change.path for change in changes})
    total = line(("fixed", "ok"), f": {counted(len(changes), 'place')} in {counted(files, 'file')}")
    return [*(_change(change, base) for change in changes), total]


def _change(change: Change, base: Path) -> Line:
    before, after = _sides(change.before, change.after)
    place = f"{shown(change.path, base)}:{change.line}"
    return line((place, "place"), "  ", (before, "error"), (" → ", "dim"), (after, "ok"))


def _sides(before: str, after: str) -> tuple[str, str]:
    """Return the two texts around their difference, each in one line."""
    shortest = min(len(before), len(after))
    same = next((at for at in range(shortest) if before[at] != after[at]), shortest)
    start = before.rfind(" ", 0, max(0, same - CONTEXT)) + 1
    return _side(before, start), _side(after, start)


def _side(text: str, start: int) -> str:
    cut = text[start:] if text[:start].strip() else text
    lines = [part.strip() for part in cut.split("\n")]
    return crop(clean(("… " if cut is not text else "") + " ⏎ ".join(lines)), LONGEST_SIDE)
