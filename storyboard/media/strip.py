"""The strip of time at the foot of a card: a bar of the job's shots, filled so far, and the time within the job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from PIL import Image, ImageDraw

from storyboard.media.card import DIM, GROUND, INK, Layout, accent, figure, fill, mix
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
        self._rest = f" / {self._total:.1f} s"
        widest = fonts.strong.at(_SIZE * layout.unit).getlength(f"{self._total:.1f}{self._rest}")
        self._time_left = max(0, _even(layout.width - layout.margin - widest - 8 * layout.unit))

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

    def _time(self, now: Decimal) -> Patch:
        layout, unit = self._layout, self._layout.unit
        top = layout.strip_top + _even(_TIME_TOP * unit)
        height = max(2, min(_even(40 * unit), layout.height - top))
        image = Image.new("RGB", (layout.width - self._time_left, height), GROUND)
        draw = ImageDraw.Draw(image)
        right, baseline = image.width - layout.margin, (_BASELINE - _TIME_TOP) * unit
        rest = figure(draw, self._fonts, (right, baseline), self._rest, size=_SIZE * unit, color=DIM, anchor="rs")
        figure(draw, self._fonts, (right - rest, baseline), f"{now:.1f}", size=_SIZE * unit, color=INK, anchor="rs")
        return Patch(image, self._time_left, top)


def _even(length: float) -> int:
    return int(length) // 2 * 2
