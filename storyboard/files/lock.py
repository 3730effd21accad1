"""Operating-system locks among the processes of this machine; they end with the process that holds them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from storyboard.files import cache
from storyboard.files.system import EXACT, FOLDERS_OPEN, as_soon_as_closed, lock

BUSY = ".storyboard-busy"
"""Name of the file that is locked in place of a folder on systems that cannot open folders, if the user has no folder
for locks. It exists only while it is held."""


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold a folder exclusively; others wait until it is free. The lock leaves no file and ends with the process.
    Raises OSError if the folder cannot be opened."""
    file = folder if FOLDERS_OPEN else _stand_in(folder)
    descriptor = _open(file, os.O_RDONLY if FOLDERS_OPEN else os.O_RDWR | os.O_CREAT)
    try:
        lock(descriptor)
        yield
    finally:
        os.close(descriptor)
        if not FOLDERS_OPEN:
            with suppress(PermissionError):  # another waits for it, and removes it
                file.unlink(missing_ok=True)


def _stand_in(folder: Path) -> Path:
    """Return the file that is locked in place of a folder that cannot be opened. It lies elsewhere, because a new file
    would change the folder's times, and every build would take that for a change. Raises OSError if it has no place."""
    folder.stat()
    place = cache.folder()
    if place is None:
        return folder / BUSY
    locks = Path(place).with_name("Locks")
    locks.mkdir(parents=True, exist_ok=True)
    return locks / cache.digest(os.fsencode(os.path.normcase(os.path.realpath(folder)))).hex()


@contextmanager
def held_together(file: Path) -> Iterator[None]:
    """Hold a file in shared mode; `is_held` shows that somebody does. The file is created if needed, and stays. Raises
    OSError if it cannot be locked.
    """
    descriptor = _open(file, os.O_RDWR | os.O_CREAT)
    try:
        lock(descriptor, shared=True)
        yield
    finally:
        os.close(descriptor)


def locks_hold(folder: Path) -> bool:
    """Whether locks in a folder are seen by other holders, which fails on some network disks; leaves nothing there.
    Raises OSError if nothing can be locked."""
    file = folder / f".lock.{os.urandom(8).hex()}.part"
    try:
        with held_together(file):
            return is_held(file)
    finally:
        file.unlink(missing_ok=True)


def is_held(file: Path) -> bool:
    """Whether any process holds a file; raises OSError if that cannot be asked."""
    descriptor = _open(file, os.O_RDONLY)
    try:
        return not lock(descriptor, wait=False)
    finally:
        os.close(descriptor)


def _open(file: Path, flags: int) -> int:
    """Return the descriptor of a file to lock."""
    return as_soon_as_closed(lambda: os.open(file, flags | EXACT, 0o600))
