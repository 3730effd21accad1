"""Lines of styled text, rendered plain or with colours for a terminal; paths and numbers as people read them.

All text from users goes through `clean` before it reaches a terminal. Widths count cells, so that Chinese and emoji
line up.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.files.relative import relative

Style: TypeAlias = Literal["", "error", "warning", "hint", "ok", "place", "dim", "bold", "running"]

_COLOURS: dict[Style, str] = {
    "error": "1;31",
    "warning": "1;33",
    "hint": "1;36",
    "ok": "1;32",
    "place": "34",
    "dim": "2",
    "bold": "1",
    "running": "36",
}

_UNSEEN = lazy_pattern("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_PICTURES = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\u2421", 0x09: "    "}


class StyledText(NamedTuple):
    """Text in one style."""

    text: str
    style: Style = ""


Line: TypeAlias = tuple[StyledText, ...]


def clean(text: str) -> str:
    """Make a text safe to show: control characters as their symbols, a tab as four spaces, direction marks and
    non-characters as `�`."""
    if text.isprintable():  # nearly all is, and this is the quickest way to know
        return text
    return _UNSEEN.sub(lambda found: _PICTURES.get(ord(found[0]), "\ufffd"), text)


def line(*parts: str | StyledText | tuple[str, Style]) -> Line:
    """Return a line of cleaned pieces."""
    return tuple([_piece(part) for part in parts if part])


def _piece(part: str | tuple[str, Style]) -> StyledText:
    return StyledText(clean(part)) if isinstance(part, str) else StyledText(clean(part[0]), part[1])


def plain(lines: Iterable[Line]) -> str:
    """Render without colour, without trailing blanks."""
    return "".join(["".join([piece.text for piece in one]).rstrip() + "\n" for one in lines])


def coloured(lines: Iterable[Line]) -> str:
    """Render with the escape sequences of a terminal."""
    return "".join(["".join([_paint(piece) for piece in one]) + "\n" for one in lines])


def render(lines: Iterable[Line], colour: bool) -> str:
    """Render with or without colour."""
    return coloured(lines) if colour else plain(lines)


def _paint(piece: StyledText) -> str:
    code = _COLOURS.get(piece.style)
    return f"\x1b[{code}m{piece.text}\x1b[0m" if code and piece.text else piece.text


def cells(text: str) -> int:
    """Return the width of a cleaned text in columns."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def pad(text: str, width: int) -> str:
    """Pad with blanks to a width in columns; longer text stays."""
    return text + " " * max(0, width - cells(text))


def crop(text: str, width: int) -> str:
    """Cut to a width in columns, with `…` where something is gone."""
    if len(text) <= width and cells(text) <= width:
        return text
    return take(text, max(0, width - 1)) + "…"


def take(text: str, width: int) -> str:
    """Return as much of the beginning as fits into a number of columns."""
    text = text[:width] if text.isascii() else text[: 4 * width + 4]
    while cells(text) > width:
        over = cells(text) - width
        text = text[: -max(1, over // 2)]
    return text


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 error`, `2 errors`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


@lru_cache(maxsize=256)
def shown(path: Path, base: Path) -> str:
    """Return a path as seen from `base`, so that it can be clicked and pasted: with `/` on every system. Both are
    absolute with links resolved; standard input is `-`."""
    return "-" if path == Path("-") else relative(path, base)
