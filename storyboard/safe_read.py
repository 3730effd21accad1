"""Reading files that may come from anyone: regular files only, inside their root, within a size for their kind.

Pipes and devices would be waited for or never end, a huge file would fill the memory, and a link could lead to a file
that was never meant to be shown.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

SMALL = 1_000_000
"""Bytes of a configuration, a model card or a `.gitignore`."""

LARGE = 100_000_000
"""Bytes of a story, a lock, a manifest or a saved plan."""


def read_file(path: Path, most: int = LARGE, *, inside: Path | None = None) -> bytes:
    """All of a regular file of at most `most` bytes; links must not lead out of the folder `inside`.

    Raises OSError, with the reason in words, for anything else.
    """
    if inside is not None:
        check_inside(path, inside)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        content = file.read(most + 1) if found.st_size <= most else b""
        if found.st_size > most or len(content) > most:
            raise OSError(errno.EFBIG, f"it is larger than {most:,} bytes", str(path))
        return content


def check_inside(path: Path, folder: Path) -> None:
    """Raise OSError where links lead from a path out of a folder; the file need not exist."""
    if not is_inside(path, folder):
        raise PermissionError(errno.EPERM, "it is a link that leads out of its project", str(path))


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a path lies in a folder when all links in both are resolved."""
    resolved, root = os.path.realpath(path), os.path.realpath(folder)
    return resolved == root or resolved.startswith(f"{root.rstrip('/')}/")
