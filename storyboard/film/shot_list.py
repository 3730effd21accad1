"""The film as a shot list in Markdown: a table for each scene, for people to read and print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from storyboard.film.exported_film import ExportedFilm
from storyboard.film.frame_timeline import FrameShot
from storyboard.film.timecode import timecode
from storyboard.plain_text import one_line

_COLUMNS = ("#", "shot", "in", "length", "picture", "say", "caption", "note")


def to_markdown(film: ExportedFilm) -> str:
    """Return the story's title, its notes, and each scene's shots with the words beside them."""
    return "\n".join(_lines(film)) + "\n"


def _lines(film: ExportedFilm) -> Iterator[str]:
    cut = film.cut
    by_scene: dict[str, list[FrameShot]] = {}
    for shot in film.line.shots:
        by_scene.setdefault(shot.cut.shot.scene, []).append(shot)
    yield f"# {_cell(cut.story.title)}"
    yield from _notes(cut.story.notes)
    for scene in cut.story.scenes:
        shots = by_scene.get(scene.name)
        if not shots:
            continue
        yield ""
        yield f"## {_cell(scene.title or scene.name)}"
        yield from _notes(scene.notes)
        yield ""
        yield f"| {' | '.join(_COLUMNS)} |"
        yield f"|{'---|' * len(_COLUMNS)}"
        for shot in shots:
            yield f"| {' | '.join(_row(film, shot))} |"


def _row(film: ExportedFilm, shot: FrameShot) -> Iterator[str]:
    rate = film.line.rate
    length = f"{float(shot.length / rate):.3f}".rstrip("0").rstrip(".")
    meant = shot.cut.shot
    source = f"({meant.local.kind}{': ' + meant.local.file if meant.local.file else ''}) " if meant.local else ""
    yield from (
        str(shot.cut.number),
        _cell(meant.address),
        timecode(shot.start, rate),
        f"{length} s",
        _cell(source + meant.prompt),
    )
    yield _cells(each.written for each in meant.beside.say)
    yield _cells(meant.beside.captions)
    yield _cells(film.notes(shot))


def _notes(notes: Iterable[str]) -> Iterator[str]:
    for note in notes:
        yield ""
        yield f"> {_cell(note)}"


def _cells(texts: Iterable[str]) -> str:
    return "<br>".join(map(_cell, texts))


def _cell(text: str) -> str:
    """Return a text in one line, with nothing that Markdown would take for more."""
    plain = one_line(text)
    for sign in "\\`*_[]<>|#":
        plain = plain.replace(sign, f"\\{sign}")
    return plain
