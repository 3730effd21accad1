"""OpenTimelineIO's own JSON, written without its library: the same film gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

from storyboard.film.exported_film import ExportedFilm, ExportedMusic
from storyboard.film.frame_timeline import FrameScene, FrameShot
from storyboard.plain_text import one_line, plain

Linked = Callable[[Path], str]
"""How a media file is named in the list."""


def to_otio(film: ExportedFilm, linked: Linked | None = None) -> str:
    """Return a timeline with a track of pictures and, where any clip has sound, one of sound; a clip a shot.

    Media are linked relative to the file's own folder, unless `linked` says otherwise. A shot without its clip is a
    clip without media.
    """
    linked = linked or film.relative_url
    tracks = [_track("V1", "Video", _pictures(film, linked))]
    if film.line.has_sound:
        tracks.append(_track("A1", "Audio", _sounds(film, linked)))
    if film.music is not None:
        tracks.append(_track("Music", "Audio", _music(film.music, film.line.rate, linked)))
    stack = _dumped(
        {
            "OTIO_SCHEMA": "Stack.1",
            "name": "tracks",
            "source_range": None,
            "effects": [],
            "markers": [_scene_marker(scene, film.line.rate) for scene in film.line.scenes],
            "metadata": {},
        },
        "children",
        f"[\n{','.join(tracks)}]",
    )
    about = {"notes": _texts(film.cut.story.notes), "logline": plain(film.cut.story.logline)}
    timeline = {
        "OTIO_SCHEMA": "Timeline.1",
        "name": film.title,
        "global_start_time": _time(0, film.line.rate),
        "metadata": {"storyboard": about},
    }
    return _dumped(timeline, "tracks", stack) + "\n"


def _dumped(value: Mapping[str, Any], name: str, content: str) -> str:
    """Return a value as JSON, with one more field, which is JSON already: indented JSON is far slower, and this is a
    line a clip."""
    return f"{json.dumps(value, ensure_ascii=False)[:-1]}, {json.dumps(name)}: {content}}}"


def _pictures(film: ExportedFilm, linked: Linked) -> Iterator[dict[str, Any]]:
    rate = film.line.rate
    for number, shot in enumerate(film.line.shots, 1):
        yield from _begins(shot, rate)
        yield _clip(film, shot, number, linked)
        yield from _goes_to_black(shot, rate)
        if film.seen(shot) < shot.length:
            yield _gap(shot.length - film.seen(shot), rate)


def _sounds(film: ExportedFilm, linked: Linked) -> Iterator[dict[str, Any]]:
    rate = film.line.rate
    was_heard = False
    for number, shot in enumerate(film.line.shots, 1):
        heard = film.seen(shot) if shot.has_sound else 0
        if heard or (was_heard and shot.dissolves_in):
            yield from _begins(shot, rate)
        if heard:
            yield _clip(film, shot, number, linked, sound=True)
            yield from _goes_to_black(shot, rate)
        if heard < shot.length:
            yield _gap(shot.length - heard, rate)
        was_heard = bool(heard)


def _begins(shot: FrameShot, rate: Fraction) -> Iterator[dict[str, Any]]:
    """Yield the dissolve from the shot before, or from black."""
    if shot.dissolves_in:
        yield _dissolve(shot.dissolves_in.before, shot.dissolves_in.after, rate)
    elif shot.fade_in:
        yield _dissolve(0, shot.fade_in, rate)


def _goes_to_black(shot: FrameShot, rate: Fraction) -> Iterator[dict[str, Any]]:
    """Black for as long as the shot fades out, and the dissolve to it: OpenTimelineIO knows no other fade."""
    if shot.fade_out:
        yield _dissolve(0, shot.fade_out, rate)
        yield _gap(shot.fade_out, rate)


def _dissolve(before: int, after: int, rate: Fraction) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Transition.1",
        "name": "Cross Dissolve",
        "transition_type": "SMPTE_Dissolve",
        "in_offset": _time(before, rate),
        "out_offset": _time(after, rate),
        "metadata": {},
    }


def _music(music: ExportedMusic, rate: Fraction, linked: Linked) -> Iterator[dict[str, Any]]:
    media = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "name": music.file.name,
        "target_url": linked(music.file),
        "available_range": _range(0, max(music.leaves, floor(music.seconds * rate)), rate),
        "metadata": {},
    }
    yield {
        "OTIO_SCHEMA": "Clip.2",
        "name": one_line(music.file.name),
        "source_range": _range(music.enters, music.length, rate),
        "effects": [],
        "markers": [],
        "media_references": {"DEFAULT_MEDIA": media},
        "active_media_reference_key": "DEFAULT_MEDIA",
        "metadata": {"storyboard": {"gain_db": music.gain}},
    }


def _track(name: str, kind: str, children: Iterable[Mapping[str, Any]]) -> str:
    track: dict[str, Any] = {
        "OTIO_SCHEMA": "Track.1",
        "name": name,
        "kind": kind,
        "source_range": None,
        "effects": [],
        "markers": [],
        "metadata": {},
    }
    lines = ",\n".join(json.dumps(child, ensure_ascii=False) for child in children)
    return _dumped(track, "children", f"[\n{lines}\n]") + "\n"


def _clip(film: ExportedFilm, shot: FrameShot, number: int, linked: Linked, *, sound: bool = False) -> dict[str, Any]:
    rate = film.line.rate
    linking = {"Link Group ID": number} if shot.has_sound else {}
    facts: dict[str, Any] = {name: _plain(value) for name, value in film.facts(shot).items()}
    notes = () if sound else film.markers(shot)
    used = _range(shot.enters, film.seen(shot) - shot.fade_out, rate)
    return {
        "OTIO_SCHEMA": "Clip.2",
        "name": one_line(shot.cut.shot.address),
        "source_range": used,
        "effects": [],
        "markers": [
            _marker(
                one_line(each.text),
                plain(each.text),
                "YELLOW",
                _range(shot.enters + each.start - shot.start, each.length, rate),
            )
            for each in notes
        ],
        "media_references": {"DEFAULT_MEDIA": _media(film, shot, linked)},
        "active_media_reference_key": "DEFAULT_MEDIA",
        "metadata": {"storyboard": facts, **({"Resolve_OTIO": linking} if linking else {})},
    }


def _gap(length: int, rate: Fraction) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Gap.1",
        "name": "",
        "source_range": _range(0, length, rate),
        "effects": [],
        "markers": [],
        "metadata": {},
    }


def _scene_marker(scene: FrameScene, rate: Fraction) -> dict[str, Any]:
    meant = scene.scene
    words = [meant.title or meant.name, *meant.notes]
    return _marker(one_line(words[0]), "\n".join(map(plain, words)), "CYAN", _range(scene.start, scene.length, rate))


def _marker(name: str, comment: str, colour: str, marked: dict[str, Any]) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Marker.2",
        "name": name,
        "color": colour,
        "marked_range": marked,
        "comment": comment,
        "metadata": {},
    }


def _media(film: ExportedFilm, shot: FrameShot, linked: Linked) -> dict[str, Any]:
    file, media = film.media(shot), shot.media
    if file is None or media is None:
        return {"OTIO_SCHEMA": "MissingReference.1", "name": shot.job.file, "available_range": None, "metadata": {}}
    return {
        "OTIO_SCHEMA": "ExternalReference.1",
        "name": file.name,
        "target_url": linked(file),
        "available_range": _range(0, media.frames, media.fps),
        "metadata": {},
    }


def _range(start: int, length: int, rate: Fraction) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(start, rate), "duration": _time(length, rate)}


def _time(value: int, rate: Fraction) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(value)}


def _plain(value: object) -> object:
    if isinstance(value, list):
        return _texts(value)
    return plain(value) if isinstance(value, str) else value


def _texts(texts: Iterable[str]) -> list[str]:
    return [plain(text) for text in texts]
