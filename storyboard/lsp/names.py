"""Find where names are declared and used, and rename them everywhere."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from storyboard.diagnostics import Diagnostic, Edit, Severity
from storyboard.diagnostics.edits import edited
from storyboard.fast_named_tuples import NamedTuple
from storyboard.jobs.job import Job
from storyboard.lsp.live_check import LiveChecks, LiveReport
from storyboard.lsp.outline import all_blocks, name_of
from storyboard.source import Source, Span
from storyboard.story.references import mentions_in
from storyboard.story.symbols import FileNames, names_of
from storyboard.syntax.tree import ForDecl, ImportDecl, PhraseDecl, StoryFile, TemplateDecl, Unit


class NamePlace(NamedTuple):
    """An occurrence of a name: its `span`, and the place of its declaration."""

    span: Span
    declared: Span


class RenameRefused(Exception):
    """The new name is not possible; the message says why."""


def places_in(unit: Unit) -> Iterator[NamePlace]:
    """Return every place in a file where a name is declared or used."""
    names: FileNames = names_of(unit)[id(unit)]
    yield from (NamePlace(span, span) for span in _declared(unit.file))
    for mention in mentions_in(names):
        span = _exact(mention.span, mention.declared)
        if span is not None:
            yield NamePlace(span, mention.declared)


def place_at(unit: Unit, offset: int) -> NamePlace | None:
    """Return the name at an offset of a file."""
    here = [place for place in places_in(unit) if place.span.start <= offset <= place.span.end]
    return min(here, key=lambda place: place.span.end - place.span.start, default=None)


def places_of(checks: LiveChecks, near: Path, declared: Span) -> list[NamePlace]:
    """Return every place of a name in the project, its declaration first."""
    found: dict[tuple[Path, int], NamePlace] = {}
    seen: set[Path] = set()
    for top in checks.units(near):
        for unit in _reached(top):
            path = unit.file.source.path
            if path in seen:
                continue
            seen.add(path)
            for place in places_in(unit):
                if _is_same(place.declared, declared):
                    found.setdefault((path, place.span.start), place)
    return sorted(found.values(), key=lambda place: (not _is_same(place.span, declared), _order(place.span)))


def imported_file(report: LiveReport, offset: int) -> Path | None:
    """Return the file that the import at an offset names."""
    if report.unit is None:
        return None
    for statement in report.unit.file.statements:
        if isinstance(statement, ImportDecl) and statement.path.span.start <= offset <= statement.path.span.end:
            unit = next((other for decl, other in report.unit.imports if decl is statement), None)
            return unit.file.source.path if unit else None
    return None


class Renaming(NamedTuple):
    """The edits of a renaming, and the jobs whose prompts would change."""

    edits: tuple[Edit, ...]
    changed_jobs: tuple[Job, ...]


def rename(checks: LiveChecks, report: LiveReport, offset: int, new: str) -> Renaming:
    """Rename the name at an offset, everywhere. Raises RenameRefused if that would change the meaning of the
    project."""
    place = place_at(report.unit, offset) if report.unit else None
    if place is None:
        raise RenameRefused("there is no name here that can be changed")
    new = new.strip()
    old = _nfc(place.declared.text)
    if not new or any(letter.isspace() for letter in new):
        raise RenameRefused("a name is one word")
    edits = tuple(Edit(each.span, new) for each in places_of(checks, report.path, place.declared))
    of_file: dict[Path, tuple[Source, list[Edit]]] = {}
    for edit in edits:
        of_file.setdefault(edit.span.source.path, (edit.span.source, []))[1].append(edit)
    texts = {path: edited(source, each).encode() for path, (source, each) in of_file.items()}
    changed: list[Job] = []
    for unit in list(checks.units(report.path)):
        if not any(each.file.source.path in of_file for each in _reached(unit)):
            continue
        path = unit.file.source.path
        before, after = checks.check(path), checks.check(path, texts)
        _refuse_new_findings(before.found, after.found, f"`{old}` cannot be called `{new}` here")
        contents = {job.content for job in before.story.jobs} if before.story else set()
        changed += [job for job in (after.story.jobs if after.story else ()) if job.content not in contents]
    return Renaming(edits, tuple(changed))


def _refuse_new_findings(before: tuple[Diagnostic, ...], after: tuple[Diagnostic, ...], what: str) -> None:
    known = Counter(found.code for found in before)
    for found in sorted(after, key=lambda each: each.severity is not Severity.ERROR):
        if known[found.code] == 0:
            raise RenameRefused(f"{what}: {found.message}")
        known[found.code] -= 1


def _declared(file: StoryFile) -> Iterator[Span]:
    for block in all_blocks(file):
        statement = block.statement
        name = name_of(statement)
        if name is not None:
            yield name.span
        if isinstance(statement, PhraseDecl | TemplateDecl):
            yield from (parameter.name.span for parameter in statement.parameters)
        if isinstance(statement, ForDecl) and name is None:
            yield statement.variable.span


def _exact(span: Span, declared: Span) -> Span | None:
    """Correct the place of a used name: after an escape in a string it may be slightly off."""
    wanted = _nfc(declared.text)
    if _nfc(span.text) == wanted:
        return span
    text = span.source.text
    line_end = text.find("\n", span.start)
    at = text.find(declared.text, span.start, len(text) if line_end < 0 else line_end)
    return None if at < 0 else Span(span.source, at, at + len(declared.text))


def _is_same(one: Span, other: Span) -> bool:
    return one.start == other.start and one.source.path == other.source.path


def _order(span: Span) -> tuple[str, int]:
    return str(span.source.path), span.start


def _reached(unit: Unit) -> Iterator[Unit]:
    """Return a file and everything that it imports, each once."""
    seen: set[Path] = set()
    todo = [unit]
    while todo:
        current = todo.pop()
        if current.file.source.path not in seen:
            seen.add(current.file.source.path)
            yield current
            todo.extend(other for _, other in current.imports)


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
