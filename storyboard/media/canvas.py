"""A picture in the encoder's format, on which small pieces are replaced from frame to frame."""

from __future__ import annotations

import threading
from collections.abc import Callable

import av
from av.video.reformatter import Colorspace, VideoReformatter
from PIL import Image

from storyboard.fast_dataclasses import dataclass
from storyboard.media.time_bar import Patch

_from_image: Callable[[Image.Image], av.VideoFrame] = av.VideoFrame.from_image


class _Converters(threading.local):
    """Converters by size, per thread: creating one costs more than using it."""

    def __init__(self) -> None:
        self.by_size: dict[tuple[int, int], VideoReformatter] = {}


_converters = _Converters()


@dataclass(frozen=True, slots=True)
class FramePatch:
    """A patch in the encoder's format."""

    frame: av.VideoFrame
    left: int
    top: int


class Canvas:
    """One frame, painted whole once and then piece by piece."""

    def __init__(self, image: Image.Image) -> None:
        self.frame = _converted(image)

    def paste(self, piece: FramePatch) -> None:
        """Lay the piece over the frame."""
        paste(self.frame, piece)


def paste(frame: av.VideoFrame, piece: FramePatch) -> None:
    """Lay the piece over a frame, plane by plane."""
    for target, source, scale in zip(frame.planes, piece.frame.planes, (1, 2, 2), strict=True):
        to, origin = memoryview(target), memoryview(source)
        for row in range(source.height):
            start = (piece.top // scale + row) * target.line_size + piece.left // scale
            to[start : start + source.width] = origin[row * source.line_size :][: source.width]


def copy_of(frame: av.VideoFrame) -> av.VideoFrame:
    """Copy a picture to new memory, because a decoder may still need its own."""
    given = frame.reformat(format="yuv420p")
    copy = av.VideoFrame(given.width, given.height, "yuv420p")
    paste(copy, FramePatch(given, 0, 0))
    copy.pts, copy.time_base = frame.pts, frame.time_base
    return copy


def piece(patch: Patch) -> FramePatch:
    """Return the patch, ready to be pasted."""
    return FramePatch(_converted(patch.image), patch.left, patch.top)


def _converted(image: Image.Image) -> av.VideoFrame:
    converter = _converters.by_size.setdefault(image.size, VideoReformatter())
    return converter.reformat(_from_image(image), format="yuv420p", dst_colorspace=Colorspace.ITU709, threads=1)
