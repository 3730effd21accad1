"""Parse the inside of one tag: Jinja lexes and parses it, and what is allowed becomes a tree of our own.

Jinja is given not the author's words but their *shape*: each name, string and number is replaced by the number of its
token, one token per line. So every node and error has an exact place, and ten thousand calls of one phrase are parsed
once.
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from jinja2 import TemplateSyntaxError, nodes
from jinja2.parser import Parser

from storyboard.diagnostics.rules.text import FILTER_MISFIT, OFF_THE_LIST, UNREADABLE
from storyboard.diagnostics.suggest import suggest
from storyboard.story.expression import (
    CONSTANTS,
    KEYWORDS,
    Argument,
    Call,
    Comparison,
    Constant,
    Expression,
    Filtered,
    Junction,
    Negation,
    Path,
    TagProblem,
)
from storyboard.story.expression_lexer import TagError, TagToken, environment, refuse, tokens_of, unescape
from storyboard.story.filters import FILTERS
from storyboard.story.values import Number

_COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "gt": ">", "lteq": "<=", "gteq": ">=", "in": "in", "notin": "not in"}


def parse_inside(inside: str) -> Expression | TagProblem:
    """Parse the expression inside a tag, or say what is wrong. Offsets count from the start of `inside`."""
    try:
        tokens = tokens_of(inside)
        shape = "\n".join(_shape_of(index, token) for index, token in enumerate(tokens))
        return _Conversion(tokens).of(_parse_shape(shape, tokens, len(inside)))
    except TagError as refused:
        return refused.problem


def _shape_of(index: int, token: TagToken) -> str:
    if token.kind == "operator" or (token.text in KEYWORDS and token.text not in CONSTANTS):
        return token.text
    return f"t{index}" if token.kind == "name" and token.text not in CONSTANTS else f'"{index}"'


def _parse_shape(shape: str, tokens: list[TagToken], length: int) -> nodes.Node:
    parsed = _jinja_tree(shape)
    if isinstance(parsed, nodes.Node):
        return parsed
    if parsed >= len(tokens):
        start = tokens[-1].end
        raise refuse(UNREADABLE, "something is missing before the closing braces", start, max(length, start))
    token = tokens[parsed]
    raise refuse(UNREADABLE, f"`{token.text}` is not allowed here", token.start, token.end, _advice(tokens, parsed))


def _advice(tokens: list[TagToken], index: int) -> str | None:
    before = tokens[index - 1] if index else None
    if before is not None and before.kind in ("integer", "float") and tokens[index].text == "s":
        return f'write a duration as a string here: `"{before.text}s"`'
    return None


@lru_cache(maxsize=4096)
def _jinja_tree(shape: str) -> nodes.Node | int:
    """Return Jinja's tree of a shape, or the number of the unexpected token."""
    try:
        template = Parser(environment(), "{{\n" + shape + "\n}}").parse()
    except TemplateSyntaxError as error:
        return max(error.lineno - 2, 0)
    output = template.body[0]
    return output.nodes[0] if isinstance(output, nodes.Output) else 0


