"""The tokens of a tag, as Jinja's lexer finds them, and which of them are allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import NoReturn

from jinja2 import Environment, TemplateSyntaxError

from storyboard.diagnostics import Rule
from storyboard.diagnostics.limits import DEEPEST_TAG, LONGEST_TAG
from storyboard.diagnostics.rules.text import OFF_THE_LIST, TOO_DEEP, UNREADABLE
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.story.expression import CONSTANTS, FOREIGN, TagProblem
from storyboard.story.prompt_layout import nfc
from storyboard.story.values import NUMBER

COMPARISONS = frozenset(["==", "!=", "<", ">", "<=", ">=", "in", "not in"])
"""Every comparison operator."""

_OPERATORS = frozenset(["(", ")", ",", ".", "|", "=", *COMPARISONS])
_ARITHMETIC = frozenset(["+", "-", "*", "/", "//", "%", "**"])
_ESCAPE = lazy_pattern(r"\\(u\{[0-9A-Fa-f]{1,6}\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|.)", re.DOTALL)
_PLAIN_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "'": "'", "\\": "\\", "\n": ""}


class TagToken(NamedTuple):
    """A word or sign of a tag."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)


class TagError(Exception):
    """Raised inside `parse_inside` for a tag that is wrong."""

    def __init__(self, problem: TagProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@cache
def environment() -> Environment:
    """Return the Jinja environment, of which only lexer and parser are used."""
    return Environment(keep_trailing_newline=True, autoescape=False)


def refuse(rule: Rule, message: str, start: int, end: int, advice: str | None = None) -> TagError:
    """Return the error for a refused tag; offsets count inside it."""
    return TagError(TagProblem(rule, message, start, end, advice))


def tokens_of(inside: str) -> list[TagToken]:
    """Return the tokens of a tag's inside. Raises TagError if one of them is not allowed there."""
    if len(inside) > LONGEST_TAG:
        message = f"the content of these braces is {len(inside)} characters; the limit is {LONGEST_TAG}"
        raise refuse(TOO_DEEP, message, 0, len(inside), "move parts of it into a `let` or a `phrase`")
    tokens = [_checked(token) for token in _lex(inside)]
    if not tokens:
        raise refuse(UNREADABLE, "these braces are empty", 0, len(inside), "write the name to insert here")
    _check_neighbours(tokens)
    _check_depth(tokens)
    return tokens


def _lex(inside: str) -> Iterator[TagToken]:
    at = 0
    try:
        for _, kind, text in environment().lexer.tokeniter("{{" + inside + "}}", None):
            if kind == "variable_end" and at - 2 < len(inside):
                _refuse_closing(inside, at - 2 + text.index("}"))
            if kind not in ("variable_begin", "variable_end", "whitespace"):
                yield TagToken(kind, text, at - 2)
            at += len(text)
    except TemplateSyntaxError:
        found = inside[at - 2 : at - 1]
        if not found:
            raise refuse(UNREADABLE, "a parenthesis is not closed", 0, len(inside)) from None
        raise refuse(UNREADABLE, f"`{found}` has no meaning inside `{{{{ }}}}`", at - 2, at - 1) from None


def _refuse_closing(inside: str, start: int) -> NoReturn:
    """Raise if braces close that were never opened: what follows is not a token."""
    found = inside[start : start + 2]
    raise refuse(UNREADABLE, f"`{found}` is not allowed here", start, start + len(found))


def _checked(token: TagToken) -> TagToken:
    """Return the token, if it is allowed."""
    what = _off_the_list(token)
    if what:
        help_ = f"{what} {'is' if what.startswith('an ') else 'are'} not part of the language"
        raise refuse(OFF_THE_LIST, f"`{token.text}` is not allowed inside `{{{{ }}}}`", token.start, token.end, help_)
    return token


def _off_the_list(token: TagToken) -> str | None:
    match token.kind:
        case "name":
            return FOREIGN.get(token.text)
        case "operator" if token.text in _ARITHMETIC:
            return "calculations"
        case "operator" if token.text == "~":
            return "joins with `~`"
        case "operator" if token.text not in _OPERATORS:
            return "lists, dictionaries and `[ ]`"
        case "integer" | "float" if not NUMBER.fullmatch(token.text):
            return "numbers in this notation"
        case _:
            return None


def _check_neighbours(tokens: list[TagToken]) -> None:
    for before, after in pairwise(tokens):
        if _is_literal(before) and _is_literal(after):
            message = f"{after.text} follows {before.text} with nothing between them"
            raise refuse(UNREADABLE, message, after.start, after.end)


def _is_literal(token: TagToken) -> bool:
    return token.kind in ("string", "integer", "float") or token.text in CONSTANTS


def _check_depth(tokens: list[TagToken]) -> None:
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1, "not": 1}.get(token.text, 0)
        if depth > DEEPEST_TAG:
            message = f"this is nested more than {DEEPEST_TAG} deep"
            raise refuse(TOO_DEEP, message, token.start, token.end, "move parts of it into a `let` or a `phrase`")


def _can_be_sent(code: int) -> bool:
    return 0x20 <= code <= 0x10FFFF and not 0x7F <= code <= 0x9F and not 0xD800 <= code <= 0xDFFF


def unescape(token: TagToken) -> str:
    """Return the text of a string token, its escapes resolved, in NFC."""
    written = token.text[1:-1]
    if "\\" not in written:
        return nfc(written)

    def replaced(match: re.Match[str]) -> str:
        escape = match[1]
        if len(escape) == 1:
            return _PLAIN_ESCAPES.get(escape, match[0])
        code = int(escape.strip("ux{}"), 16)
        if code not in (9, 10) and not _can_be_sent(code):
            start = token.start + 1 + match.start()
            message = f"`{match[0]}` is not a character that a prompt can contain"
            raise refuse(UNREADABLE, message, start, start + len(match[0]), 'write a backslash itself as `"\\\\"`')
        return chr(code)

    return nfc(_ESCAPE.sub(replaced, written))
