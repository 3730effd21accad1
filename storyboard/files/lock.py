"""Locks of the operating system, among all processes of this machine: they end with the process that holds them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keeps the others out until done; they wait. It is a lock of the operating system, which leaves no file behind and
    ends with the process; raises OSError if the folder cannot be opened."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def held_together(file: Path) -> Iterator[None]:
    """Hold a file until done, which others may do at the same time; `is_held` tells that somebody does.

    The file is made where it is missing, and stays. Raises OSError if it cannot be locked.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def locks_hold(folder: Path) -> bool:
    """Whether a lock that is held in a folder is seen by who asks for it, as some network disks do not; leaves nothing
    there. Raises OSError if nothing can be locked."""
    file = folder / f".lock.{os.urandom(8).hex()}.part"
    try:
        with held_together(file):
            return is_held(file)
    finally:
        file.unlink(missing_ok=True)


def is_held(file: Path) -> bool:
    """Whether any process holds a file; raises OSError if that cannot be asked."""
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
