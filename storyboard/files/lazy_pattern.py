"""Regular expressions that are compiled on first use, and kept compiled in the cache for the runs after.

To compile the patterns that a run needs takes Python longer than to check an edited story. Python has no public way to
keep them: this uses what `re.compile` itself calls, and compiles as usual where a Python's `re` is built otherwise. All
patterns are kept together (`kept`), bound to the exact version of Python.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, cast

from storyboard.files.kept import kept

if TYPE_CHECKING:
    from typing import Any, TypeAlias

    Program: TypeAlias = tuple[Any, ...]
    """What `re.compile` gives to its engine: flags, the words of the code as bytes, which are fast to load, and the
    numbers and names of the groups."""

_MOST = 1000
"""Patterns that the cache keeps; a run needs a hundred or two, but other versions of storyboard have others."""
_METHODS = ("match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer")


def lazy_pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return what `re.compile` returns, but compile it when it is first used."""
    return cast("re.Pattern[str]", _LazyPattern(text, int(flags)))


class _LazyPattern:
    """Stands for a pattern whose text sets no flags. Once it is used, its methods are the compiled pattern's."""

    def __init__(self, text: str, flags: int) -> None:
        self.pattern = text
        self.flags = flags if flags & re.ASCII else flags | int(re.UNICODE)

    def __getattr__(self, name: str) -> object:
        compiled = _compiled(self.pattern, self.flags)
        for method in _METHODS:
            self.__dict__[method] = getattr(compiled, method)
        return getattr(compiled, name)


def _compiled(text: str, flags: int) -> re.Pattern[str]:
    engine: Any = import_module("_sre")
    programs = kept(("compiled patterns", getattr(engine, "MAGIC", 0), getattr(engine, "CODESIZE", 0)), _MOST)
    try:
        program = programs.get((text, flags))
        if program is None:
            program = _program(text, flags)
            programs.add((text, flags), program)
        given, code, *names = program
        return _as_pattern(engine.compile(text, given, memoryview(code).cast("I").tolist(), *names))
    except (AttributeError, TypeError, ValueError, OverflowError, RuntimeError):  # an engine with other programs
        return re.compile(text, flags)


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
