"""Import a file of another format: read it, write it as a story, and check what was written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from storyboard.diagnostics import Diagnostic, Severity
from storyboard.errors import StoryboardError, UsageError
from storyboard.files.disk import read_file, reason
from storyboard.files.writing import create_file
from storyboard.importing.imported_film import ImportedFilm
from storyboard.importing.source_formats import (
    CannotImport,
    StoryInText,
    data_in,
    decode_text,
    format_of,
    read_film,
    story_in,
    unfenced,
)
from storyboard.importing.story_text import ImportedStory, WrittenLine, joined, write_story
from storyboard.project.check import Checker
from storyboard.project.compile import compile_all, stored_lock
from storyboard.project.workspace import Run
from storyboard.source import Source
from storyboard.syntax import decode, format_source

ROUNDS = 8
"""Turning a line into a note may reveal the next one; a story is checked at most this often."""
MOST = 20_000_000
"""Largest file that is imported, in bytes."""


def import_bytes(name: str, data: bytes, run: Run, place: Path, kind: str | None = None) -> ImportedStory:
    """Convert a file's content to a story. `place` is where it will be written; `kind` is its format, if given.

    Raises UsageError if the content is of no format that can be read, or holds no shot.
    """
    try:
        decoded = decode_text(data)
        within = story_in(decoded.text) if kind is None else None
        if within is not None:
            return _story_within(within, decoded.encoding, run, place)
        inside = unfenced(decoded.text)
        among = data_in(decoded.text) if kind is None and inside is None else None
        if among is not None:
            kind, film = "json", read_film(among.data, "json")
            film.notes += [line.text for line in among.around]
            film.kept += among.around
        else:
            text = decoded.text if inside is None else inside
            kind = kind or format_of(name if inside is None else "", text)
            film = read_film(text, kind)
    except CannotImport as trouble:
        raise UsageError(f"{name} cannot be imported: {trouble.why}", help=trouble.way_out) from None
    if not film.shots:
        raise UsageError(
            f"{name} cannot be imported: no shots found in it (read as {kind})",
            help="number the shots or name the columns; --from fountain makes a shot of each paragraph",
        )
    title = name.rpartition("/")[2].rsplit(".", 1)[0].replace("_", " ").replace("-", " ").strip() or "Untitled"
    film_title = title[:1].upper() + title[1:]
    written, findings = _accepted(film, film_title, run, place)
    return ImportedStory(
        written,
        kind,
        decoded.encoding,
        len(film.scenes),
        len(film.shots),
        sum(shot.seconds is None for shot in film.shots),
        sum(not any(shot.text) for shot in film.shots),
        tuple(sorted(film.kept)),
        findings,
    )


def _story_within(within: StoryInText, encoding: str, run: Run, place: Path) -> ImportedStory:
    """Return a finished story from a code block."""
    text = format_source(Source(place, within.story))
    headers = [line.split(" ", 1)[0] for line in text.splitlines()]
    scenes, shots = headers.count("scene"), headers.count("shot")
    found = _findings(Source(place, text), run)
    return ImportedStory(text, "story", encoding, max(scenes, 1), shots, 0, 0, tuple(within.around), found)


def read_source(path: Path, shown: str) -> bytes:
    """Return a file's content; raises UsageError if it cannot be read. `shown` is its name in messages."""
    try:
        return read_file(path, MOST)
    except FileNotFoundError:
        raise UsageError(f"there is no file `{shown}`") from None
    except OSError as trouble:
        raise UsageError(f"{shown} cannot be read: {reason(trouble)}") from trouble


def write_new(path: Path, shown: str, text: str) -> None:
    """Write the story to a new file; raises UsageError if something is there already. `shown` is its name in
    messages."""
    try:
        create_file(path, text)
    except FileExistsError:
        raise UsageError(
            f"`{shown}` already exists and is not replaced", help="write to another file: --out NAME.story"
        ) from None
    except OSError as trouble:
        raise StoryboardError(f"{shown} cannot be written: {reason(trouble)}") from trouble


def _accepted(film: ImportedFilm, title: str, run: Run, place: Path) -> tuple[str, tuple[Diagnostic, ...]]:
    """Turn every line that the checks refuse as a prompt into a note; return the story's text and the remaining
    findings."""
    for _ in range(ROUNDS):
        lines = write_story(film, title)
        source = Source(place, joined(lines))
        findings = _findings(source, run)
        if not _demote(film, lines, findings):
            break
    formatted = format_source(source)
    return formatted, _findings(Source(place, formatted), run)


def _findings(source: Source, run: Run) -> tuple[Diagnostic, ...]:
    decoded = decode(source.path, source.text.encode())
    if decoded.value is None or decoded.diagnostics:
        return decoded.diagnostics
    checked = Checker(run.project_of, {}, {}).source(decoded.value)
    return compile_all(checked, "", stored_lock("")).diagnostics


def _demote(film: ImportedFilm, lines: Sequence[WrittenLine], findings: Sequence[Diagnostic]) -> bool:
    """Turn each line with an error or a warning into a note, or whatever else it allows; return whether there was
    any."""
    places: dict[int, str] = {}
    for found in findings:
        if found.severity in (Severity.ERROR, Severity.WARNING):
            places.setdefault(found.span.position.line, found.code)
    acted = False
    for place, code in places.items():
        written = lines[place - 1] if place <= len(lines) else None
        if written is None or written.demote is None:
            continue
        became = written.demote(code)
        if not became:
            continue
        acted = True
        film.keep(written.line, written.text.strip(), became)
    return acted
