"""The strip of time at the foot of a card: a bar of the job's shots, filled so far, and the time within the job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from PIL import Image, ImageDraw

from storyboard.media.card import DIM, GROUND, INK, Color, Layout, accent, figure, fill, mix
from storyboard.media.fonts import FontSet

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


class TimeStrip:
    """Draws only what changes. `cuts` are the seconds at which shots begin, and at last the job's end."""

    def __init__(self, layout: Layout, fonts: FontSet, cuts: Sequence[Decimal]) -> None:
        self._layout = layout
        self._fonts = fonts
        self._total = cuts[-1]
        self._cuts = [float(cut / cuts[-1]) for cut in cuts]
        rest = f" / {self._total:.1f} s"
        widest = fonts.strong.at(_SIZE * layout.unit).getlength(f"{self._total:.1f}{rest}")
        self._time_left = max(0, _even(layout.width - layout.margin - widest - 8 * layout.unit))
        self._time_top = layout.strip_top + _even(_TIME_TOP * layout.unit)
        self._whole, self._time_right = self._without_now(rest)

    def at(self, now: Decimal) -> tuple[Patch, Patch]:
        """The strip at a time within the job: the bar and the time."""
        return self._bar(float(now / self._total)), self._time(now)

    def _bar(self, now: float) -> Patch:
        layout = self._layout
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

    def _without_now(self, rest: str) -> tuple[Image.Image, float]:
        """What stands behind the time, painted once, and where the time ends."""
        layout = self._layout
        height = max(2, min(_even(40 * layout.unit), layout.height - self._time_top))
        image = Image.new("RGB", (layout.width - self._time_left, height), GROUND)
        right = image.width - layout.margin
        return image, right - self._figure(image, right, rest, DIM)

    def _time(self, now: Decimal) -> Patch:
        image = self._whole.copy()
        self._figure(image, self._time_right, f"{now:.1f}", INK)
        return Patch(image, self._time_left, self._time_top)

    def _figure(self, image: Image.Image, right: float, text: str, color: Color) -> float:
        unit = self._layout.unit
        at = right, (_BASELINE - _TIME_TOP) * unit
        return figure(ImageDraw.Draw(image), self._fonts, at, text, size=_SIZE * unit, color=color, anchor="rs")


def _even(length: float) -> int:
    return int(length) // 2 * 2
