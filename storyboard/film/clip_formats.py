"""The formats of a film's clips: read from each file once, and kept in the manifest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, TypedDict

from storyboard.errors import StoryboardError
from storyboard.forms import is_count
from storyboard.media.clip_format import ClipFormat

_LARGEST = 10**6
"""Pixels, samples a second."""


class ListedSound(TypedDict):
    """A clip's sound: samples a second, and channels."""

    rate: int
    channels: int


class ListedMedia(TypedDict):
    """A clip's file. `fps`, `seconds` and `pixel`, the shape of a pixel, are fractions; `sound` is null without any."""

    fps: str
    frames: int
    seconds: str
    width: int
    height: int
    pixel: str
    sound: ListedSound | None


def read_formats(clips: Iterable[tuple[str, Path]], known: Mapping[str, ClipFormat]) -> dict[str, ClipFormat]:
    """Return the formats of clips by their SHA-256; only files that are not `known` are opened. One that cannot be read
    is left out: joining the film says what is wrong with it."""
    found: dict[str, ClipFormat] = {}
    for sha256, file in clips:
        if sha256 in found:
            continue
        if sha256 in known:
            found[sha256] = known[sha256]
            continue
        from storyboard.media.probe import read_clip_format  # brings the decoder: only for a new clip

        try:
            found[sha256] = read_clip_format(file)
        except StoryboardError:
            continue
    return found


def format_document(found: ClipFormat) -> ListedMedia:
    """Return a format in the manifest's form."""
    sound: ListedSound = {"rate": found.sound_rate, "channels": found.channels}
    return {
        "fps": str(found.fps),
        "frames": found.frames,
        "seconds": str(found.seconds),
        "width": found.width,
        "height": found.height,
        "pixel": str(found.pixel),
        "sound": sound if found.has_sound else None,
    }


def parse_format(document: Mapping[str, Any]) -> ClipFormat | None:
    """Read a format from the manifest; None if a field has another form."""
    sound = document.get("sound") or {"rate": 0, "channels": 0}
    numbers = [document["frames"], document["width"], document["height"], sound["rate"], sound["channels"]]
    texts = [document["fps"], document["seconds"], document["pixel"]]
    if not all(is_count(each, most=_LARGEST * 1000) for each in numbers) or not all(map(_is_fraction, texts)):
        return None
    return _format(*numbers, *texts)


@lru_cache(maxsize=256)
def _format(frames: int, width: int, height: int, sound_rate: int, channels: int, *texts: str) -> ClipFormat | None:
    """Return the format of these values; the clips of a film have few different ones."""
    fps, seconds, pixel = map(Fraction, texts)
    if not (frames and width and height and 0 < fps <= _LARGEST and seconds and pixel):
        return None
    return ClipFormat(fps, frames, seconds, width, height, pixel, sound_rate, channels)


def _is_fraction(value: object) -> bool:
    if not isinstance(value, str) or len(value) > 80 or not value.isascii():
        return False
    above, _, below = value.partition("/")
    return above.isdecimal() and (below.isdecimal() and int(below) > 0 if "/" in value else True)
