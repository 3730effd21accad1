"""Apply fixes to a text: which can be combined, the resulting text, and the changed lines."""

from __future__ import annotations

import sys
from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from storyboard.diagnostics.diagnostic import Diagnostic, Edit, Fix
from storyboard.fast_named_tuples import NamedTuple
from storyboard.source import Source


class Change(NamedTuple):
    """A change by a fix to consecutive lines: the first line's place, the old and the new lines."""

    path: Path
    line: int
    before: str
    after: str


def safe_fixes(diagnostics: Iterable[Diagnostic]) -> tuple[Fix, ...]:
    """Return the safe fixes that can be applied together: of two that touch the same text, the one that comes first."""
    taken: dict[Path, list[tuple[int, int]]] = defaultdict(list)
    chosen: dict[Fix, None] = {}
    for diagnostic in diagnostics:
        fix = diagnostic.fix
        if fix is None or not fix.safe or fix in chosen:
            continue
        if any(_meets(edit, taken[edit.span.source.path]) for edit in fix.edits):
            continue
        chosen[fix] = None
        for edit in fix.edits:
            insort(taken[edit.span.source.path], (edit.span.start, edit.span.end))
    return tuple(chosen)


def _meets(edit: Edit, taken: list[tuple[int, int]]) -> bool:
    """Whether it overlaps one of these stretches, which are sorted and disjoint."""
    at = bisect_right(taken, (edit.span.end, sys.maxsize))
    return at > 0 and taken[at - 1][1] >= edit.span.start


def edited(source: Source, edits: Iterable[Edit]) -> str:
    """Return a source's text with edits that do not touch each other."""
    return _edited(source.text, 0, len(source.text), edits)


def change_of(source: Source, fix: Fix) -> Change:
    """Return what a fix changes in a source, as whole lines."""
    edits = [edit for edit in fix.edits if edit.span.source is source]
    text = source.text
    start = text.rfind("\n", 0, min(edit.span.start for edit in edits)) + 1
    end = text.find("\n", max(edit.span.end for edit in edits))
    end = len(text) if end < 0 else end
    return Change(source.path, source.position(start).line, text[start:end], _edited(text, start, end, edits))


def _edited(text: str, start: int, end: int, edits: Iterable[Edit]) -> str:
    pieces, behind = [], start
    for edit in sorted(edits, key=lambda edit: edit.span.start):
        pieces += [text[behind : edit.span.start], edit.text]
        behind = edit.span.end
    return "".join([*pieces, text[behind:end]])
