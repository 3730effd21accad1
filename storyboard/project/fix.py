"""Putting fixes into the files they mend."""

from __future__ import annotations

import codecs
import sys
from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from storyboard.diagnostics import Diagnostic, Edit, Fix
from storyboard.files.disk import read_file
from storyboard.project.format import Formatted, write
from storyboard.source import Source

ROUNDS = 20
"""A fix may show the next mistake; so often the files are read anew."""


def fixes_of(diagnostics: Iterable[Diagnostic]) -> tuple[Fix, ...]:
    """The fixes that can be put in at once: of two that touch the same text, the one that comes first."""
    taken: dict[Path, list[tuple[int, int]]] = defaultdict(list)
    chosen: dict[Fix, None] = {}
    for diagnostic in diagnostics:
        fix = diagnostic.fix
        if fix is None or fix in chosen or any(_meets(edit, taken[edit.span.source.path]) for edit in fix.edits):
            continue
        chosen[fix] = None
        for edit in fix.edits:
            insort(taken[edit.span.source.path], (edit.span.start, edit.span.end))
    return tuple(chosen)


def _meets(edit: Edit, taken: list[tuple[int, int]]) -> bool:
    """Whether it touches one of these stretches, which are in order and apart."""
    at = bisect_right(taken, (edit.span.end, sys.maxsize))
    return at > 0 and taken[at - 1][1] >= edit.span.start


def put_in(fixes: Iterable[Fix]) -> tuple[Path, ...]:
    """Writes the fixes into their files, each file whole or not at all; the files. Raises StoryboardError."""
    edits: dict[Path, list[Edit]] = defaultdict(list)
    for fix in fixes:
        for edit in fix.edits:
            edits[edit.span.source.path].append(edit)
    for path, each in edits.items():
        before = read_file(path)
        mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
        write(Formatted(path, before, mark + edited(each[0].span.source, each).encode()))
    return tuple(edits)


def edited(source: Source, edits: Iterable[Edit]) -> str:
    """A source's text with edits that do not touch each other."""
    pieces, behind = [], 0
    for edit in sorted(edits, key=lambda edit: edit.span.start):
        pieces += [source.text[behind : edit.span.start], edit.text]
        behind = edit.span.end
    return "".join([*pieces, source.text[behind:]])
