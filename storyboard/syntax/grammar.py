"""One line by the grammar, `grammar/story.lark`.

The two lines that nearly every story consists of, `shot name 5s` and `.name value`, are first tried with one regular
expression each, put together from the grammar's own terminals; a property test holds them to what the parser says.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import cast

from lark import Token, Tree, UnexpectedInput, UnexpectedToken

from storyboard.syntax.repair import Repair
from storyboard.syntax.tables import parser


def parse_header(text: str, start: int, end: int) -> Tree[Token] | int:
    """The statement that a header is, as lark's tree; where it is none, the offset at which the grammar gave up."""
    return quick_header(text, start, end) or full_header(text, start, end)


def full_header(text: str, start: int, end: int) -> Tree[Token] | int:
    """`parse_header` by the grammar alone."""
    return _parse(text[start:end], "header", lambda offset: offset + start)


def quick_header(text: str, start: int, end: int) -> Tree[Token] | None:
    """`parse_header` for a plain `shot name 5s`; None for all else."""
    match = _plain_shot().fullmatch(text, start, end)
    return None if match is None else Tree("shot", [_token(match, "WORD"), _token(match, "DURATION"), None])  # type: ignore[list-item]


def mended_header(mended: Repair) -> Tree[Token] | int:
    """`parse_header` of a repaired header, its places those of the source."""
    return _parse(mended.text, "header", mended.place)


def parse_setting(text: str, start: int, end: int) -> tuple[Token, Token | None] | None:
    """A setting's `.name` and its value; None where it is none."""
    return quick_setting(text, start, end) or full_setting(text, start, end)


def full_setting(text: str, start: int, end: int) -> tuple[Token, Token | None] | None:
    """`parse_setting` by the grammar alone."""
    return _setting(_parse(text[start:end], "setting", lambda offset: offset + start))


def quick_setting(text: str, start: int, end: int) -> tuple[Token, Token | None] | None:
    """`parse_setting` for a line with a value; None for all else."""
    match = _plain_setting().fullmatch(text, start, end)
    return None if match is None else (_token(match, "SETTING"), _token(match, "TEXT"))


def mended_setting(mended: Repair) -> tuple[Token, Token | None] | None:
    """`parse_setting` of a repaired line, its places those of the source."""
    return _setting(_parse(mended.text, "setting", mended.place))


def _setting(parsed: Tree[Token] | int) -> tuple[Token, Token | None] | None:
    if isinstance(parsed, int):
        return None
    name, value = parsed.children
    return name, value  # type: ignore[return-value]


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
    return re.compile(
        f"{_terminal('_SHOT')}{_terminal('_BLANK')}{_terminal('WORD')}{_terminal('_BLANK')}{_terminal('DURATION')}"
    )


@cache
def _plain_setting() -> re.Pattern[str]:
    return re.compile(f"{_terminal('SETTING')}{_terminal('_BLANK')}{_terminal('TEXT')}")


def _terminal(name: str) -> str:
    """A terminal of the grammar as a group; blanks are not named, they may stand twice."""
    pattern = parser().get_terminal(name).pattern.to_regexp()
    return f"(?:{pattern})" if name.startswith("_") else f"(?P<{name}>{pattern})"


def _token(match: re.Match[str], name: str) -> Token:
    return Token(name, match[name], start_pos=match.start(name), end_pos=match.end(name))
