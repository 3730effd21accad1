"""Replay what a command printed last time, where nothing that it depends on has changed.

This runs before every other import. `output_cache` is its other half: at the end of a run that changed nothing, it
records what was printed and everything that the output depends on.
"""

from __future__ import annotations

import os
import sys
import time

from storyboard import __version__
from storyboard.files.cache import load, stamp

TYPE_CHECKING = False  # typing would take longer than all that is done here
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeAlias

    from storyboard.files.cache import Stamp

    Said: TypeAlias = tuple[tuple[int, str], ...]
    """Texts, each with its stream: 1 for stdout, 2 for stderr."""
    Stamps: TypeAlias = tuple[tuple[str, Stamp], ...]
    There: TypeAlias = tuple[tuple[str, bool], ...]
    """Paths that only have to exist, or not."""
    Empty: TypeAlias = tuple[str, ...]
    """Paths that must not be there, or hold nothing."""
    Clips: TypeAlias = tuple[str, tuple[str, ...], tuple[int, ...]]
    """Files below a folder that are never edited in place: their names, and for each in turn time of content (ns), size
    and inode."""
    Rests: TypeAlias = tuple[Stamps, There, Empty, tuple[Clips, ...]]
    """What something rests on."""
    Answer: TypeAlias = tuple[Said, Rests]
    """What a run said, and what that rests on."""
    Start: TypeAlias = tuple[tuple[Any, ...], int]
    """A run as it began: its question, and when (ns since the epoch)."""

_BOTH = frozenset({"--as", "--base-url", "--json", "--only", "--provider", "--set", "--store"})
OPTIONS = {
    "lint": frozenset({"--format", "--json", "--set"}),
    "plan": _BOTH,
    "build": _BOTH
    | {"--attempts", "--concurrency", "--dry-run", "--locked", "--max-cost", "--no-wait", "--out", "--yes"},
}
"""The commands that are answered from memory, and the options that change nothing but what is told and what this rests
on. One that is not listed, such as one that writes a file, goes the long way."""
KEY = "STORYBOARD_API_KEY"
_PREFIXES = ("STORYBOARD_", "XDG_", "LC_", "PYTHON")
_NAMES = ("HOME", "LANG", "NO_COLOR", "TERM", "COLUMNS", "LINES")

MISSES = (OSError, ValueError, TypeError, LookupError, AttributeError)
"""What is raised where the system does not tell, or where an entry has a form that another storyboard of the same
version gave it, as between two commits: as good as no entry."""

said: list[tuple[int, str]] = []
"""All that this run told, in order: 1 for stdout, 2 for stderr."""
_started: list[Start] = []


def started() -> Start | None:
    """The run that this process is; None where it is not one that can be answered from memory."""
    return _started[-1] if _started else None


def answer(arguments: Sequence[str]) -> int | None:
    """Says again what the same run said before; its exit code. None where the long way has to be gone."""
    at = time.time_ns()
    said.clear()
    _started.clear()
    if not _is_known(arguments) or None in (sys.stdout, sys.stderr):
        return None
    try:
        question = _question(arguments)
    except (OSError, ValueError):
        return None
    code = _again(question)
    if code is None:
        _started.append((question, at))
    return code


def _again(question: tuple[Any, ...]) -> int | None:
    """Says what is kept; None where it does not hold, or has a form that another storyboard gave it."""
    try:
        kept: Answer | None = load(question)
        if kept is not None and holds(kept[1]):
            return _say(kept[0])
    except MISSES:
        return None
    return None


def _is_known(arguments: Sequence[str]) -> bool:
    """Whether each word is understood: standard input, `-`, is not."""
    options = OPTIONS.get(arguments[0]) if arguments else None
    return options is not None and all(
        word.partition("=")[0] in options for word in arguments[1:] if word.startswith("-")
    )


def holds(rests: Rests) -> bool:
    """Whether all is as it was; raises OSError where the system does not tell."""
    stamps, there, empty, clips = rests
    return (
        all(stamp(path) == was for path, was in stamps)
        and all(os.path.exists(path) == was for path, was in there)
        and not any(os.path.exists(path) and os.path.getsize(path) for path in empty)
        and all(_same(*each) for each in clips)
    )


def _same(folder: str, names: tuple[str, ...], numbers: tuple[int, ...]) -> bool:
    """Looks at paths below an open folder: the system then walks a short way to each."""
    look, each = os.stat, iter(numbers)
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name, time_ns, size, inode in zip(names, each, each, each, strict=True):
            found = look(name, dir_fd=place)
            if found.st_mtime_ns != time_ns or found.st_size != size or found.st_ino != inode:
                return False
    finally:
        os.close(place)
    return True


def _question(arguments: Sequence[str]) -> tuple[Any, ...]:
    """All that is told to a run apart from files: words, place, surroundings, who watches. The API key is not kept:
    what the short way can answer rests on whether there is one, not on which."""
    environment = os.environ
    told = [name for name in environment if name.startswith(_PREFIXES) or name in _NAMES]
    surroundings = [(name, environment[name] if name != KEY else str(bool(environment[name].strip()))) for name in told]
    watched = tuple(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
    width = os.get_terminal_size(1).columns if watched[1] else 0
    told_by = (__version__, sys.executable, os.geteuid())
    return told_by, tuple(arguments), os.getcwd(), tuple(sorted(surroundings)), watched, width


def _say(said: Said) -> int:
    """Through the same streams in the same order, so that bytes and their order are the same."""
    streams = {1: sys.stdout, 2: sys.stderr}
    for stream in streams.values():
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        for number, text in said:
            streams[number].write(text)
        for stream in streams.values():
            stream.flush()
    except OSError as trouble:
        from storyboard.cli.main import lost_output

        return lost_output(trouble)
    return 0
