"""Regular expressions that are compiled on first use, because most runs need few of them.

The largest take Python longer to compile than a story takes to check, so their compiled form is kept in the cache.
Python has no public way to do that: this uses what `re.compile` itself calls, and compiles as usual where a Python's
`re` is built otherwise. A cache entry is bound to the exact version of Python.
"""

from __future__ import annotations

import re
from importlib import import_module

from storyboard.files import cache


class LazyPattern:
    """A regular expression that is compiled on first use; with `keep`, once for all runs of this Python."""

    def __init__(self, text: str, flags: int = 0, *, keep: bool = False) -> None:
        self.text = text
        self.flags = int(flags)
        self._keep = keep
        self._compiled: re.Pattern[str] | None = None

    @property
    def compiled(self) -> re.Pattern[str]:
        """The pattern as `re.compile` returns it."""
        if self._compiled is None:
            self._compiled = _kept(self.text, self.flags) if self._keep else re.compile(self.text, self.flags)
        return self._compiled

    def match(self, line: str) -> re.Match[str] | None:
        """Return the match at the start of a line, if any."""
        return self.compiled.match(line)

    def search(self, line: str) -> re.Match[str] | None:
        """Return the first match anywhere in a line, if any."""
        return self.compiled.search(line)


def _kept(text: str, flags: int) -> re.Pattern[str]:
    try:
        engine = import_module("_sre")
        question = ("compiled pattern", int(engine.MAGIC), engine.CODESIZE, text, flags)
        program = cache.load(question)
        if program is None:
            program = _program(text, flags)
            cache.save(question, program)
        return _as_pattern(engine.compile(text, *program))
    except (ImportError, AttributeError, TypeError, RuntimeError):  # another engine, or one that takes other programs
        return re.compile(text, flags)


def _program(text: str, flags: int) -> tuple[object, ...]:
    """Return what `re.compile` gives to its engine: flags, code, and the numbers and names of the groups."""
    parsed = import_module("re._parser").parse(text, flags)
    code = [int(word) for word in import_module("re._compiler")._code(parsed, flags)]
    state = parsed.state
    names = {number: name for name, number in state.groupdict.items()}
    by_number = tuple(map(names.get, range(state.groups)))
    return int(flags | state.flags), code, state.groups - 1, dict(state.groupdict), by_number


def _as_pattern(built: object) -> re.Pattern[str]:
    if not isinstance(built, re.Pattern):
        raise TypeError(f"the engine of `re` returned {type(built)}")
    return built
