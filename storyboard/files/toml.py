"""Reading TOML. A text that was read before is not parsed again: the parser takes longer than most texts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from storyboard.files.kept import kept
from storyboard.files.lazy_pattern import lazy_pattern

_KIND, _MOST, _LONGEST = ("TOML",), 64, 20_000
_PLAIN = (str, bool, int)

_PARTS = 100
"""Parts of a dotted key that are read: Python's parser takes minutes for a key of tens of thousands."""

_PART = r"(?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*')"
_LONG_KEY = lazy_pattern(rf"(?<![\w-]){_PART}(?:[ \t]*\.[ \t]*{_PART}){{{_PARTS}}}")


def parse_toml(text: str) -> dict[str, Any]:
    """Return the table that a text describes, with decimals for its numbers; raises ValueError or RecursionError."""
    texts = kept(_KIND, _MOST)
    found = texts.get(text)
    if isinstance(found, dict):
        return {name: _read(value) for name, value in found.items()}
    if text.count(".") >= _PARTS and _LONG_KEY.search(text):
        raise ValueError(f"a key has more than {_PARTS} parts")
    import tomllib

    table = tomllib.loads(text, parse_float=Decimal)
    if len(text) <= _LONGEST:
        try:
            texts.add(text, {name: _written(value) for name, value in table.items()})
        except TypeError:  # a date, which nothing of ours has
            return table
    return table


def _written(value: object) -> object:
    """A value for the cache, which has no decimals: those become tuples, which TOML has none of."""
    if isinstance(value, dict):
        return {name: _written(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_written(each) for each in value]
    if isinstance(value, Decimal):
        return (str(value),)
    if isinstance(value, _PLAIN):
        return value
    raise TypeError


def _read(value: object) -> object:
    if isinstance(value, dict):
        return {name: _read(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_read(each) for each in value]
    return Decimal(value[0]) if isinstance(value, tuple) else value
