"""Render a job as a free film: one card per shot, for exactly its seconds, with silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av

from storyboard.media.canvas import Canvas, FramePatch, piece
from storyboard.media.encode import CARDS, PictureTrack, written
from storyboard.media.fonts import FontSet, font_set, system_fonts
from storyboard.media.render_options import USUAL_LOOK, Card, RenderOptions, RenderReport
from storyboard.media.slate import Layout, Painter
from storyboard.media.sound import SoundTrack
from storyboard.media.text_layout import TextBlock
from storyboard.media.time_bar import Bar, JobClock

_STRIPS_A_SECOND = 12
_KEPT = 1024
"""How many drawn time strips are cached for later jobs; some 15 kB each."""


def render_animatic(
    cards: Sequence[Card], aspect_ratio: str, target: Path, look: RenderOptions = USUAL_LOOK
) -> RenderReport:
    """Render the cards one after the other into an mp4 (H.264, silent AAC) at `target`, which is replaced at once.

    The same cards, look and fonts give the same bytes. `aspect_ratio` is width to height (`16:9`). Raises
    `StoryboardError` if the file cannot be written.
    """
    fonts = system_fonts() if look.fonts is None else font_set(look.fonts)
    layout = Layout(*picture_size(aspect_ratio, look.longer_side))
    painter = Painter(layout, fonts)
    cuts = _cuts(cards, look.fps)
    blocks: list[TextBlock] = []
    with written(target) as container:
        track = PictureTrack(container, (layout.width, layout.height), Fraction(look.fps), CARDS)
        sound = SoundTrack(container)
        for frame, is_cut in _frames(cards, cuts, painter, look.fps, blocks):
            track.show(frame, key=is_cut)
            if is_cut:
                sound.cut(track.seconds)
        track.finish()
        sound.cut(track.seconds)
        sound.finish()
    return RenderReport(cuts[-1], Decimal(cuts[-1]) / look.fps, _warnings(blocks), _font_warnings(blocks, fonts))


def picture_size(aspect_ratio: str, longer_side: int) -> tuple[int, int]:
    """Return width and height in pixels, even, for a ratio such as `16:9`."""
    ratio = Fraction(*(int(part) for part in aspect_ratio.split(":")))
    longer = _even(Fraction(longer_side))
    shorter = _even(longer * min(ratio, 1 / ratio))
    return (longer, shorter) if ratio >= 1 else (shorter, longer)


def _even(length: Fraction) -> int:
    return max(16, 2 * round(length / 2))


def _cuts(cards: Sequence[Card], fps: int) -> list[int]:
    """Return the frame numbers at which cards begin, and last the number of frames."""
    cuts = [0]
    passed = Decimal(0)
    for card in cards:
        passed += card.seconds
        cuts.append(max(cuts[-1] + 1, int((passed * fps).to_integral_value(ROUND_HALF_UP))))
    return cuts


def _frames(
    cards: Sequence[Card], cuts: list[int], painter: Painter, fps: int, blocks: list[TextBlock]
) -> Iterator[tuple[av.VideoFrame, bool]]:
    """Yield every frame of the film in order, and whether a card begins with it. Each card uses one frame object; its
    static part is painted once."""
    times = tuple(Decimal(cut) / fps for cut in cuts)
    strip = _bar(painter.layout, times), _clock(painter.layout, painter.fonts, times[-1])
    every = max(1, fps // _STRIPS_A_SECOND)
    for index, card in enumerate(cards):
        image, block = painter.card(card.prompt, card.seconds, index, len(cards))
        blocks.append(block)
        canvas = Canvas(image)
        for number in range(cuts[index], cuts[index + 1]):
            if number == cuts[index] or number % every == 0:
                for part in strip:
                    canvas.paste(_piece(part, Decimal(number) / fps))
            yield canvas.frame, number == cuts[index]


@lru_cache(maxsize=64)
def _bar(layout: Layout, cuts: tuple[Decimal, ...]) -> Bar:
    return Bar(layout, cuts)


@lru_cache(maxsize=64)
def _clock(layout: Layout, fonts: FontSet, total: Decimal) -> JobClock:
    return JobClock(layout, fonts, total)


@lru_cache(maxsize=_KEPT)
def _piece(part: Bar | JobClock, time: Decimal) -> FramePatch:
    """Return a time strip; those of the same length and cuts are drawn once."""
    return piece(part.at(time))


def _warnings(blocks: Sequence[TextBlock]) -> tuple[str, ...]:
    if any(block.cut for block in blocks):
        return ("a prompt is too long for its card: its end is not shown",)
    return ()


def _font_warnings(blocks: Sequence[TextBlock], fonts: FontSet) -> tuple[str, ...]:
    found = []
    if fonts.empty:
        found.append("no font on this machine: shown in a plain built-in one")
    for script in dict.fromkeys(script for block in blocks for script in block.missing):
        what = script if script.islower() else f"{script} script"
        found.append(f"no font for {what}: shown as {'discs' if script == 'emoji' else 'boxes'}")
    return tuple(found)
