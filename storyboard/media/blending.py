"""Pictures of transitions: a blend of two shots, and a shot fading from or to black."""

from __future__ import annotations

import av
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from PIL import Image

_BLACK = (16, 128, 128)
"""Black in limited range: luma and both chroma values."""


def blended(under: VideoFrame, over: VideoFrame, share: float) -> VideoFrame:
    """Return a picture that shows both, `over` with this share of the light. Both are yuv420p and of one size."""
    mixed = av.VideoFrame(over.width, over.height, "yuv420p")
    for first, second, target in zip(under.planes, over.planes, mixed.planes, strict=True):
        _fill(target, Image.blend(_image(first), _image(second), share))
    return mixed


def dimmed(picture: VideoFrame, share: float) -> VideoFrame:
    """Return a picture with this share of its light, on black."""
    mixed = av.VideoFrame(picture.width, picture.height, "yuv420p")
    for plane, target, black in zip(picture.planes, mixed.planes, _BLACK, strict=True):
        image = _image(plane)
        _fill(target, Image.blend(Image.new("L", image.size, black), image, share))
    return mixed


def _image(plane: VideoPlane) -> Image.Image:
    return Image.frombuffer("L", (plane.width, plane.height), bytes(plane), "raw", "L", plane.line_size, 1)


def _fill(plane: VideoPlane, image: Image.Image) -> None:
    lines = Image.new("L", (plane.line_size, plane.height))
    lines.paste(image)
    plane.update(lines.tobytes())
