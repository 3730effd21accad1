"""Claims: a lock of the operating system that a living process holds, and that ends with it, never by time."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class FileClaim:
    """A claim that is held until `release`, or until this process ends however it ends."""

    def __init__(self, file: Path, descriptor: int) -> None:
        self._file = file
        self._descriptor = descriptor

    def release(self) -> None:
        """Removes the file while it is still locked, so that nobody can lock a name that is going."""
        self._file.unlink(missing_ok=True)
        os.close(self._descriptor)


def claim(file: Path) -> FileClaim | None:
    """Locks the file; None while another holds it (also another claim of this process)."""
    while True:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        if _is_the_file(descriptor, file):
            return FileClaim(file, descriptor)
        os.close(descriptor)


def is_claimed(file: Path) -> bool:
    """Whether somebody holds the claim now."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _is_the_file(descriptor: int, file: Path) -> bool:
    """Whether what was locked is still what the name means: a holder removes its file when it lets go."""
    try:
        there = file.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(descriptor), there)
