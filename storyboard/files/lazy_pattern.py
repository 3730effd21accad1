"""Regular expressions that are compiled on first use, and kept compiled in the cache for the runs after.

To compile the patterns that a run needs takes Python longer than to check an edited story. Python has no public way to
keep them: this uses what `re.compile` itself calls, and compiles as usual where a Python's `re` is built otherwise. All
patterns are in one entry of the cache, which is bound to the exact version of Python. A run that compiles others adds
them at its end (`keep_patterns`).
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, cast

from storyboard.files import cache

if TYPE_CHECKING:
    from typing import Any, TypeAlias

    Wanted: TypeAlias = tuple[str, int]
    """A pattern's text and flags."""
    Program: TypeAlias = tuple[Any, ...]
    """What `re.compile` gives to its engine: flags, the words of the code as bytes, which are fast to load, and the
    numbers and names of the groups."""

_MOST = 1000
"""Patterns that the cache keeps; a run needs a hundred or two, but other versions of storyboard have others."""
_METHODS = ("match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer")


def lazy_pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """Returns what `re.compile` returns, but compiles it when it is first used."""
    return cast("re.Pattern[str]", _LazyPattern(text, int(flags)))


def keep_patterns() -> None:
    """Stores the patterns that were compiled since the last time."""
    for shelf in _shelves.values():
        shelf.keep()


class _LazyPattern:
    """Stands for a pattern. Once it is used, its methods are those of the compiled pattern."""

    def __init__(self, text: str, flags: int) -> None:
        self.pattern = text
        self._given = flags

    def __getattr__(self, name: str) -> object:
        place = cache.folder()
        shelf = _shelves.get(place)
        if shelf is None:
            shelf = _shelves[place] = _Shelf()
        compiled = shelf.pattern(self.pattern, self._given)
        for method in _METHODS:
            self.__dict__[method] = getattr(compiled, method)
        return getattr(compiled, name)


class _Shelf:
    """The compiled patterns of one cache folder."""

    def __init__(self) -> None:
        self._engine: Any = import_module("_sre")
        self._question = ("compiled patterns", getattr(self._engine, "MAGIC", 0), getattr(self._engine, "CODESIZE", 0))
        kept = cache.load(self._question)
        self._kept: dict[Wanted, Program] = kept if isinstance(kept, dict) else {}
        self._new: dict[Wanted, Program] = {}

    def pattern(self, text: str, flags: int) -> re.Pattern[str]:
        """Returns a compiled pattern."""
        try:
            program = self._kept.get((text, flags))
            if program is None:
                program = self._new[text, flags] = _program(text, flags)
            given, code, *names = program
            return _as_pattern(self._engine.compile(text, given, memoryview(code).cast("I").tolist(), *names))
        except (AttributeError, TypeError, ValueError, OverflowError, RuntimeError):  # an engine with other programs
            self._new.pop((text, flags), None)
            return re.compile(text, flags)

    def keep(self) -> None:
        """Adds the new patterns to those that the cache has by now."""
        if self._new:
            kept = cache.load(self._question)
            found = (kept if isinstance(kept, dict) else {}) | self._new
            cache.save(self._question, dict(list(found.items())[-_MOST:]))
            self._kept |= self._new
            self._new.clear()


_shelves: dict[str | None, _Shelf] = {}


def _program(text: str, flags: int) -> Program:
    from array import array

    parsed = import_module("re._parser").parse(text, flags)
    code = array("I", [int(word) for word in import_module("re._compiler")._code(parsed, flags)]).tobytes()
    state = parsed.state
    names = {number: name for name, number in state.groupdict.items()}
    by_number = tuple(map(names.get, range(state.groups)))
    return int(flags | state.flags), code, state.groups - 1, dict(state.groupdict), by_number


def _as_pattern(built: object) -> re.Pattern[str]:
    if not isinstance(built, re.Pattern):
        raise TypeError(f"the engine of `re` returned {type(built)}")
    return built
