"""MLT XML, for Shotcut, Kdenlive and the `melt` command."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from math import floor
from xml.etree import ElementTree as Tree

from storyboard.film.exported_film import ExportedFilm, ExportedMusic
from storyboard.film.frame_timeline import FrameShot
from storyboard.plain_text import one_line, plain

_BLACK = "#ff000000"
_SCENE_COLOUR, _NOTE_COLOUR = "#008b8b", "#c8a000"


def to_mlt(film: ExportedFilm) -> str:
    """Return a black ground and a track of clips over it, a clip a shot with its sound; a shot without its clip is
    black.

    Media are named relative to the file's own folder.
    """
    root = Tree.Element("mlt", {"LC_NUMERIC": "C", "version": "7.12.0", "title": film.title, "producer": "film"})
    _add_profile(root, film)
    shots = film.line.shots
    for number, shot in enumerate(shots, 1):
        _add_shot(root, film, shot, f"shot{number}")
    for number, (before, shot) in enumerate(pairwise(shots), 2):
        if shot.dissolves_in:
            _add_dissolve(root, film, before, shot, number)
    frames = film.line.frames
    _add_producer(root, "black", frames, {"mlt_service": "color", "resource": _BLACK, "mlt_image_format": "rgba"})
    ground = Tree.SubElement(root, "playlist", id="background")
    _add_entry(ground, "black", 0, frames)
    track = Tree.SubElement(root, "playlist", id="V1")
    _add_properties(track, {"shotcut:video": "1", "shotcut:name": "V1"})
    for number, shot in enumerate(shots, 1):
        mixed, goes_on = shot.dissolves_in, shot.dissolves_out
        if mixed:
            _add_entry(track, f"mix{number}", 0, mixed.frames)
        begins = mixed.after if mixed else 0
        length = shot.length - begins - (goes_on.before if goes_on else 0)
        _add_entry(track, f"shot{number}", _first_frame(film, shot) + begins, length)
    if film.music is not None:
        _add_music(root, film, film.music)
    tractor = Tree.SubElement(root, "tractor", {"id": "film", "in": "0", "out": str(max(0, frames - 1))})
    _add_properties(tractor, {"shotcut": "1"})
    _add_markers(tractor, film)
    Tree.SubElement(tractor, "track", producer="background")
    Tree.SubElement(tractor, "track", producer="V1")
    if film.music is not None:
        Tree.SubElement(tractor, "track", producer="A1", hide="video")
    for number in range(1, 3 if film.music is not None else 2):
        mix = Tree.SubElement(tractor, "transition", id=f"mix-track{number}")
        tracks = {"a_track": "0", "b_track": str(number)}
        _add_properties(mix, {**tracks, "mlt_service": "mix", "always_active": "1", "sum": "1"})
    Tree.indent(root, " ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{Tree.tostring(root, encoding="unicode")}\n'


def _first_frame(film: ExportedFilm, shot: FrameShot) -> int:
    """Return the frame of the shot's producer at which it begins: without its clip that is black, which begins
    anywhere."""
    return shot.enters if _is_there(film, shot) else _black_before(shot)


def _black_before(shot: FrameShot) -> int:
    return shot.dissolves_in.before if shot.dissolves_in else 0


def _add_dissolve(root: Tree.Element, film: ExportedFilm, before: FrameShot, shot: FrameShot, number: int) -> None:
    """A film of its own in which the end of a shot is seen together with the beginning of the next."""
    mixed = shot.dissolves_in
    assert mixed is not None
    last = str(mixed.frames - 1)
    tractor = Tree.SubElement(root, "tractor", {"id": f"mix{number}", "in": "0", "out": last})
    _add_properties(tractor, {"shotcut:transition": "lumaMix"})
    starts = (_first_frame(film, before) + before.length - mixed.before, _first_frame(film, shot) - mixed.before)
    for at, start in enumerate(starts, number - 1):
        places = {"in": str(start), "out": str(start + mixed.frames - 1)}
        Tree.SubElement(tractor, "track", {"producer": f"shot{at}", **places})
    tracks = {"a_track": "0", "b_track": "1"}
    seen = Tree.SubElement(tractor, "transition", {"id": f"luma{number}", "in": "0", "out": last})
    _add_properties(seen, {**tracks, "mlt_service": "luma"})
    heard = Tree.SubElement(tractor, "transition", {"id": f"crossfade{number}", "in": "0", "out": last})
    _add_properties(heard, {**tracks, "mlt_service": "mix", "start": "-1", "accepts_blanks": "1"})


def _add_fade(producer: Tree.Element, first: int, frames: int, *, goes_out: bool) -> None:
    """Filters that bring so many frames of a producer, from `first` on, out of black and silence, or to them."""
    light, sound = [f"0={0.5 / frames:.6f}", f"{frames - 1}={1 - 0.5 / frames:.6f}"], ["0=-60", f"{frames - 1}=0"]
    if goes_out:
        light = [f"0={1 - 0.5 / frames:.6f}", f"{frames - 1}={0.5 / frames:.6f}"]
        sound = ["0=0", f"{frames - 1}=-60"]
    places = {"in": str(first), "out": str(first + frames - 1)}
    way = "Out" if goes_out else "In"
    for service, levels, name in (
        ("brightness", light, f"fade{way}Brightness"),
        ("volume", sound, f"fade{way}Volume"),
    ):
        filter_ = Tree.SubElement(producer, "filter", places)
        values = {"level": ";".join(levels if frames > 1 else levels[:1])}
        _add_properties(filter_, {"mlt_service": service, **values, "shotcut:filter": name})


def _add_music(root: Tree.Element, film: ExportedFilm, music: ExportedMusic) -> None:
    """A track with the music on it."""
    rate = film.line.rate
    lasts = max(music.leaves, floor(music.seconds * rate))
    about = {"resource": film.relative_path(music.file), "video_index": "-1", "shotcut:caption": music.file.name}
    producer = _add_producer(root, "music", lasts, {"mlt_service": "avformat", **about})
    if music.gain:
        louder = Tree.SubElement(producer, "filter")
        _add_properties(louder, {"mlt_service": "volume", "level": f"{music.gain:g}"})
    track = Tree.SubElement(root, "playlist", id="A1")
    _add_properties(track, {"shotcut:audio": "1", "shotcut:name": "A1"})
    _add_entry(track, "music", music.enters, music.length)
    if music.length < film.line.frames:
        Tree.SubElement(track, "blank", length=str(film.line.frames - music.length))


def _is_there(film: ExportedFilm, shot: FrameShot) -> bool:
    return shot.media is not None and film.media(shot) is not None


def _add_profile(root: Tree.Element, film: ExportedFilm) -> None:
    look, rate = film.look, film.line.rate
    shape = Fraction(look.width, look.height) * look.pixel
    numbers = {
        "width": look.width,
        "height": look.height,
        "progressive": 1,
        "sample_aspect_num": look.pixel.numerator,
        "sample_aspect_den": look.pixel.denominator,
        "display_aspect_num": shape.numerator,
        "display_aspect_den": shape.denominator,
        "frame_rate_num": rate.numerator,
        "frame_rate_den": rate.denominator,
        "colorspace": 709,
    }
    Tree.SubElement(root, "profile", {"description": "film", **{name: str(each) for name, each in numbers.items()}})


def _add_shot(root: Tree.Element, film: ExportedFilm, shot: FrameShot, name: str) -> None:
    facts = film.fact_texts(shot)
    about = {"shotcut:caption": one_line(facts["address"])}
    about["shotcut:comment"] = "\n".join(f"{fact}: {value}" for fact, value in facts.items())
    about |= {f"storyboard:{fact}": value for fact, value in facts.items()}
    file = film.media(shot)
    if file is None or shot.media is None:
        lasts = _black_before(shot) + shot.length + (shot.dissolves_out.after if shot.dissolves_out else 0)
        _add_producer(root, name, lasts, {"mlt_service": "color", "resource": _BLACK, **about})
        return
    leaves = shot.leaves + (shot.dissolves_out.after if shot.dissolves_out else 0)
    lasts = max(leaves, round(shot.media.seconds * film.line.rate))
    media = {"mlt_service": "avformat", "resource": film.relative_path(file)}
    producer = _add_producer(root, name, lasts, {**media, **about})
    if shot.fade_in:
        _add_fade(producer, shot.enters, shot.fade_in, goes_out=False)
    if shot.fade_out:
        _add_fade(producer, shot.leaves - shot.fade_out, shot.fade_out, goes_out=True)


def _add_producer(root: Tree.Element, name: str, length: int, properties: Mapping[str, str]) -> Tree.Element:
    producer = Tree.SubElement(root, "producer", {"id": name, "in": "0", "out": str(max(0, length - 1))})
    _add_properties(producer, {"length": str(length), "eof": "pause", **properties})
    return producer


def _add_entry(playlist: Tree.Element, producer: str, start: int, length: int) -> None:
    if length:
        places = {"in": str(start), "out": str(start + length - 1)}
        Tree.SubElement(playlist, "entry", {"producer": producer, **places})


def _add_markers(tractor: Tree.Element, film: ExportedFilm) -> None:
    rate = film.line.rate
    marked: list[tuple[str, int, int, str]] = []
    for each in film.line.scenes:
        marked.append((each.scene.title or each.scene.name, each.start, each.length, _SCENE_COLOUR))
        marked += [(note, each.start, each.length, _NOTE_COLOUR) for note in each.scene.notes]
    for shot in film.line.shots:
        marked += [(note.text, note.start, note.length, _NOTE_COLOUR) for note in film.markers(shot)]
    if not marked:
        return
    markers = Tree.SubElement(tractor, "properties", name="shotcut:markers")
    for number, (text, start, length, colour) in enumerate(sorted(marked, key=lambda each: each[1])):
        marker = Tree.SubElement(markers, "properties", name=str(number))
        times = {"start": _clock(start / rate), "end": _clock((start + length) / rate)}
        _add_properties(marker, {"text": one_line(text), **times, "color": colour})


def _clock(seconds: Fraction) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"


def _add_properties(parent: Tree.Element, properties: Mapping[str, str]) -> None:
    for name, value in properties.items():
        Tree.SubElement(parent, "property", name=name).text = plain(value)
