"""Lists of negatives: how a line is read, and how the lines of one body combine."""

from __future__ import annotations

import re
from typing import Literal

from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.story.prompt_layout import lay_out

COMMA = ",，、،؛"
"""The separators of a list: commas of every script."""

_COMMAS = lazy_pattern(f"[{COMMA}]")
_NO = lazy_pattern(
    r"(?:no|not|without|never|avoid|don['’]?t(?: show)?|do not(?: show)?|kein(?:e|en)?|ohne|sans|pas de|senza|без)"
    r"[ \t]+(?=\S)"
    r"|(?:不要出现|不要|没有|沒有|禁止|避免|请勿)(?=\S)|(?:بدون|بلا|ללא|בלי|बिना)[ \t]+(?=\S)",
    re.IGNORECASE,
)
_SIGN = lazy_pattern(r"([+-])[ \t]+")


class NegativeLine(NamedTuple):
    """What a `.negative` line does, and where its items begin in the value as written."""

    does: Literal["set", "add", "remove", "clear"]
    items_from: int = 0


def read_line(raw: str) -> NegativeLine:
    """Read what a `.negative` line does; names in its items are replaced afterwards."""
    if raw.strip(" \t") == "none":
        return NegativeLine("clear")
    if raw.strip(" \t") in ("+", "-"):
        return NegativeLine("add" if raw.strip(" \t") == "+" else "remove", len(raw))
    sign = _SIGN.match(raw)
    if sign is None:
        return NegativeLine("set")
    return NegativeLine("add" if sign[1] == "+" else "remove", sign.end())


def cut(filled: str) -> list[str]:
    """Split a list into items, trimmed, without empty ones."""
    return [item for item in map(lay_out, _COMMAS.split(filled)) if item]


def fold(items: list[str]) -> tuple[str, ...]:
    """Remove duplicates; the first of each stays."""
    return tuple(dict.fromkeys(items))


def says_no(item: str) -> str:
    """Return the negating word that an item itself contains, such as "no"; "" for most."""
    found = _NO.match(item)
    return found[0] if found else ""
