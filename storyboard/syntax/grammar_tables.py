"""The parser tables of the grammar, shipped beside it. Lark generates them when the grammar changes, and is not loaded
otherwise.

`python -m storyboard.syntax.grammar_tables` writes them again after a change of the grammar. Tables of another
grammar are not used.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storyboard.files.disk import read_packaged
from storyboard.files.sha256 import sha256_hex
from storyboard.files.writing import replace_file
from storyboard.syntax.lalr import END, Tables

if TYPE_CHECKING:
    from lark import Lark

_FOLDER = Path(*import_module("storyboard.grammar").__path__)
TABLES = _FOLDER / "story.json"


@cache
def tables() -> Tables:
    """Return the tables, read when they are first needed."""
    return Tables(_shipped() or make_tables())


def made_from() -> str:
    """Return what the tables depend on."""
    return sha256_hex(_grammar().encode())


def make_parser(*, strict: bool = False) -> Lark:
    """Lark's own parser of the grammar. `strict` also proves that no two terminals collide (tests; it needs lark's
    `interegular`)."""
    from lark import Lark

    return Lark(_grammar(), parser="lalr", lexer="contextual", start=["header", "setting"], strict=strict)


def make_tables() -> dict[str, Any]:
    """Return the tables of the grammar as it is, from those that lark makes for itself."""
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    made = make_parser()
    data, memo = made.memo_serialize([TerminalDef, Rule])
    machine = data["parser"]["parser"]
    terminals = {each.name: each.pattern.to_regexp() for each in sorted(made.terminals, key=_first_tried)}
    rules = {number: rule for number, rule in memo.items() if rule["__type__"] == "Rule"}
    states = _Numbering(machine, list(terminals), list(rules))
    return {
        "made_from": made_from(),
        "blanks": terminals.pop("_BLANK"),
        "terminals": terminals,
        "rules": [_rule(rule) for rule in rules.values()],
        "begins": {goal: states.of(begin) for goal, begin in sorted(machine["start_states"].items())},
        "ends": {goal: states.of(end) for goal, end in sorted(machine["end_states"].items())},
        "states": states.all(),
    }


def write_tables(path: Path) -> None:
    """Write the tables of the grammar as it is."""
    replace_file(path, json.dumps(make_tables(), separators=(",", ":"), ensure_ascii=False) + "\n")


def _grammar() -> str:
    return read_packaged(_FOLDER / "story.lark")


def _shipped() -> dict[str, Any] | None:
    try:
        read: dict[str, Any] = json.loads(read_packaged(TABLES))
    except FileNotFoundError:
        return None
    return read if read.get("made_from") == made_from() else None


def _first_tried(terminal: Any) -> tuple[int, int, int, str]:
    """Return the order in which lark tries the terminals at one place."""
    pattern = terminal.pattern
    return -terminal.priority, -pattern.max_width, -len(pattern.value), terminal.name


def _rule(rule: Mapping[str, Any]) -> list[Any]:
    """Return what a `Rule` is made of."""
    name = rule["origin"]["name"]
    return [name, len(rule["expansion"]), list(_kept(rule)), name.startswith("_")]


def _kept(rule: Mapping[str, Any]) -> Iterator[int | None]:
    """Yield which of a rule's symbols are kept; its flags tell where an optional one is missing."""
    symbols = iter(enumerate(rule["expansion"]))
    for is_missing in rule["options"]["empty_indices"] or [False] * len(rule["expansion"]):
        if is_missing:
            yield None
            continue
        number, symbol = next(symbols)
        if symbol["__type__"] == "NonTerminal":
            yield ~number if symbol["name"].startswith("_") else number
        elif not symbol["filter_out"]:
            yield number


class _Numbering:
    """Lark's states, numbered as they are met, so that one grammar always gives the same tables."""

    def __init__(self, machine: Mapping[str, Any], terminals: list[str], rules: list[int]) -> None:
        self._machine = machine
        self._order = [*terminals, END, *sorted(set(machine["tokens"].values()) - {*terminals, END})]
        self._rules = rules
        self._met: list[int] = []

    def of(self, state: int) -> int:
        """Return the number of one of lark's states."""
        if state not in self._met:
            self._met.append(state)
        return self._met.index(state)

    def all(self) -> list[dict[str, int]]:
        """Return what each state does at each symbol, terminals first, in the order in which they are tried."""
        return [self._actions(state) for state in self._met]  # more are met on the way

    def _actions(self, state: int) -> dict[str, int]:
        names = self._machine["tokens"]
        found = {names[token]: action for token, action in self._machine["states"][state].items()}
        return {
            name: ~self._rules.index(to["@"]) if is_reduction else self.of(to)
            for name in self._order
            if name in found
            for is_reduction, to in [found[name]]
        }


if __name__ == "__main__":
    write_tables(TABLES)
