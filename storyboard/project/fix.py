"""Applying the safe fixes of `lint --fix` to the files they mend."""

from __future__ import annotations

import codecs
from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import inf
from pathlib import Path

from storyboard.diagnostics import Edit, Fix, Severity
from storyboard.diagnostics.edits import Change, change_of, edited
from storyboard.files.disk import read_file
from storyboard.project.format import Formatted, write
from storyboard.source import Source
from storyboard.syntax import parse

ROUNDS = 20
"""A fix may show the next mistake; the files are read again at most this often."""

MOST_TRIED = 100
"""Fixes of one file that are tried one by one where they do not go together."""


def apply_fixes(fixes: Iterable[Fix]) -> tuple[Change, ...]:
    """Write fixes into their files, each file whole or not at all; return what changed. Raises StoryboardError."""
    of_file: dict[Path, list[Fix]] = defaultdict(list)
    for fix in fixes:
        of_file[fix.edits[0].span.source.path].append(fix)
    changes: list[Change] = []
    for path, each in of_file.items():
        source = each[0].edits[0].span.source
        kept = fixes_that_parse(source, each)
        if kept:
            _write(path, edited(source, _edits(kept)))
            changes += [change_of(source, fix) for fix in kept]
    return tuple(changes)


def fixes_that_parse(source: Source, fixes: Sequence[Fix]) -> Sequence[Fix]:
    """Return the fixes of a source that leave no more errors of its syntax than it has."""
    most = _syntax_errors(source)
    if _syntax_errors(Source(source.path, edited(source, _edits(fixes)))) <= most:
        return fixes
    kept: list[Fix] = []
    for fix in fixes[:MOST_TRIED]:
        if _syntax_errors(Source(source.path, edited(source, _edits([*kept, fix])))) <= most:
            kept.append(fix)
    return kept


def _edits(fixes: Iterable[Fix]) -> list[Edit]:
    return [edit for fix in fixes for edit in fix.edits]


def _syntax_errors(source: Source) -> float:
    """How many errors of its syntax a source has; infinitely many where nothing of it is understood."""
    outcome = parse(source)
    return inf if outcome.value is None else sum(each.severity is Severity.ERROR for each in outcome.diagnostics)


def _write(path: Path, text: str) -> None:
    before = read_file(path)
    mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
    write(Formatted(path, before, mark + text.encode()))
