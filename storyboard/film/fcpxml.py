"""FCPXML 1.9, for Final Cut Pro and DaVinci Resolve."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor
from pathlib import Path
from xml.etree import ElementTree as Tree

from storyboard.film.exported_film import ExportedFilm, ExportedMusic
from storyboard.film.frame_timeline import FrameScene, FrameShot, FrameTransition
from storyboard.media.clip_format import ClipFormat
from storyboard.plain_text import one_line, plain

_CONFORM_RATES = {
    Fraction(rate * 1000, 1001) if is_ntsc else Fraction(rate): name
    for rate, is_ntsc, name in (
        (24, True, "23.98"),
        (24, False, "24"),
        (25, False, "25"),
        (30, True, "29.97"),
        (30, False, "30"),
        (48, True, "47.95"),
        (48, False, "48"),
        (50, False, "50"),
        (60, True, "59.94"),
        (60, False, "60"),
    )
}
"""The rates of clips that a sequence of another rate can take in, as the format names them."""


def to_fcpxml(film: ExportedFilm) -> str:
    """Return a project with one storyline, a clip a shot with its sound; a shot without its clip is a gap of its name.

    Media are named by their full place: the programs that read this take no relative ones.
    """
    root = Tree.Element("fcpxml", version="1.9")
    resources = Tree.SubElement(root, "resources")
    formats = _add_formats(resources, film)
    assets: dict[Path, str] = {}
    event = Tree.SubElement(Tree.SubElement(root, "library"), "event", name=film.title)
    project = Tree.SubElement(event, "project", name=film.title)
    about = {"duration": _time(film.line.frames, film.line.rate), "tcStart": "0s", "tcFormat": "NDF"}
    sound = {"audioLayout": "stereo", "audioRate": "48k"} if film.line.has_sound or film.music else {}
    sequence = Tree.SubElement(project, "sequence", {"format": "r1", **about, **sound})
    spine = Tree.SubElement(sequence, "spine")
    scenes = {scene.start: scene for scene in film.line.scenes}
    for shot in film.line.shots:
        media, file = shot.media, film.media(shot)
        if shot.dissolves_in:
            _add_dissolve(spine, shot, shot.dissolves_in, film.line.rate)
        if media is None or file is None:
            clip = _gap(spine, film, shot)
        else:
            if file not in assets:
                assets[file] = f"r{len(formats) + len(assets) + 1}"
                _add_asset(resources, film, file, media, (assets[file], formats[_format_of(media)]))
            clip = _clip(spine, film, shot, media, assets[file])
        _add_markers(clip, film, shot, [scenes[shot.start]] if shot.start in scenes else ())
        if clip.tag != "gap":
            _add_metadata(clip, film, shot)
        if film.seen(shot) < shot.length:
            rest = {"offset": _time(shot.start + film.seen(shot), film.line.rate), "name": "gap", "start": "0s"}
            Tree.SubElement(spine, "gap", {**rest, "duration": _time(shot.length - film.seen(shot), film.line.rate)})
    if film.music is not None and film.line.shots:
        _add_music(resources, spine, film, film.music, f"r{len(formats) + len(assets) + 1}")
    Tree.indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{Tree.tostring(root, encoding="unicode")}\n'


def _format_of(media: ClipFormat) -> tuple[Fraction, int, int]:
    return media.fps, media.width, media.height


def _add_formats(resources: Tree.Element, film: ExportedFilm) -> dict[tuple[Fraction, int, int], str]:
    """Return the film's format, which is `r1`, and those of clips that have another."""
    look = film.look
    found = dict.fromkeys([(film.line.rate, look.width, look.height)])
    found |= dict.fromkeys(_format_of(shot.media) for shot in film.line.shots if shot.media is not None)
    names = {each: f"r{number}" for number, each in enumerate(found, 1)}
    for (fps, width, height), name in names.items():
        size = {"width": str(width), "height": str(height)}
        Tree.SubElement(resources, "format", {"id": name, "frameDuration": _time(1, fps), **size})
    return names


def _add_asset(
    resources: Tree.Element, film: ExportedFilm, file: Path, media: ClipFormat, names: tuple[str, str]
) -> None:
    what = {"id": names[0], "name": file.name, "start": "0s", "duration": _time(media.frames, media.fps)}
    what |= {"hasVideo": "1", "format": names[1], "videoSources": "1"}
    if media.has_sound:
        what |= {"hasAudio": "1", "audioSources": "1", "audioChannels": str(media.channels)}
        what |= {"audioRate": str(media.sound_rate)}
    asset = Tree.SubElement(resources, "asset", what)
    Tree.SubElement(asset, "media-rep", kind="original-media", src=film.absolute_url(file))


