"""In which order the pieces of a line are drawn when it mixes directions: Unicode's algorithm, without overrides."""

from __future__ import annotations

import unicodedata
from itertools import groupby
from typing import NamedTuple

_STRONG = {"L": "L", "R": "R", "AL": "R"}
_NUMBER = {"EN", "AN"}
_BRACKETS = {")": "(", "]": "[", "}": "{"}


class Piece(NamedTuple):
    """A stretch of a line in one direction, in the order of drawing from left to right."""

    text: str
    rtl: bool


def is_rtl(text: str) -> bool:
    """Whether a paragraph runs from right to left: its first strong character says so."""
    for char in text:
        strong = _STRONG.get(unicodedata.bidirectional(char))
        if strong:
            return strong == "R"
    return False


def pieces(line: str, base_rtl: bool) -> list[Piece]:
    """The line in pieces from left to right as seen."""
    if not base_rtl and line.isascii():
        return [Piece(line, False)] if line else []
    levels = _levels(line, base_rtl)
    runs = [(level, "".join(line[i] for i in group)) for level, group in groupby(range(len(line)), levels.__getitem__)]
    return [Piece(text, level % 2 == 1) for level, text in _reordered(runs)]


def _levels(line: str, base_rtl: bool) -> list[int]:
    kinds = _brackets_resolved(line, _kinds(line, base_rtl), base_rtl)
    base = int(base_rtl)
    odd, even = (1, 2)
    level = {"R": odd, "N": even, "L": even if base_rtl else 0, "": base}
    return [level[kind] for kind in _neutrals_resolved(kinds, base_rtl)]


def _kinds(line: str, base_rtl: bool) -> list[str]:
    """Per character: "L", "R", "N" for a number in right-to-left text, "" for a neutral."""
    kinds = []
    last_strong = "R" if base_rtl else "L"
    previous = ""
    for kind in _classes(line):
        if kind in _STRONG:
            last_strong = previous = _STRONG[kind]
        elif kind in _NUMBER:
            previous = "L" if last_strong == "L" else "N"
        elif kind != "NSM":
            previous = ""
        kinds.append(previous)
    return kinds


def _classes(line: str) -> list[str]:
    """Bidirectional classes; a separator between two digits and a sign beside one are of their number."""
    classes = [unicodedata.bidirectional(char) for char in line]
    for at in range(1, len(classes) - 1):
        if classes[at] in ("CS", "ES") and classes[at - 1] == classes[at + 1] and classes[at - 1] in _NUMBER:
            classes[at] = classes[at - 1]
    for order in (range(1, len(classes)), range(len(classes) - 2, -1, -1)):
        step = -1 if order.step == 1 else 1
        for at in order:
            if classes[at] == "ET" and classes[at + step] == "EN":
                classes[at] = "EN"
    return classes


def _brackets_resolved(line: str, kinds: list[str], base_rtl: bool) -> list[str]:
    """A pair of brackets goes with the direction inside it, where that is the line's own or the one before it."""
    edge, other = ("R", "L") if base_rtl else ("L", "R")
    kinds = kinds.copy()
    opened: list[int] = []
    for at, char in enumerate(line):
        if char in _BRACKETS.values():
            opened.append(at)
        elif char in _BRACKETS and opened and line[opened[-1]] == _BRACKETS[char]:
            start = opened.pop()
            inside = {_side(kind) for kind in kinds[start + 1 : at]}
            before = next((_side(kind) for kind in reversed(kinds[:start]) if kind), edge)
            if edge in inside or other in inside:
                kinds[start] = kinds[at] = other if edge not in inside and before == other else edge
    return kinds


def _neutrals_resolved(kinds: list[str], base_rtl: bool) -> list[str]:
    edge = "R" if base_rtl else "L"
    resolved: list[str] = []
    groups = [(kind, len(list(group))) for kind, group in groupby(kinds)]
    for at, (kind, length) in enumerate(groups):
        if kind == "":
            before = _side(groups[at - 1][0]) if at else edge
            after = _side(groups[at + 1][0]) if at + 1 < len(groups) else edge
            kind = before if before == after else edge
        resolved += [kind] * length
    return resolved


def _side(kind: str) -> str:
    return "R" if kind == "N" else kind


def _reordered(runs: list[tuple[int, str]]) -> list[tuple[int, str]]:
    return _flipped(_flipped(runs, 2), 1)


def _flipped(runs: list[tuple[int, str]], floor: int) -> list[tuple[int, str]]:
    out: list[tuple[int, str]] = []
    for high, group in groupby(runs, lambda run: run[0] >= floor):
        members = list(group)
        out += reversed(members) if high else members
    return out
