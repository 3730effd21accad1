"""OpenTimelineIO's own JSON, written without its library: the same film gives the same bytes."""

from __future__ import annotations

import json
from typing import Any

from storyboard.film.timecode import FPS, frames
from storyboard.film.timeline import CutJob, CutShot, Timeline


def to_otio(cut: Timeline) -> str:
    """A timeline with one video track, a clip a shot; media are named relative to the folder that a build leaves."""
    clips = [_clip(job, shot) for job in cut.jobs for shot in job.shots]
    track = {"OTIO_SCHEMA": "Track.1", "name": "shots", "kind": "Video", "children": clips}
    stack = {"OTIO_SCHEMA": "Stack.1", "name": "tracks", "children": [track]}
    timeline = {"OTIO_SCHEMA": "Timeline.1", "name": cut.story.title, "tracks": stack}
    return json.dumps(timeline, ensure_ascii=False, indent=1) + "\n"


def _clip(job: CutJob, shot: CutShot) -> dict[str, Any]:
    first, last = frames(shot.enters), frames(shot.leaves)
    beside = shot.shot.beside
    about: dict[str, Any] = {
        "prompt": shot.shot.prompt,
        "job": job.job.id,
        "content": job.job.content,
        "model": job.job.model,
    }
    if beside.say:
        about["say"] = [each.written for each in beside.say]
    if beside.captions:
        about["captions"] = list(beside.captions)
    return {
        "OTIO_SCHEMA": "Clip.2",
        "name": shot.shot.address,
        "source_range": _range(first, last - first),
        "media_references": {"DEFAULT_MEDIA": _media(job)},
        "active_media_reference_key": "DEFAULT_MEDIA",
        "metadata": {"storyboard": about},
        "markers": [_marker(note, first, last - first) for note in shot.shot.beside.notes],
    }


def _marker(note: str, start: int, length: int) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Marker.2",
        "name": note,
        "color": "YELLOW",
        "marked_range": _range(start, length),
        "comment": note,
        "metadata": {},
    }


def _media(job: CutJob) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "ExternalReference.1",
        "target_url": f"clips/{job.file}",
        "available_range": _range(0, frames(job.clip_seconds)),
    }


def _range(start: int, length: int) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(start), "duration": _time(length)}


def _time(value: int) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": FPS, "value": value}