def _clip(spine: Tree.Element, film: ExportedFilm, shot: FrameShot, media: ClipFormat, asset: str) -> Tree.Element:
    rate = film.line.rate
    places = {"start": _time(shot.enters, rate), "duration": _time(film.seen(shot), rate), "tcFormat": "NDF"}
    sound = {"audioRole": "dialogue"} if media.has_sound else {}
    clip = Tree.SubElement(
        spine, "asset-clip", {"ref": asset, "offset": _time(shot.start, rate), **_name(shot), **places, **sound}
    )
    Tree.SubElement(clip, "note").text = plain(shot.cut.shot.prompt)
    if media.fps != rate and media.fps in _CONFORM_RATES:
        Tree.SubElement(clip, "conform-rate", scaleEnabled="0", srcFrameRate=_CONFORM_RATES[media.fps])
    if shot.fade_in or shot.fade_out:
        _add_fade(Tree.SubElement(clip, "adjust-blend"), "amount", shot, rate)
        if media.has_sound:
            _add_fade(Tree.SubElement(clip, "adjust-volume"), "amount", shot, rate)
    return clip


def _add_fade(adjusted: Tree.Element, parameter: str, shot: FrameShot, rate: Fraction) -> None:
    param = Tree.SubElement(adjusted, "param", name=parameter)
    if shot.fade_in:
        Tree.SubElement(param, "fadeIn", type="linear", duration=_time(shot.fade_in, rate))
    if shot.fade_out:
        Tree.SubElement(param, "fadeOut", type="linear", duration=_time(shot.fade_out, rate))


def _add_dissolve(spine: Tree.Element, shot: FrameShot, mixed: FrameTransition, rate: Fraction) -> None:
    """Without an effect of its own, a transition is a cross dissolve, of the sound too."""
    places = {"offset": _time(shot.start - mixed.before, rate), "duration": _time(mixed.frames, rate)}
    Tree.SubElement(spine, "transition", {"name": "Cross Dissolve", **places})


def _add_music(
    resources: Tree.Element, spine: Tree.Element, film: ExportedFilm, music: ExportedMusic, asset: str
) -> None:
    """The music below the storyline, connected to its first clip, whose own time its offset counts in."""
    rate, first = film.line.rate, film.line.shots[0]
    about = {"id": asset, "name": music.file.name, "start": "0s", "hasAudio": "1", "audioSources": "1"}
    lasts = {"duration": _time(max(music.leaves, floor(music.seconds * rate)), rate), "audioChannels": "2"}
    Tree.SubElement(
        Tree.SubElement(resources, "asset", {**about, **lasts}),
        "media-rep",
        kind="original-media",
        src=film.absolute_url(music.file),
    )
    places = {"start": _time(music.enters, rate), "duration": _time(music.length, rate), "audioRole": "music"}
    clip = Tree.Element(
        "asset-clip",
        {"ref": asset, "lane": "-1", "offset": _time(first.enters, rate), "name": music.file.name, **places},
    )
    if music.gain:
        Tree.SubElement(clip, "adjust-volume", amount=f"{music.gain:g}dB")
    anchor = next(each for each in spine if each.tag != "transition")
    at = next((at for at, each in enumerate(anchor) if each.tag in ("marker", "metadata")), len(anchor))
    anchor.insert(at, clip)


def _gap(spine: Tree.Element, film: ExportedFilm, shot: FrameShot) -> Tree.Element:
    rate = film.line.rate
    places = {"start": _time(shot.enters, rate), "duration": _time(shot.length, rate)}
    gap = Tree.SubElement(spine, "gap", {"offset": _time(shot.start, rate), **_name(shot), **places})
    Tree.SubElement(gap, "note").text = plain(shot.cut.shot.prompt)
    return gap


def _name(shot: FrameShot) -> dict[str, str]:
    return {"name": one_line(shot.cut.shot.address)}


def _add_markers(clip: Tree.Element, film: ExportedFilm, shot: FrameShot, scenes: Sequence[FrameScene]) -> None:
    at = {"start": _time(shot.enters, film.line.rate), "duration": _time(1, film.line.rate)}
    for scene in scenes:
        Tree.SubElement(
            clip, "marker", {**at, "value": one_line(scene.scene.title or scene.scene.name), **_note(scene.scene.notes)}
        )
    for marker in film.markers(shot):
        place = {**at, "start": _time(shot.enters + marker.start - shot.start, film.line.rate)}
        Tree.SubElement(clip, "marker", {**place, "value": one_line(marker.text)})


def _note(notes: Sequence[str]) -> dict[str, str]:
    return {"note": " / ".join(map(one_line, notes))} if notes else {}


def _add_metadata(clip: Tree.Element, film: ExportedFilm, shot: FrameShot) -> None:
    metadata = Tree.SubElement(clip, "metadata")
    for name, value in film.fact_texts(shot).items():
        Tree.SubElement(metadata, "md", key=f"storyboard.{name}", value=plain(value), displayName=name)


def _time(frames: int, rate: Fraction) -> str:
    """Whole frames, as a fraction of a second."""
    return f"{frames * rate.denominator}/{rate.numerator}s" if frames else "0s"
