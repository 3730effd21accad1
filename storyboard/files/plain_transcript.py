"""A transcript in plain values, as it is cached, and whether it still holds.

This file imports next to nothing, because every start asks it before anything else.
"""

from __future__ import annotations

import os

from storyboard.files.system import EXACT, FOLDERS_OPEN

TYPE_CHECKING = False  # typing takes longer to import than everything that is done here
if TYPE_CHECKING:
    from typing import TypeAlias

    Stamp: TypeAlias = tuple[int, int, int, int, int] | None
    """Detects changes of a file or folder: mtime and ctime (ns), size, inode, device; None if it does not exist."""
    SealedStamp: TypeAlias = tuple[int, int, int] | None
    """The same for a file that is never edited in place: mtime (ns), size, inode. The ctime is left out, because it
    changes when the file is linked under another name."""
    StampsBelow: TypeAlias = tuple[str, tuple[str, ...], tuple[int, ...]]
    """Stamps of paths below one folder: their names, and all numbers in a row. This loads faster than one row per path,
    and paths resolve faster from an open folder."""
    PlainTranscript: TypeAlias = tuple[
        tuple[StampsBelow, ...],
        tuple[tuple[str, bool], ...],
        tuple[str, ...],
        tuple[StampsBelow, ...],
        tuple[tuple[str, str | None], ...],
    ]
    """A transcript in plain values: stamps, presences, empty files, sealed files, environment variables."""

SECRETS = frozenset({"STORYBOARD_API_KEY"})
"""Variables of which only their presence is recorded: "1" or ""."""


def read_variable(name: str) -> str | None:
    """Return an environment variable as a transcript records it."""
    value = os.environ.get(name)
    return ("1" if value and value.strip() else "") if name in SECRETS else value


def still_holds(kept: PlainTranscript) -> bool:
    """Whether nothing has changed. Raises OSError if that cannot be determined."""
    stamps, there, empty, sealed, variables = kept
    return (
        all(read_variable(name) == was for name, was in variables)
        and all(_have_stamps(*each) for each in stamps)
        and all(os.path.exists(path) == was for path, was in there)
        and not any(os.path.exists(path) and os.path.getsize(path) for path in empty)
        and all(_have_sealed_stamps(*each) for each in sealed)
    )


_OPEN_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | EXACT


def _have_stamps(folder: str, names: tuple[str, ...], numbers: tuple[int, ...]) -> bool:
    """Whether the paths below a folder have these stamps."""
    look, number = os.stat, iter(numbers)
    try:
        place, names = _opened(folder, names)
    except FileNotFoundError:
        return False
    try:
        for name, mtime, ctime, size, inode, device in zip(names, number, number, number, number, number, strict=True):
            found = look(name, dir_fd=place)
            if (
                found.st_mtime_ns != mtime
                or found.st_ctime_ns != ctime
                or found.st_size != size
                or found.st_ino != inode
                or found.st_dev != device
            ):
                return False
    except FileNotFoundError:
        return False
    finally:
        if place is not None:
            os.close(place)
    return True


def _have_sealed_stamps(folder: str, names: tuple[str, ...], numbers: tuple[int, ...]) -> bool:
    """Whether the sealed files below a folder have these stamps. Written out for speed, because every start does
    this."""
    look, number = os.stat, iter(numbers)
    try:
        place, names = _opened(folder, names)
    except FileNotFoundError:
        return False
    try:
        for name, mtime, size, inode in zip(names, number, number, number, strict=True):
            found = look(name, dir_fd=place)
            if found.st_mtime_ns != mtime or found.st_size != size or found.st_ino != inode:
                return False
    except FileNotFoundError:
        return False
    finally:
        if place is not None:
            os.close(place)
    return True


def _opened(folder: str, names: tuple[str, ...]) -> tuple[int | None, tuple[str, ...]]:
    """Open a folder; return its descriptor and the names in it. Where the system cannot open folders: None and the
    whole paths."""
    if FOLDERS_OPEN:
        return os.open(folder, _OPEN_FOLDER), names
    return None, tuple(path_below(folder, name) for name in names)


def path_below(folder: str, name: str) -> str:
    """Return the whole path of a name in a group; on Windows, names on another drive are whole already."""
    return f"{folder.rstrip(os.sep)}{os.sep}{name}" if folder and name != "." else folder or name
