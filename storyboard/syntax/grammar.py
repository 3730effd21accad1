"""The one parser, made from `grammar/story.lark` when it is first needed."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from lark import Lark, TextSlice, Token, Tree

from storyboard.source import Source
from storyboard.syntax.layout import Line


def make_parser(*, strict: bool = False) -> Lark:
    """A new parser. `strict` also proves that no two terminals collide (tests; it needs lark's `interegular`)."""
    grammar = files("storyboard.grammar").joinpath("story.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", start=["header", "setting"], strict=strict)


_parser = cache(make_parser)


def parse_header(source: Source, line: Line) -> Tree[Token]:
    """The statement that a header line is, as lark's tree; raises lark's `UnexpectedInput` where it is none."""
    tree = _parser().parse(TextSlice(source.text, line.start, line.end), start="header")
    return tree.children[0]  # type: ignore[return-value]


def parse_setting(source: Source, line: Line) -> tuple[Token, Token | None]:
    """A setting line's `.name` and its value; raises lark's `UnexpectedInput` where it is none."""
    tree = _parser().parse(TextSlice(source.text, line.start, line.end), start="setting")
    name, value = tree.children
    return name, value  # type: ignore[return-value]
