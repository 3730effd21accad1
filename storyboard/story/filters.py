"""The filters of `{{ value | filter }}`. Their input has been bounded already."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.story.values import Number, Value, printed, size, truthy

_WORD_BEGINNINGS = lazy_pattern(r"([-\s({\[<]+)")

Work: TypeAlias = Callable[..., Value]


class Unfit(Exception):
    """A filter cannot work on this value; the message completes "`join` …"."""


class Filter(NamedTuple):
    """A filter: the least and most arguments it takes, what it wants in words, and its work.

    `grows` estimates beforehand how many characters may come out.
    """

    least: int
    most: int
    wants: str
    work: Work
    grows: Callable[..., int] = lambda value, *_: 3 * size(value)

    def takes(self, count: int) -> bool:
        """Whether it takes that many arguments."""
        return self.least <= count <= self.most


def text_of(value: Value) -> str:
    """Return the text that a filter works on."""
    text = printed(value)
    if text is None:
        raise Unfit("needs something that can be inserted into text")
    return text


def _title(value: Value) -> str:
    words = _WORD_BEGINNINGS.split(text_of(value))
    return "".join(word[:1].upper() + word[1:].lower() for word in words)


def _items(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (text_of(value),)


def _join(value: Value, between: Value = "") -> str:
    return text_of(between).join(_items(value))


def _joined_size(value: Value, between: Value = "") -> int:
    return size(value) + len(_items(value)) * len(text_of(between))


def _default(value: Value, other: Value) -> Value:
    is_empty = value is None or (isinstance(value, str | tuple) and not truthy(value))
    return other if is_empty else value


def _replace(value: Value, old: Value, new: Value) -> str:
    return text_of(value).replace(text_of(old), text_of(new))


def _replaced_size(value: Value, old: Value, new: Value) -> int:
    text, sought = text_of(value), text_of(old)
    return len(text) + text.count(sought) * len(text_of(new))


def _sequence(value: Value) -> str | tuple[str, ...]:
    return value if isinstance(value, tuple) else text_of(value)


def _first(value: Value) -> str:
    return next(iter(_sequence(value)), "")


def _last(value: Value) -> str:
    return next(reversed(_sequence(value)), "")


def _length(value: Value) -> Number:
    count = len(_sequence(value))
    return Number(Decimal(count), str(count))


def _plain(work: Callable[[str], str]) -> Filter:
    return Filter(0, 0, "takes no arguments", lambda value: work(text_of(value)))


FILTERS: dict[str, Filter] = {
    "upper": _plain(str.upper),
    "lower": _plain(str.lower),
    "title": Filter(0, 0, "takes no arguments", _title),
    "capitalize": _plain(str.capitalize),
    "capfirst": _plain(lambda text: text[:1].upper() + text[1:]),
    "trim": _plain(str.strip),
    "join": Filter(0, 1, 'takes at most one argument: `join(", ")`', _join, _joined_size),
    "default": Filter(1, 1, 'takes one argument: `default("…")`', _default, lambda *values: max(map(size, values))),
    "replace": Filter(2, 2, 'takes two arguments: `replace("old", "new")`', _replace, _replaced_size),
    "first": Filter(0, 0, "takes no arguments", _first),
    "last": Filter(0, 0, "takes no arguments", _last),
    "length": Filter(0, 0, "takes no arguments", _length),
}
"""Every filter there is, by its name."""
