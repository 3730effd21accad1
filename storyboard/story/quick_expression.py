"""Read the most common tags (a name, or a phrase called with names and strings) without loading Jinja. A property test
compares the results with Jinja's."""

from __future__ import annotations

import re

from storyboard.story.expression import FOREIGN, KEYWORDS, Argument, Call, Constant, Path
from storyboard.story.prompt_layout import nfc

LONGEST = 1000
"""Longest tag that is read here, in characters."""

_NO_NAMES = KEYWORDS | FOREIGN.keys()
_NAME = r"[^\W\d]\w*+"
_PATH = rf"{_NAME}(?>(?:\.(?!_){_NAME})*)"  # not `(?:…)*+`, which Python before 3.11.5 matches wrongly
_BARE = re.compile(rf"\s*+({_PATH})\s*+")
_CALL = re.compile(rf"\s*+({_PATH})\((.*)\)\s*+", re.DOTALL)
_ARGUMENT = re.compile(rf"\s*+(?:({_NAME})\s*+=\s*+)?(?:({_PATH})|\"([^\"\\]*+)\")\s*+(,|\Z)")


def read_plain(inside: str) -> Path | Call | None:
    """Parse the inside of a plain tag; None for anything else, right or wrong."""
    if len(inside) > LONGEST:
        return None
    if (bare := _BARE.fullmatch(inside)) is not None:
        return _path(bare[1], bare.start(1))
    if (call := _CALL.fullmatch(inside)) is not None:
        return _call(call)
    return None


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
        if not match[4]:
            return tuple(found)
        at = match.end()
    return None


def _argument(match: re.Match[str]) -> Argument | None:
    name, path = match[1], match[2]
    value = (
        Constant(nfc(match[3]), match.start(3) - 1, match.end(3) + 1) if path is None else _path(path, match.start(2))
    )
    if value is None or name in _NO_NAMES:
        return None
    return Argument(None, value, value.start) if name is None else Argument(nfc(name), value, match.start(1))


def _path(written: str, start: int) -> Path | None:
    parts = written.split(".")
    if not _NO_NAMES.isdisjoint(parts):
        return None
    starts = [start]
    for part in parts[:-1]:
        starts.append(starts[-1] + len(part) + 1)
    return Path(tuple(map(nfc, parts)), tuple(starts), start + len(written))
