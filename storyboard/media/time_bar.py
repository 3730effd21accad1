"""The time strip at the bottom of a card: a progress bar of the job's shots, and the time within the job."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PIL import Image, ImageDraw

from storyboard.fast_dataclasses import dataclass
from storyboard.media.fonts import FontSet
from storyboard.media.slate import DIM, GROUND, INK, Color, Layout, accent, figure, fill, mix

_TRACK = 0.25
_SIZE = 28
_TIME_TOP = 28
_BASELINE = 56


@dataclass(frozen=True, slots=True)
class Patch:
    """A piece of a picture and where its upper left corner goes; all of it even, as chroma is halved."""

    image: Image.Image
    left: int
    top: int


class Bar:
    """The bar. `cuts` are the seconds at which shots begin, and at last the job's end."""

    def __init__(self, layout: Layout, cuts: Sequence[Decimal]) -> None:
        self._layout = layout
        self._total = cuts[-1]
        self._cuts = [float(cut / cuts[-1]) for cut in cuts]

    def at(self, time: Decimal) -> Patch:
        """Return the bar at a time within the job."""
        layout, now = self._layout, float(time / self._total)
        height = max(2, _even(8 * layout.unit))
        image = Image.new("RGB", (layout.width, height), GROUND)
        draw = ImageDraw.Draw(image)
        span, gap = layout.width - 2 * layout.margin, max(1.0, 3 * layout.unit)
        for index, (start, end) in enumerate(zip(self._cuts[:-1], self._cuts[1:], strict=True)):
            left = layout.margin + start * span
            right = layout.margin + end * span - (gap if end < 1 else 0)
            fill(draw, (left, 0, right, height), mix(accent(index), GROUND, _TRACK))
            filled = left + (right - left) * min(1.0, (now - start) / (end - start))
            if filled >= left + 1:
                fill(draw, (left, 0, filled, height), accent(index))
        return Patch(image, 0, layout.strip_top)


class JobClock:
    """The time within a job that lasts `total` seconds."""

    def __init__(self, layout: Layout, fonts: FontSet, total: Decimal) -> None:
        self._layout = layout
        self._fonts = fonts
        rest = f" / {total:.1f} s"
        widest = fonts.strong.at(_SIZE * layout.unit).getlength(f"{total:.1f}{rest}")
        self._left = max(0, _even(layout.width - layout.margin - widest - 8 * layout.unit))
        self._top = layout.strip_top + _even(_TIME_TOP * layout.unit)
        self._whole, self._right = self._without_time(rest)

    def at(self, time: Decimal) -> Patch:
        """Return the patch at a time within the job."""
        image = self._whole.copy()
        self._figure(image, self._right, f"{time:.1f}", INK)
        return Patch(image, self._left, self._top)

    def _without_time(self, rest: str) -> tuple[Image.Image, float]:
        """Return the background of the time, painted once, and where the time ends."""
        layout = self._layout
        height = max(2, min(_even(40 * layout.unit), layout.height - self._top))
        image = Image.new("RGB", (layout.width - self._left, height), GROUND)
        right = image.width - layout.margin
        return image, right - self._figure(image, right, rest, DIM)

    def _figure(self, image: Image.Image, right: float, text: str, color: Color) -> float:
        unit = self._layout.unit
        at = right, (_BASELINE - _TIME_TOP) * unit
        return figure(ImageDraw.Draw(image), self._fonts, at, text, size=_SIZE * unit, color=color, anchor="rs")


def _even(length: float) -> int:
    return int(length) // 2 * 2
