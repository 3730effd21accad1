"""How a story is coloured: one table, for the docs' own lexer and for the TextMate grammar of editors.

The keywords are the language's (`storyboard.syntax.keywords`). The patterns mean the same to Python's `re` and to
Oniguruma, which TextMate grammars use.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from storyboard.syntax.keywords import FORMS


class HighlightKind(StrEnum):
    """What a piece of a story is, by its TextMate scope."""

    COMMENT = "comment.line.number-sign.story"
    KEYWORD = "keyword.control.story"
    SETTING = "variable.parameter.story"
    STRING = "string.quoted.double.story"
    LENGTH = "constant.numeric.story"
    WORD = "keyword.operator.story"
    NAME = "entity.name.story"
    FILLED_IN = "meta.interpolation.story"


class HighlightRule(NamedTuple):
    """What a pattern finds, from where the rule before it ended."""

    kind: HighlightKind
    pattern: str


COMMENT = HighlightRule(HighlightKind.COMMENT, r"^(?:#.*|[ \t]+#[ \t].*)$")
HEADER_STARTS = (
    rf"^(?:{'|'.join(sorted(FORMS))})(?![\w.])",
    r"^[ \t]+use(?=[ \t]+[\w.]+[ \t]*\()",
    r"^[ \t]+for(?=[ \t]+\w+[ \t]+in[ \t])",
    r"^[ \t]+shot(?=[ \t]+\S+.*\d[ \t]*s[ \t]*$)",
    r"^[ \t]+split(?=[ \t]*$)",
)
"""Where a header begins: at column 0 by its keyword; in a template or loop only where the line has the header's form,
since text there may begin with the same word."""
NAMED_TEXT = r"^(let|param)([ \t]+[^\W\d]\w*)(?=[ \t]*=)"
"""A keyword and a name, after which the rest of the line is text; in it, `in`, `as` and numbers mean nothing."""
SETTING = HighlightRule(HighlightKind.SETTING, r"^[ \t]+\.[^\W\d]\w*")
FILLED_IN = HighlightRule(HighlightKind.FILLED_IN, r"\{\{.*?\}\}")
IN_HEADERS = (
    HighlightRule(HighlightKind.STRING, r'"(?:\\.|[^"\\])*"'),
    FILLED_IN,
    HighlightRule(HighlightKind.LENGTH, r"(?<![\w.])\d+(?:\.\d+)?s?(?![\w.])"),
    HighlightRule(HighlightKind.WORD, r"(?<!\S)(?:as|in)(?=\s)"),
    HighlightRule(HighlightKind.NAME, r"[^\W\d]\w*(?=[ \t]*(?:=|\())"),
)
"""What stands in a header behind its keyword."""
IN_TEXT = (FILLED_IN,)
"""What stands in text and in the values of settings."""
