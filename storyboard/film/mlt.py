"""MLT XML, for Shotcut, Kdenlive and the `melt` command."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from xml.etree import ElementTree as Tree

from storyboard.film.exported_film import ExportedFilm
from storyboard.film.frame_timeline import FrameShot
from storyboard.plain_text import one_line, plain

_BLACK = "#ff000000"
_SCENE_COLOUR, _NOTE_COLOUR = "#008b8b", "#c8a000"


def to_mlt(film: ExportedFilm) -> str:
    """A black ground and a track of clips over it, a clip a shot with its sound; a shot without its clip is black.

    Media are named relative to the file's own folder.
    """
    root = Tree.Element("mlt", {"LC_NUMERIC": "C", "version": "7.12.0", "title": film.title, "producer": "film"})
    _add_profile(root, film)
    shots = film.line.shots
    for number, shot in enumerate(shots, 1):
        _add_shot(root, film, shot, f"shot{number}")
    frames = film.line.frames
    _add_producer(root, "black", frames, {"mlt_service": "color", "resource": _BLACK, "mlt_image_format": "rgba"})
    ground = Tree.SubElement(root, "playlist", id="background")
    _add_entry(ground, "black", 0, frames)
    track = Tree.SubElement(root, "playlist", id="V1")
    _add_properties(track, {"shotcut:video": "1", "shotcut:name": "V1"})
    for number, shot in enumerate(shots, 1):
        start = shot.enters if _is_there(film, shot) else 0
        _add_entry(track, f"shot{number}", start, shot.length)
    tractor = Tree.SubElement(root, "tractor", {"id": "film", "in": "0", "out": str(max(0, frames - 1))})
    _add_properties(tractor, {"shotcut": "1"})
    _add_markers(tractor, film)
    Tree.SubElement(tractor, "track", producer="background")
    Tree.SubElement(tractor, "track", producer="V1")
    mix = Tree.SubElement(tractor, "transition", id="mix")
    _add_properties(mix, {"a_track": "0", "b_track": "1", "mlt_service": "mix", "always_active": "1", "sum": "1"})
    Tree.indent(root, " ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{Tree.tostring(root, encoding="unicode")}\n'


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
        _add_producer(root, name, shot.length, {"mlt_service": "color", "resource": _BLACK, **about})
        return
    lasts = max(shot.leaves, round(shot.media.seconds * film.line.rate))
    _add_producer(root, name, lasts, {"mlt_service": "avformat", "resource": film.relative_path(file), **about})


def _add_producer(root: Tree.Element, name: str, length: int, properties: Mapping[str, str]) -> None:
    producer = Tree.SubElement(root, "producer", {"id": name, "in": "0", "out": str(max(0, length - 1))})
    _add_properties(producer, {"length": str(length), "eof": "pause", **properties})


def _add_entry(playlist: Tree.Element, producer: str, start: int, length: int) -> None:
    if length:
        places = {"in": str(start), "out": str(start + length - 1)}
        Tree.SubElement(playlist, "entry", {"producer": producer, **places})


def _add_markers(tractor: Tree.Element, film: ExportedFilm) -> None:
    rate = film.line.rate
    words = [(scene.scene.title or scene.scene.name, scene.start, scene.length) for scene in film.line.scenes]
    marked = [(text, start, length, _SCENE_COLOUR) for text, start, length in words]
    for shot in film.line.shots:
        marked += [(note, shot.start, shot.length, _NOTE_COLOUR) for note in shot.cut.shot.beside.notes]
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
