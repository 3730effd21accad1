"""Comparisons in braces: equality and order."""

from __future__ import annotations

from collections.abc import Callable

from storyboard.story.values import Duration, Number, Value, printed


def compare(word: str, left: Value, right: Value) -> bool | None:
    """Whether the comparison holds; None if the two cannot be compared that way."""
    match word:
        case "==":
            return _equal(left, right)
        case "!=":
            return not _equal(left, right)
        case "in" | "not in":
            sought = printed(left)
            if sought is None or not isinstance(right, str | tuple):
                return None
            return (sought in right) is (word == "in")
        case _:
            return _ordered(word, left, right)


def _equal(left: Value, right: Value) -> bool:
    if isinstance(left, Number) and isinstance(right, Number):
        return left.value == right.value
    if isinstance(left, Duration) and isinstance(right, Duration):
        return left.seconds == right.seconds
    words = printed(left), printed(right)
    return left is right if None in words else words[0] == words[1]


def _ordered(word: str, left: Value, right: Value) -> bool | None:
    match left, right:
        case Number(), Number():
            a, b = left.value, right.value
        case Duration(), Duration():
            a, b = left.seconds, right.seconds
        case str(), str():
            return _ORDER[word]((left > right) - (left < right))
        case _:
            return None
    return _ORDER[word]((a > b) - (a < b))


_ORDER: dict[str, Callable[[int], bool]] = {
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}
