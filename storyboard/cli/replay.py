"""Replay what a command printed last time, if nothing that it depends on has changed.

This runs before every other import. `output_cache` is its other half: at the end of a run that changed nothing, it
records what was printed, with the transcript of everything that the run asked of the disk and the environment.
"""

from __future__ import annotations

import os
import sys
import time

from storyboard import __version__
from storyboard.files.cache import load
from storyboard.files.plain_transcript import still_holds

TYPE_CHECKING = False  # typing takes longer to import than everything that is done here
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeAlias

    from storyboard.files.plain_transcript import PlainTranscript

    Said: TypeAlias = tuple[tuple[int, str], ...]
    """Output texts, each with its stream: 1 for stdout, 2 for stderr."""
    Answer: TypeAlias = tuple[Said, PlainTranscript]
    """The output of a run, and what it depends on."""

FOREIGN = ("LC_", "PYTHON", "XDG_", "_STORYBOARD_")
_FOREIGN_NAMES = ("HOME", "LANG", "LANGUAGE", "NO_COLOR", "TERM", "COLUMNS", "LINES", "TZ", "TMPDIR", "PATH") + (
    ("USERPROFILE", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP", "PATHEXT") if sys.platform == "win32" else ()
)
"""Variables, and beginnings of variables, that Python and the libraries read without `files.environment`. Runs in which
one of them differs have different cache entries."""

MISSES = (OSError, ValueError, TypeError, LookupError, AttributeError)
"""Errors that count as a cache miss: the system cannot answer, or an entry has the format of another commit with the
same version."""


def answer(arguments: Sequence[str]) -> int | None:
    """Print what the same run printed before, and return the exit code. None if the command has to run; its disk
    accesses are recorded from here on."""
    began = time.time_ns()
    question = _question(arguments)
    code = None if question is None else _say_again(question)
    if code is None:
        from storyboard.files.transcript import begin_run  # brings context variables: only where the command has to run

        begin_run(question, began)
    return code


def _say_again(question: tuple[Any, ...]) -> int | None:
    """Print the cached output; None if it is outdated or malformed."""
    try:
        kept: Answer | None = load(question)
        if kept is not None and still_holds(kept[1]):
            return _say(kept[0])
    except MISSES:
        return None
    return None


def is_foreign(variable: str) -> bool:
    """Whether a variable is read without being recorded."""
    return variable.startswith(FOREIGN) or variable in _FOREIGN_NAMES


def _question(arguments: Sequence[str]) -> tuple[Any, ...] | None:
    """Return what identifies a run apart from recorded accesses: arguments, working directory, terminals. None if that
    is unknown."""
    if None in (sys.stdout, sys.stderr):
        return None
    try:
        return _question_of(arguments)
    except (OSError, ValueError):
        return None


def _question_of(arguments: Sequence[str]) -> tuple[Any, ...]:
    surroundings = sorted((name, value) for name, value in os.environ.items() if is_foreign(name))
    watched = tuple(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
    width = os.get_terminal_size(1).columns if watched[1] else 0
    told_by = (__version__, sys.executable, _user())
    return told_by, tuple(arguments), os.getcwd(), tuple(surroundings), watched, width


def _user() -> int | str | None:
    if sys.platform == "win32":
        return os.environ.get("USERNAME")
    return os.geteuid()


def _say(said: Said) -> int:
    """Write to the same streams in the same order."""
    streams = {1: sys.stdout, 2: sys.stderr}
    for stream in streams.values():
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")  # type: ignore[union-attr]
    try:
        for number, text in said:
            streams[number].write(text)
        for stream in streams.values():
            stream.flush()
    except OSError as trouble:
        from storyboard.cli.main import lost_output

        return lost_output(trouble)
    return 0
