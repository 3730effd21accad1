"""FCPXML 1.9, for Final Cut Pro and DaVinci Resolve."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as Tree

from storyboard.film.timecode import FPS, frames
from storyboard.film.timeline import CutJob, CutShot, Timeline

_FORMAT = "r0"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def to_fcpxml(cut: Timeline, folder: Path) -> str:
    """A project with one storyline, a clip a shot. Media are named by their place under `folder`, which a build leaves;
    these programs take no relative ones."""
    root = Tree.Element("fcpxml", version="1.9")
    resources = Tree.SubElement(root, "resources")
    Tree.SubElement(resources, "format", id=_FORMAT, frameDuration=f"1/{FPS}s")
    event = Tree.SubElement(Tree.SubElement(root, "library"), "event", name=_text(cut.story.title))
    project = Tree.SubElement(event, "project", name=_text(cut.story.title))
    sequence = Tree.SubElement(project, "sequence", format=_FORMAT, duration=_time(cut.seconds), tcFormat="NDF")
    spine = Tree.SubElement(sequence, "spine")
    for number, job in enumerate(cut.jobs, 1):
        _asset(resources, job, f"r{number}", folder)
        for shot in job.shots:
            _clip(spine, shot, f"r{number}")
    Tree.indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{Tree.tostring(root, encoding="unicode")}\n'


def _asset(resources: Tree.Element, job: CutJob, name: str, folder: Path) -> None:
    place = (folder / "clips" / job.file).resolve().as_uri()
    length = _time(job.clip_seconds)
    what = {"hasVideo": "1", "hasAudio": "1", "format": _FORMAT}
    Tree.SubElement(resources, "asset", what, id=name, name=job.file, src=place, start="0s", duration=length)


def _clip(spine: Tree.Element, shot: CutShot, asset: str) -> None:
    places = {"offset": _time(shot.start), "start": _time(shot.enters), "duration": _time(shot.leaves - shot.enters)}
    clip = Tree.SubElement(spine, "asset-clip", places, ref=asset, name=_text(shot.shot.address))
    Tree.SubElement(clip, "note").text = _text(shot.shot.prompt)
    for note in shot.shot.beside.notes:
        Tree.SubElement(clip, "marker", start=_time(shot.enters), duration=f"1/{FPS}s", value=_text(note))


def _time(seconds: Fraction) -> str:
    """Whole frames, as a fraction of a second."""
    return f"{frames(seconds)}/{FPS}s"


def _text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
