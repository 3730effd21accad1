"""Stories rewritten in place: in the canonical layout, and with the safe fixes of `lint --fix`."""

from __future__ import annotations

import codecs
from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import inf
from pathlib import Path

from storyboard.diagnostics import Diagnostic, Edit, Fix, Severity
from storyboard.diagnostics.edits import Change, change_of, edited
from storyboard.errors import StoryboardError, UsageError
from storyboard.fast_dataclasses import dataclass
from storyboard.files.disk import read_file, reason
from storyboard.files.writing import replace_file
from storyboard.project.check import STDIN
from storyboard.project.discovery import Target
from storyboard.source import Source
from storyboard.syntax import decode, format_source, parse

ROUNDS = 20
"""A fix may reveal the next mistake; the files are read again at most this often."""

MOST_TRIED = 100
"""How many fixes of one file are tried one by one if they conflict."""


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file before and after formatting; `after` is None if it is not text, which `diagnostics` report."""

    path: Path
    before: bytes
    after: bytes | None
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether formatting changes it."""
        return self.after is not None and self.after != self.before


def format_all(targets: Sequence[Target]) -> tuple[Formatted, ...]:
    """Format every file; nothing is written. Raises UsageError if one cannot be read."""
    return tuple(format_bytes(target.path, _read(target.path)) for target in targets)


def format_bytes(path: Path, content: bytes) -> Formatted:
    """Format a file's content; `path` can be that of standard input."""
    source = decode(path, content)
    if source.value is None or source.diagnostics:
        return Formatted(path, content, None, source.diagnostics)
    return Formatted(path, content, format_source(source.value).encode())


def write(formatted: Formatted) -> None:
    """Put the new layout in the file's place, whole or not at all; raises StoryboardError if the disk refuses."""
    if formatted.after is None or formatted.path == STDIN:
        return
    path = formatted.path
    try:
        replace_file(path, formatted.after)
    except OSError as trouble:
        raise StoryboardError(f"{path} cannot be written: {reason(trouble)}") from trouble


def _read(path: Path) -> bytes:
    try:
        return read_file(path)
    except OSError as trouble:
        raise UsageError(f"{path} cannot be read: {reason(trouble)}") from trouble


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
            _write_text(path, edited(source, _edits(kept)))
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
    """Count the syntax errors of a source; infinite if nothing of it is understood."""
    outcome = parse(source)
    return inf if outcome.value is None else sum(each.severity is Severity.ERROR for each in outcome.diagnostics)


def _write_text(path: Path, text: str) -> None:
    before = read_file(path)
    mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
    write(Formatted(path, before, mark + text.encode()))
