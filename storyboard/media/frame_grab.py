"""Take single pictures from a clip, as small JPEGs."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image

from storyboard.fast_dataclasses import dataclass
from storyboard.media.clip import opened

_QUALITY = 78


@dataclass(frozen=True, slots=True)
class StillRequest:
    """Which pictures of which clip: those seen at `times`, in seconds from its beginning."""

    clip: Path
    times: tuple[Fraction, ...]


def stills(requests: Sequence[StillRequest], longer_side: int = 480) -> list[list[bytes]]:
    """Return JPEGs for each request, one per time, no side longer than `longer_side` pixels; clips are read in
    parallel.

    Raises `ClipTrouble` for a clip that cannot be read.
    """
    if len(requests) <= 1:
        return [_stills(request, longer_side) for request in requests]
    with ThreadPoolExecutor(max_workers=min(len(requests), os.cpu_count() or 1)) as pool:
        return list(pool.map(lambda request: _stills(request, longer_side), requests))


def _stills(request: StillRequest, longer_side: int) -> list[bytes]:
    with opened(request.clip) as clip:
        pictures = []
        for time in request.times:
            seen: av.VideoFrame | None = None
            for frame in clip.pictures_from(time):
                if seen is not None and _time(frame) - clip.begun > time:
                    break
                seen = frame
            pictures.append(_jpeg(seen, longer_side) if seen is not None else b"")
        return pictures


def _time(frame: av.VideoFrame) -> Fraction:
    return (frame.pts or 0) * (frame.time_base or Fraction(0))


def _jpeg(frame: av.VideoFrame, longer_side: int) -> bytes:
    scale = min(1.0, longer_side / max(frame.width, frame.height))
    to_image: Callable[..., Image.Image] = frame.to_image
    picture = to_image(width=max(1, round(frame.width * scale)), height=max(1, round(frame.height * scale)))
    out = _JpegFile()
    picture.save(out, quality=_QUALITY, optimize=True)
    return out.getvalue()


class _JpegFile(io.BytesIO):
    """A file in memory. By its name Pillow sees the format; told the format, it would load those of other endings
    too."""

    name = "still.jpg"
