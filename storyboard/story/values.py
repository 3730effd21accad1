"""Values of names: texts, numbers, durations, flags, lists; and how each is printed."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from storyboard.fast_dataclasses import dataclass
from storyboard.files.lazy_pattern import lazy_pattern


@dataclass(frozen=True, slots=True)
class Number:
    """A number, and how it was written."""

    value: Decimal
    written: str


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration, and how it was written (`4s`)."""

    seconds: Decimal
    written: str


Value: TypeAlias = str | Number | Duration | bool | tuple[str, ...] | None
"""A text, number, duration, flag, nothing, or list of texts."""

NUMBER = lazy_pattern(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?")
DURATION = lazy_pattern(r"([0-9]{1,30}(?:\.[0-9]{1,30})?)s")


def read(text: str) -> Value:
    """Parse the value of a `let` or `param`: a duration, a number, or otherwise the text itself."""
    if len(text) > 62 or not text[-1:].isascii():
        return text
    if NUMBER.fullmatch(text):
        return Number(Decimal(text), text)
    return as_duration(text) or text


def as_duration(value: Value) -> Duration | None:
    """Return the value as a duration, where it is one or reads as one."""
    if isinstance(value, Duration):
        return value
    if isinstance(value, str) and (match := DURATION.fullmatch(value)):
        return Duration(Decimal(match[1]), value)
    return None


def printed(value: Value) -> str | None:
    """Return its printed form; None for true, false and none, which cannot be printed."""
    match value:
        case str():
            return value
        case Number() | Duration():
            return value.written
        case tuple():
            return ", ".join(value)
        case _:
            return None


def size(value: Value) -> int:
    """Return how many characters it holds."""
    match value:
        case str():
            return len(value)
        case tuple():
            return sum(len(item) + 2 for item in value)
        case _:
            return 0


def called(value: Value) -> str:
    """Its kind, in an author's words."""
    match value:
        case str():
            return "a text"
        case Number():
            return "a number"
        case Duration():
            return "a duration"
        case tuple():
            return "a list"
        case bool():
            return "true or false"
        case _:
            return "none"


def truthy(value: Value) -> bool:
    """Whether `{% if %}` takes it as true: it is not an empty text or list, zero, false or none."""
    match value:
        case Number():
            return bool(value.value)
        case Duration():
            return bool(value.seconds)
        case _:
            return bool(value)
