"""One line by the grammar, `grammar/story.lark`.

The two lines that nearly every story consists of, `shot name 5s` and `.name value`, are first tried with one regular
expression each, put together from the grammar's own terminals; a property test holds them to what the parser says.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple, cast

from lark import Token, Tree, UnexpectedInput, UnexpectedToken

from storyboard.syntax.repair import Repair
from storyboard.syntax.tables import parser


class ShotParts(NamedTuple):
    """The parts of a plain `shot name 5s`, and where they begin."""

    name: str
    name_start: int
    length: str
    length_start: int


class SettingParts(NamedTuple):
    """The parts of a setting: its name without the dot, where that ends, its value ("": none) and where that begins."""

    name: str
    name_end: int
    value: str
    value_start: int


def parse_header(text: str, start: int, end: int) -> Tree[Token] | int:
    """The statement that a header is, as lark's tree; where it is none, the offset at which the grammar gave up."""
    return _parse(text[start:end], "header", lambda offset: offset + start)


def mended_header(mended: Repair) -> Tree[Token] | int:
    """`parse_header` of a repaired header, its places those of the source."""
    return _parse(mended.text, "header", mended.place)


def quick_shot(text: str, start: int, end: int) -> ShotParts | None:
    """The parts of a header that is a plain `shot name 5s`; None for all else."""
    match = _plain_shot().fullmatch(text, start, end)
    return None if match is None else ShotParts(match[1], match.start(1), match[2], match.start(2))


def parse_setting(text: str, start: int, end: int) -> SettingParts | None:
    """The parts of a setting; None where a line is none."""
    return quick_setting(text, start, end) or full_setting(text, start, end)


def full_setting(text: str, start: int, end: int) -> SettingParts | None:
    """`parse_setting` by the grammar alone."""
    return _setting(_parse(text[start:end], "setting", lambda offset: offset + start), end)


def quick_setting(text: str, start: int, end: int) -> SettingParts | None:
    """`parse_setting` for a line with a value; None for all else."""
    match = _plain_setting().fullmatch(text, start, end)
    return None if match is None else SettingParts(match[1][1:], match.end(1), match[2], match.start(2))


def mended_setting(mended: Repair, end: int) -> SettingParts | None:
    """`parse_setting` of a repaired line, its places those of the source, where the line ends at `end`."""
    return _setting(_parse(mended.text, "setting", mended.place), end)


def _setting(parsed: Tree[Token] | int, end: int) -> SettingParts | None:
    if isinstance(parsed, int):
        return None
    name, value = cast("tuple[Token, Token | None]", tuple(parsed.children))
    if value is None:
        return SettingParts(name[1:], name.end_pos or 0, "", end)
    return SettingParts(name[1:], name.end_pos or 0, str(value), value.start_pos or 0)


def _parse(line: str, start: str, place: Callable[[int], int]) -> Tree[Token] | int:
    """One line by the grammar. (Lark's own `TextSlice` counts every line before the slice, each time anew.)"""
    try:
        tree = parser().parse(line, start=start)
    except UnexpectedToken as trouble:
        return place(len(line) if trouble.token.type == "$END" else cast("int", trouble.pos_in_stream))
    except UnexpectedInput as trouble:
        return place(cast("int", trouble.pos_in_stream))
    if start == "header":
        tree = cast("Tree[Token]", tree.children[0])
    for token in tree.scan_values(lambda value: isinstance(value, Token)):
        token.start_pos, token.end_pos = place(token.start_pos or 0), place(token.end_pos or 0)
    return tree


@cache
def _plain_shot() -> re.Pattern[str]:
    shot, blank, word, duration = map(_terminal, ("_SHOT", "_BLANK", "WORD", "DURATION"))
    return re.compile(f"{shot}{blank}({word}){blank}({duration})")


@cache
def _plain_setting() -> re.Pattern[str]:
    setting, blank, text = map(_terminal, ("SETTING", "_BLANK", "TEXT"))
    return re.compile(f"({setting}){blank}({text})")


def _terminal(name: str) -> str:
    """A terminal of the grammar, its own groups made nameless."""
    pattern = parser().get_terminal(name).pattern.to_regexp()
    return "(?:" + re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern) + ")"
