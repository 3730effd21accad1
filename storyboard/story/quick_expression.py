"""Read the most common tags without loading Jinja: a name, a string, a phrase called with names and strings, a
condition (`not name`, `name == "string"`), a filter. A property test compares the results with
Jinja's.
"""

from __future__ import annotations

import re

from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.story.expression import (
    FOREIGN,
    KEYWORDS,
    Argument,
    Call,
    Comparison,
    Constant,
    Expression,
    Filtered,
    Negation,
    Path,
)
from storyboard.story.filters import FILTERS
from storyboard.story.prompt_layout import nfc

LONGEST = 1000
"""Longest tag that is read here, in characters."""

_NO_NAMES = KEYWORDS | FOREIGN.keys()
_NAME = r"[^\W\d]\w*+"
_PATH = rf"{_NAME}(?>(?:\.(?!_){_NAME})*)"  # not `(?:…)*+`, which Python before 3.11.5 matches wrongly
_STRING = r"(?:\"([^\"\\]*+)\"|'([^'\\]*+)')"
_BARE = lazy_pattern(rf"\s*+({_PATH})\s*+")
_QUOTED = lazy_pattern(rf"\s*+{_STRING}\s*+")
_CALL = lazy_pattern(rf"\s*+({_PATH})\((.*)\)\s*+", re.DOTALL)
_ARGUMENT = lazy_pattern(rf"\s*+(?:({_NAME})\s*+=\s*+)?(?:({_PATH})|{_STRING})\s*+(,|\Z)")
_COMPARISON = lazy_pattern(rf"\s*+({_PATH})\s*+(==|!=)\s*+{_STRING}\s*+")
_NEGATION = lazy_pattern(rf"\s*+not\s++({_PATH})\s*+")
_FILTERED = lazy_pattern(rf"\s*+({_PATH})\s*+\|\s*+({_NAME})\s*+(?:\(\s*+{_STRING}\s*+\)\s*+)?")


def read_plain(inside: str) -> Expression | None:
    """Parse the inside of a plain tag; None for anything else, right or wrong."""
    if len(inside) > LONGEST:
        return None
    if (bare := _BARE.fullmatch(inside)) is not None:
        return _path(bare[1], bare.start(1))
    if (call := _CALL.fullmatch(inside)) is not None:
        return _call(call)
    if (quoted := _QUOTED.fullmatch(inside)) is not None:
        return _string(quoted, 1)
    if (compared := _COMPARISON.fullmatch(inside)) is not None:
        return _comparison(compared)
    if (negated := _NEGATION.fullmatch(inside)) is not None:
        value = _path(negated[1], negated.start(1))
        return value and Negation(value, inside.index("not"), value.end)
    if (filtered := _FILTERED.fullmatch(inside)) is not None:
        return _filtered(filtered)
    return None


def _comparison(compared: re.Match[str]) -> Comparison | None:
    first, string = _path(compared[1], compared.start(1)), _string(compared, 3)
    return first and Comparison(first, ((compared[2], string),), first.start, string.end)


def _filtered(filtered: re.Match[str]) -> Filtered | None:
    value, known = _path(filtered[1], filtered.start(1)), FILTERS.get(filtered[2])
    given = (_string(filtered, 3),) if filtered[3] is not None or filtered[4] is not None else ()
    if value is None or known is None or not known.takes(len(given)):
        return None
    return Filtered(value, filtered[2], given, *filtered.span(2))


def _call(call: re.Match[str]) -> Call | None:
    phrase = _path(call[1], call.start(1))
    arguments = _arguments(call.string, *call.span(2)) if call[2].strip() else ()
    if phrase is None or arguments is None:
        return None
    return Call(phrase, arguments, phrase.start, call.end(2) + 1)


def _arguments(inside: str, at: int, end: int) -> tuple[Argument, ...] | None:
    found: list[Argument] = []
    while (match := _ARGUMENT.match(inside, at, end)) is not None:
        argument = _argument(match)
        if argument is None or (found and found[-1].name and not argument.name):
            return None
        found.append(argument)
        if not match[5]:
            return tuple(found)
        at = match.end()
    return None


def _argument(match: re.Match[str]) -> Argument | None:
    name, path = match[1], match[2]
    value = _string(match, 3) if path is None else _path(path, match.start(2))
    if value is None or name in _NO_NAMES:
        return None
    return Argument(None, value, value.start) if name is None else Argument(nfc(name), value, match.start(1))


def _string(match: re.Match[str], group: int) -> Constant:
    """Return the string of a match: `group` is its text in double quotes, the next group in single ones."""
    group += match[group] is None
    return Constant(nfc(match[group]), match.start(group) - 1, match.end(group) + 1)


def _path(written: str, start: int) -> Path | None:
    parts = written.split(".")
    if not _NO_NAMES.isdisjoint(parts):
        return None
    starts = [start]
    for part in parts[:-1]:
        starts.append(starts[-1] + len(part) + 1)
    return Path(tuple(map(nfc, parts)), tuple(starts), start + len(written))
