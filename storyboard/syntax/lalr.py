"""The LALR parser: it walks the tables that lark generates from the grammar. Lark is not needed to parse a line, which
takes a tenth of the time this way."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern

END = "$END"
"""The symbol after the last token."""


class GrammarToken(NamedTuple):
    """A word or sign of a line: its terminal, its text, and where that stands."""

    kind: str
    text: str
    start: int
    end: int


class Node(NamedTuple):
    """What a rule of the grammar made: the tokens and nodes that it keeps, None for an optional one that is missing."""

    rule: str
    children: list[Any]


class Production(NamedTuple):
    """A way to make a node. `kept` numbers the symbols whose values it keeps: None for one that is missing, `~number`
    for one that is a list and goes on in this one. Where `hidden`, the node itself is such a list."""

    name: str
    length: int
    kept: Sequence[int | None]
    hidden: bool


Actions: TypeAlias = Mapping[str, int]
"""By symbol, the state to go on in, or as `~number` the rule by which the last symbols make a node. Terminals stand in
the order in which they are tried."""


class Tables:
    """The grammar as a machine reads it."""

    def __init__(self, written: Mapping[str, Any]) -> None:
        self.terminals: Mapping[str, str] = written["terminals"]
        self.states: Sequence[Actions] = written["states"]
        self.rules = [Production(*rule) for rule in written["rules"]]
        self.begins: Mapping[str, int] = written["begins"]
        self.ends: Mapping[str, int] = written["ends"]
        self.blanks = lazy_pattern(written["blanks"])
        self.matchers = cache(self._matchers)

    def parse(self, text: str, start: int, end: int, goal: str) -> Node | int:
        """Parse a stretch of text into a node; if it is wrong, return the offset at which that is clear."""
        states = [self.begins[goal]]
        values: list[Any] = []
        last = self.ends[goal]
        while True:
            token = self._next(text, start, end, states[-1])
            if token is None:
                return self._behind_blanks(text, start, end)
            action = self.states[states[-1]].get(token.kind)
            while action is not None and action < 0:
                self._make(self.rules[~action], states, values)
                if states[-1] == last and token.kind == END:
                    made: Node = values[0]
                    return made
                action = self.states[states[-1]].get(token.kind)
            if action is None:
                return token.start
            states.append(action)
            values.append(token)
            start = token.end

    def _next(self, text: str, start: int, end: int, state: int) -> GrammarToken | None:
        """Return the next token; None if nothing that can stand in a state begins there."""
        start = self._behind_blanks(text, start, end)
        if start == end:
            return GrammarToken(END, "", end, end)
        for kind, match in self.matchers(state):
            found = match(text, start, end)
            if found is not None:
                return GrammarToken(kind, found[0], start, found.end())
        return None

    def _behind_blanks(self, text: str, start: int, end: int) -> int:
        blanks = self.blanks.match(text, start, end)
        return blanks.end() if blanks else start

    def _matchers(self, state: int) -> list[tuple[str, Callable[[str, int, int], re.Match[str] | None]]]:
        terminals = self.terminals
        return [(kind, _pattern(terminals[kind]).match) for kind in self.states[state] if kind in terminals]

    def _make(self, rule: Production, states: list[int], values: list[Any]) -> None:
        """The last symbols become a node."""
        first = len(values) - rule.length
        children: list[Any] = []
        for number in rule.kept:
            if number is None:
                children.append(None)
            elif number >= 0:
                children.append(values[first + number])
            elif children:
                children += values[first + ~number]
            else:
                children = values[first + ~number]
        del states[first + 1 :], values[first:]
        states.append(self.states[states[-1]][rule.name])
        values.append(children if rule.hidden else Node(rule.name, children))


@cache
def _pattern(terminal: str) -> re.Pattern[str]:
    return lazy_pattern(terminal)