class _Conversion:
    """Converts Jinja's tree of a shape to ours, with the author's own words put back."""

    def __init__(self, tokens: list[TagToken]) -> None:
        self.tokens = tokens
        self.closing = _closing(tokens)

    def of(self, node: nodes.Node) -> Expression:
        match node:
            case nodes.Const():
                return self.constant(self.tokens[int(node.value)])
            case nodes.Name() | nodes.Getattr():
                return self.path(node)
            case nodes.Call():
                return self.call(node)
            case nodes.Filter():
                return self.filtered(node)
            case nodes.Compare():
                return self.comparison(node)
            case nodes.Not():
                value = self.of(node.node)
                return Negation(value, self.tokens[node.lineno - 2].start, value.end)
            case nodes.And():
                return self.junction(node, nodes.And)
            case nodes.Or():
                return self.junction(node, nodes.Or)
            case _:
                raise self.off_the_list(node)

    def token(self, placeholder: str) -> TagToken:
        if placeholder in KEYWORDS:
            raise self.misplaced(placeholder)
        return self.tokens[int(placeholder[1:])]

    def misplaced(self, word: str) -> TagError:
        """Return the error for a word such as `and` where Jinja would take it for a name."""
        found = [token for token in self.tokens if token.text == word]
        before = dict(pairwise(reversed(self.tokens)))
        token = next((each for each in found if not _ends_value(before.get(each))), found[0])
        return refuse(UNREADABLE, f"`{word}` is not allowed here", token.start, token.end)

    def off_the_list(self, node: nodes.Node) -> TagError:
        token = self.tokens[min(max(node.lineno - 2, 0), len(self.tokens) - 1)]
        if isinstance(node, nodes.Tuple):
            token = next((each for each in self.tokens if each.text == ","), token)
        message = "a list is not allowed here" if isinstance(node, nodes.Tuple) else "this cannot be inserted into text"
        help_ = "each `{{ }}` inserts one name, phrase or string"
        return refuse(OFF_THE_LIST, message, token.start, token.end, help_)

    def constant(self, token: TagToken) -> Constant:
        if token.kind == "string":
            return Constant(unescape(token), token.start, token.end)
        if token.kind == "name":
            return Constant(CONSTANTS[token.text], token.start, token.end)
        return Constant(Number(Decimal(token.text), token.text), token.start, token.end)

    def path(self, node: nodes.Node) -> Path:
        found: list[TagToken] = []
        while isinstance(node, nodes.Getattr):
            found.append(self.token(node.attr))
            node = node.node
        if not isinstance(node, nodes.Name):
            raise self.no_attribute(found[-1])
        found.append(self.token(node.name))
        found.reverse()
        for token in found[1:]:
            if token.text.startswith("_"):
                raise refuse(OFF_THE_LIST, f"`.{token.text}` cannot be used in stories", token.start, token.end)
        parts = tuple(unicodedata.normalize("NFC", token.text) for token in found)
        return Path(parts, tuple(token.start for token in found), found[-1].end)

    def no_attribute(self, token: TagToken) -> TagError:
        message = f"this has no `.{token.text}`"
        return refuse(OFF_THE_LIST, message, token.start, token.end, "use a filter: `{{ name | upper }}`")

    def call(self, node: nodes.Call) -> Call:
        if not isinstance(node.node, nodes.Name | nodes.Getattr):
            raise self.off_the_list(node)
        phrase = self.path(node.node)
        given = [Argument(None, value, value.start) for value in map(self.of, node.args)]
        for keyword in node.kwargs:
            name = self.token(keyword.key)
            given.append(Argument(unicodedata.normalize("NFC", name.text), self.of(keyword.value), name.start))
        if node.dyn_args or node.dyn_kwargs:
            raise self.off_the_list(node)
        return Call(phrase, tuple(given), phrase.start, self.closing.get(phrase.end, phrase.end))

    def filtered(self, node: nodes.Filter) -> Filtered:
        chain: list[nodes.Filter] = []
        inner: nodes.Node = node
        while isinstance(inner, nodes.Filter):
            chain.append(inner)
            if inner.node is None:
                raise self.off_the_list(inner)
            inner = inner.node
        value = self.of(inner)
        for link in reversed(chain):
            value = self.filter_link(value, link)
        assert isinstance(value, Filtered)
        return value

    def filter_link(self, value: Expression, node: nodes.Filter) -> Filtered:
        name = self.token(node.name.partition(".")[0])
        known = FILTERS.get(name.text)
        if known is None or "." in node.name:
            near = suggest(name.text, FILTERS)
            help_ = (
                f"did you mean `{near}`?" if near else f"the filters are {', '.join(f'`{each}`' for each in FILTERS)}"
            )
            raise refuse(OFF_THE_LIST, f"there is no filter called `{name.text}`", name.start, name.end, help_)
        if node.kwargs or node.dyn_args or node.dyn_kwargs or not known.takes(len(node.args)):
            raise refuse(FILTER_MISFIT, f"`{name.text}` {known.wants}", name.start, name.end)
        return Filtered(value, name.text, tuple(self.of(each) for each in node.args), name.start, name.end)

    def comparison(self, node: nodes.Compare) -> Comparison:
        first = self.of(node.expr)
        others = tuple((_COMPARISONS[operand.op], self.of(operand.expr)) for operand in node.ops)
        return Comparison(first, others, first.start, others[-1][1].end)

    def junction(self, node: nodes.And | nodes.Or, kind: type[nodes.And | nodes.Or]) -> Junction:
        operands: list[nodes.Node] = []
        left: nodes.Node = node
        while isinstance(left, kind):
            operands.append(left.right)
            left = left.left
        operands.append(left)
        found = tuple(self.of(operand) for operand in reversed(operands))
        return Junction("and" if kind is nodes.And else "or", found, found[0].start, found[-1].end)


def _ends_value(token: TagToken | None) -> bool:
    """Whether a value can end with this token, so that the next word can be an operator."""
    if token is None or token.text in KEYWORDS:
        return token is not None and token.text in CONSTANTS
    return token.kind != "operator" or token.text == ")"


def _closing(tokens: list[TagToken]) -> dict[int, int]:
    """Map the end of each name before a parenthesis to the place where that parenthesis closes."""
    found: dict[int, int] = {}
    open_: list[int] = []
    for index, token in enumerate(tokens):
        if token.text == "(" and token.kind == "operator":
            open_.append(tokens[index - 1].end if index else 0)
        elif token.text == ")" and token.kind == "operator" and open_:
            found[open_.pop()] = token.end
    return found
