"""A picture as the encoder takes it, on which small pieces are replaced from frame to frame."""

from __future__ import annotations

from collections.abc import Callable

import av
from av.video.reformatter import Colorspace, VideoReformatter
from PIL import Image

from storyboard.media.strip import Patch

_from_image: Callable[[Image.Image], av.VideoFrame] = av.VideoFrame.from_image


class Canvas:
    """One frame, painted whole once and then piece by piece."""

    def __init__(self, image: Image.Image) -> None:
        self._converters: dict[tuple[int, int], VideoReformatter] = {}  # to set one up costs more than its use
        self.frame = self._converted(image)

    def paste(self, patch: Patch) -> None:
        """Lay the patch over the frame, plane by plane."""
        piece = self._converted(patch.image)
        for target, source, scale in zip(self.frame.planes, piece.planes, (1, 2, 2), strict=True):
            to, origin = memoryview(target), memoryview(source)
            for row in range(source.height):
                start = (patch.top // scale + row) * target.line_size + patch.left // scale
                to[start : start + source.width] = origin[row * source.line_size :][: source.width]

    def _converted(self, image: Image.Image) -> av.VideoFrame:
        converter = self._converters.setdefault(image.size, VideoReformatter())
        return converter.reformat(_from_image(image), format="yuv420p", dst_colorspace=Colorspace.ITU709, threads=1)
