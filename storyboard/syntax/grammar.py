"""One line by the grammar, `grammar/story.lark`.

The two most common lines, `shot name 5s` and `.name value`, are first tried with one regular expression each, built
from the grammar's own terminals; a property test compares them with the parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.syntax.applied_fix import Repair
from storyboard.syntax.grammar_tables import tables
from storyboard.syntax.lalr import GrammarToken, Node


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


def parse_header(text: str, start: int, end: int) -> Node | int:
    """Parse a header; if it is wrong, return the offset at which the grammar gave up."""
    return _statement(tables().parse(text, start, end, "header"))


def mended_header(mended: Repair) -> Node | int:
    """`parse_header` of a repaired header, its places those of the source."""
    return _statement(_parse_mended(mended, "header"))


def quick_shot(text: str, start: int, end: int) -> ShotParts | None:
    """Return the parts of a plain `shot name 5s`; None for anything else."""
    match = _plain_shot().fullmatch(text, start, end)
    return None if match is None else ShotParts(match[1], match.start(1), match[2], match.start(2))


def parse_setting(text: str, start: int, end: int) -> SettingParts | None:
    """Return the parts of a setting; None if the line is none."""
    return quick_setting(text, start, end) or full_setting(text, start, end)


def full_setting(text: str, start: int, end: int) -> SettingParts | None:
    """`parse_setting` by the grammar alone."""
    return _setting(tables().parse(text, start, end, "setting"), end)


def quick_setting(text: str, start: int, end: int) -> SettingParts | None:
    """`parse_setting` for a line with a value; None for all else."""
    match = _plain_setting().fullmatch(text, start, end)
    return None if match is None else SettingParts(match[1][1:], match.end(1), match[2], match.start(2))


def mended_setting(mended: Repair, end: int) -> SettingParts | None:
    """`parse_setting` of a repaired line, its places those of the source, where the line ends at `end`."""
    return _setting(_parse_mended(mended, "setting"), end)


def _statement(header: Node | int) -> Node | int:
    if isinstance(header, int):
        return header
    statement: Node = header.children[0]
    return statement


def _setting(parsed: Node | int, end: int) -> SettingParts | None:
    if isinstance(parsed, int):
        return None
    name: GrammarToken = parsed.children[0]
    value: GrammarToken | None = parsed.children[1]
    if value is None:
        return SettingParts(name.text[1:], name.end, "", end)
    return SettingParts(name.text[1:], name.end, value.text, value.start)


def _parse_mended(mended: Repair, goal: str) -> Node | int:
    parsed = tables().parse(mended.text, 0, len(mended.text), goal)
    return mended.place(parsed) if isinstance(parsed, int) else _placed(parsed, mended.place)


def _placed(node: Node, place: Callable[[int], int]) -> Node:
    """Return the node with the places of its tokens mapped by `place`."""
    children = [
        _placed(child, place)
        if isinstance(child, Node)
        else child and child._replace(start=place(child.start), end=place(child.end))
        for child in node.children
    ]
    return Node(node.rule, children)


@cache
def _plain_shot() -> re.Pattern[str]:
    shot, blank, word, duration = _terminal("_SHOT"), tables().blanks.pattern, _terminal("WORD"), _terminal("DURATION")
    return lazy_pattern(f"{shot}{blank}({word}){blank}({duration})")


@cache
def _plain_setting() -> re.Pattern[str]:
    setting, blank, text = _terminal("SETTING"), tables().blanks.pattern, _terminal("TEXT")
    return lazy_pattern(f"({setting}){blank}({text})")


def _terminal(name: str) -> str:
    """Return the pattern of a terminal of the grammar, its groups made anonymous."""
    return "(?:" + re.sub(r"(?<!\\)\((?!\?)", "(?:", tables().terminals[name]) + ")"
