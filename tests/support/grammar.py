"""What lark makes of a line, and what our own walk through its tables does, in one form to compare."""

from __future__ import annotations

from functools import cache
from typing import Any

from lark import Lark, Token, Tree, UnexpectedInput, UnexpectedToken

from storyboard.syntax.grammar_tables import make_parser, tables
from storyboard.syntax.lalr import Node


@cache
def lark_parser() -> Lark:
    """Lark's own parser of our grammar, made once: that takes a second."""
    return make_parser()


def by_lark(line: str, goal: str) -> object:
    """Lark's tree as plain values, or the offset at which it gives up."""
    try:
        return _plain(lark_parser().parse(line, start=goal))
    except UnexpectedToken as trouble:
        return len(line) if trouble.token.type == "$END" else trouble.pos_in_stream
    except UnexpectedInput as trouble:
        return trouble.pos_in_stream


def by_tables(line: str, goal: str) -> object:
    """The same by the tables, read in the middle of a longer text."""
    parsed = tables().parse(f"x\n{line}\ny", 2, 2 + len(line), goal)
    return parsed - 2 if isinstance(parsed, int) else _plain(parsed)


def _plain(value: Any) -> object:
    match value:
        case Tree():
            return value.data, [_plain(child) for child in value.children]
        case Node():
            return value.rule, [_plain(child) for child in value.children]
        case Token():
            return value.type, str(value), value.start_pos, value.end_pos
        case None:
            return None
        case _:
            return value.kind, value.text, value.start - 2, value.end - 2
