"""Where systems differ in how files are opened and locked. Everything else in storyboard asks here.

This file imports next to nothing, because it is needed at every start.
"""

from __future__ import annotations

import errno
import os
import sys
import time

TYPE_CHECKING = False  # typing takes longer to import than everything that is done here
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")


def _flags(*names: str) -> int:
    """Combine those of these flags of `os.open` that this system has."""
    found = 0
    for name in names:
        found |= getattr(os, name, 0)
    return found


EXACT = _flags("O_CLOEXEC", "O_BINARY")
"""Flags that open a file byte for byte, and keep child processes from inheriting it."""
NO_LINK = _flags("O_NOFOLLOW")
NO_WAIT = _flags("O_NONBLOCK")
"""Flag that keeps `open` from blocking if a pipe has taken the place of a file since it was looked at."""
FOLDERS_OPEN: bool = hasattr(os, "O_DIRECTORY") and os.stat in os.supports_dir_fd
"""Whether a folder can be opened, and a file be named relative to the open folder."""

if sys.platform == "win32":
    import msvcrt

    # Locked bytes cannot be read by others, so they lie far behind the end of any file that is locked. A shared holder
    # locks one of them, chosen at random; an exclusive holder locks all of them.
    _FIRST, _MOST = 1 << 30, 1 << 20
    _HELD = (errno.EACCES, errno.EDEADLK, 0)  # Wine gives no number

    def lock(descriptor: int, *, shared: bool = False, wait: bool = True) -> bool:
        """Lock an open file until it is closed; False where another holds it and `wait` is off. Raises OSError."""
        while True:
            own = int.from_bytes(os.urandom(4), "big") % _MOST if shared else 0
            os.lseek(descriptor, _FIRST + own, os.SEEK_SET)
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1 if shared else _MOST)
            except OSError as error:
                if error.errno not in _HELD:
                    raise
                if not wait:
                    return False
                time.sleep(0.02)
            else:
                return True

else:

    def lock(descriptor: int, *, shared: bool = False, wait: bool = True) -> bool:
        """Lock an open file or folder until it is closed; False where another holds it and `wait` is off. Raises
        OSError."""
        import fcntl  # a start that prints what it printed before locks nothing

        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, kind if wait else kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def as_soon_as_closed(change: Callable[[], T]) -> T:
    """Rename, remove or open a file. On Windows, retry for up to a second: the system refuses while another program,
    such as a virus scanner, has the file open or is about to remove it. Raises OSError."""
    if sys.platform == "win32":
        for _ in range(50):
            try:
                return change()
            except PermissionError:
                time.sleep(0.02)
    return change()
