"""The look of a card: a dark background, the shot's number in its accent colour, the prompt, and a time strip at the
bottom."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from PIL import Image, ImageDraw

from storyboard.fast_dataclasses import dataclass, replace
from storyboard.media.bidi import mirror
from storyboard.media.fonts import BUILT_IN, Face, FontSet
from storyboard.media.text_layout import LEADING, STAND_IN_WIDTH, Setter, TextBlock, TextRun

Color: TypeAlias = tuple[int, int, int]
Point: TypeAlias = tuple[float, float]

_BLACK: Color = (0, 0, 0)
GROUND: Color = (20, 22, 27)
INK: Color = (238, 236, 230)
DIM: Color = (138, 142, 152)
_ACCENTS: tuple[Color, ...] = (
    (236, 178, 84),
    (92, 196, 182),
    (240, 128, 108),
    (122, 166, 242),
    (184, 148, 242),
    (156, 202, 98),
)


def accent(index: int) -> Color:
    """Return a shot's accent colour; neighbours differ."""
    return _ACCENTS[index % len(_ACCENTS)]


def mix(color: Color, other: Color, share: float) -> Color:
    red, green, blue = (round(a * share + b * (1 - share)) for a, b in zip(color, other, strict=True))
    return red, green, blue


@dataclass(frozen=True, slots=True)
class Layout:
    """Positions on a picture of a given size, in pixels. Everything is measured in `unit`: a 720th of the shorter
    side."""

    width: int
    height: int

    @property
    def unit(self) -> float:
        """The base unit of all measures."""
        return min(self.width, self.height) / 720

    @property
    def margin(self) -> float:
        """The left and right margin."""
        return 64 * self.unit

    @property
    def strip_top(self) -> int:
        """The top of the time strip; even, as chroma is halved."""
        return int(self.height - max(8.0, 96 * self.unit)) // 2 * 2

    @property
    def text_box(self) -> tuple[float, float, float, float]:
        """Left, top, width, height of the prompt."""
        top = 132 * self.unit
        return self.margin, top, self.width - 2 * self.margin, self.strip_top - 36 * self.unit - top


def seconds_text(seconds: Decimal) -> str:
    """`5 s`, `2.5 s`."""
    return f"{seconds.normalize():f} s"


class Painter:
    """Draws cards of one size with one set of fonts."""

    def __init__(self, layout: Layout, fonts: FontSet) -> None:
        self.layout = layout
        self.fonts = fonts
        self.setter = Setter(fonts)

    def card(self, prompt: str, seconds: Decimal, index: int, count: int) -> tuple[Image.Image, TextBlock]:
        """Draw a shot's card without the time strip; also return the layout of its prompt."""
        layout, unit = self.layout, self.layout.unit
        image = Image.new("RGB", (layout.width, layout.height), GROUND)
        draw = ImageDraw.Draw(image)
        fill(draw, (0, 0, layout.width, 6 * unit), accent(index))
        self._header(draw, seconds, index, count)
        left, top, width, height = layout.text_box
        block = self.setter.fit(prompt, width, height, 52 * unit, 3.0)
        self._block(draw, block, (left, top), width, accent(index))
        return image, block

    def title(self, text: str) -> Image.Image:
        """Draw a text in the middle of a black picture."""
        layout, unit = self.layout, self.layout.unit
        image = Image.new("RGB", (layout.width, layout.height), _BLACK)
        draw = ImageDraw.Draw(image)
        width, height = layout.width * 0.8, layout.height * 0.7
        block = self.setter.fit(text, width, height, 64 * unit, 3.0)
        top = (layout.height - block.height) / 2
        for number, row in enumerate(block.lines):
            wide = sum(self.setter.width(run, block.size, block.language) for run in row.runs)
            one = replace(block, lines=(replace(row, rtl=False),))
            left = (layout.width - wide) / 2
            self._block(draw, one, (left, top + number * LEADING * block.size), width, INK)
        return image

    def label(self, text: str) -> Image.Image:
        """Draw a text in one line on black, at most as wide as the picture; even in size, as chroma is halved."""
        layout, size = self.layout, 28 * self.layout.unit
        room = layout.width - 4 * size
        block = self.setter.fit(text, room, 1.4 * size, size, 3.0)
        wide = sum(self.setter.width(run, block.size, block.language) for run in block.lines[0].runs)
        image = Image.new("RGB", (round(wide + size) // 2 * 2 + 2, round(1.7 * size) // 2 * 2 + 2), _BLACK)
        self._block(ImageDraw.Draw(image), block, (size / 2, size / 5), wide, INK)
        return image

    def _header(self, draw: ImageDraw.ImageDraw, seconds: Decimal, index: int, count: int) -> None:
        layout, unit = self.layout, self.layout.unit
        baseline = 96 * unit
        right = layout.width - layout.margin
        figure(draw, self.fonts, (right, baseline), seconds_text(seconds), size=34 * unit, color=INK, anchor="rs")
        left, color = layout.margin, accent(index)
        left += figure(draw, self.fonts, (left, baseline), str(index + 1), size=54 * unit, color=color, anchor="ls")
        figure(draw, self.fonts, (left, baseline), f" / {count}", size=28 * unit, color=DIM, anchor="ls")

    def _block(self, draw: ImageDraw.ImageDraw, block: TextBlock, at: Point, width: float, color: Color) -> None:
        left, top = at
        for number, line in enumerate(block.lines):
            widths = [self.setter.width(run, block.size, block.language) for run in line.runs]
            x = left + max(0.0, width - sum(widths)) if line.rtl else left
            baseline = top + (number * LEADING + 1.0) * block.size
            for run, advance in zip(line.runs, widths, strict=True):
                if run.face is None:
                    _stand_ins(draw, run, (x, baseline), block.size, color)
                else:
                    self._run(draw, run, run.face, (x, baseline), block)
                x += advance

    def _run(self, draw: ImageDraw.ImageDraw, run: TextRun, face: Face, at: Point, block: TextBlock) -> None:
        font = face.at(block.size, block.language)
        if self.fonts.shaping and face is not BUILT_IN:
            draw.text(at, run.text, font=font, fill=INK, anchor="ls", direction="rtl" if run.rtl else "ltr")
        else:
            draw.text(at, mirror(run.text) if run.rtl else run.text, font=font, fill=INK, anchor="ls")


def figure(
    draw: ImageDraw.ImageDraw, fonts: FontSet, at: Point, text: str, *, size: float, color: Color, anchor: str
) -> float:
    """Draw figures at `at`, aligned by `anchor` (in Pillow's terms); return their width."""
    font = fonts.strong.at(size)
    draw.text(at, text, font=font, fill=color, anchor=anchor)
    return font.getlength(text)


def fill(draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float], color: Color) -> None:
    """Draw a bar from left, top to right, bottom (exclusive), at least a pixel thick."""
    left, top, right, bottom = box
    draw.rectangle((left, top, max(left, right - 1), max(top, bottom - 1)), fill=color)


def _stand_ins(draw: ImageDraw.ImageDraw, run: TextRun, at: Point, size: float, color: Color) -> None:
    """Draw a box for each character without a font; a disc for an emoji."""
    x, baseline = at
    for number in range(run.count):
        left = x + (number * STAND_IN_WIDTH + 0.08) * size
        box = (left, baseline - 0.72 * size, left + 0.70 * size, baseline - 0.02 * size)
        line = max(1, round(size / 16))
        if run.emoji:
            draw.ellipse(box, outline=color, width=line)
            draw.ellipse(
                (left + 0.25 * size, baseline - 0.47 * size, left + 0.45 * size, baseline - 0.27 * size), fill=color
            )
        else:
            draw.rectangle(box, outline=mix(color, GROUND, 0.7), width=line)
