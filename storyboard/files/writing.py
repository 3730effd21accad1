"""Writing: every file is replaced atomically, and durably if requested. An unfinished file is hidden beside its target;
its suffix lets later runs clean up after a killed process.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storyboard.files.disk import record_doubt
from storyboard.files.system import EXACT, FOLDERS_OPEN, NO_LINK, as_soon_as_closed

PART = ".part"
"""Suffix of unfinished files; their names begin with a dot."""
PUBLIC, PRIVATE = 0o644, 0o600
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK | EXACT


def replace_file(
    target: Path, content: bytes | str, *, mode: int | None = None, durable: bool = False
) -> os.stat_result:
    """Replace a file's content; return the `stat` of the new file. The file keeps its permissions unless `mode` is
    given. With `durable` it survives a power cut from the moment this returns. A link is replaced, never followed.
    Raises OSError.
    """
    with _fresh(target, _mode_of(target) if mode is None else mode) as (part, descriptor):
        with open(descriptor, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            if durable:
                os.fsync(descriptor)
            written = os.fstat(descriptor)
        move_to(part, target)
    if durable:
        make_durable(target.parent)
    return written


def write_named(target: Path, text: str) -> None:
    """Write a file whose path a person typed, following a link. A pipe or a device, such as `/dev/stdout`, is written
    to."""
    if target.exists() and not target.is_file():  # the name of a pipe leads nowhere once it is resolved
        with open(target, "wb") as stream:
            stream.write(text.encode())
    else:
        replace_file(Path(os.path.realpath(target)), text)


def create_file(target: Path, content: bytes | str) -> None:
    """Write a file that does not exist yet; raises FileExistsError if anything has its name."""
    record_doubt(f"{target} was written")
    descriptor = os.open(target, _NEW, 0o666)
    with open(descriptor, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def part_of(target: Path) -> Iterator[Path]:
    """Yield an empty file to fill in, which replaces `target` on success and is removed otherwise."""
    os.makedirs(target.parent, exist_ok=True)
    with _fresh(target, PUBLIC) as (part, descriptor):
        os.close(descriptor)
        yield part
        if part.stat().st_nlink == 1:  # a hard link's permissions are those of the file it shares
            part.chmod(PUBLIC)
        move_to(part, target)


def move_to(part: Path, target: Path) -> None:
    """Move a finished file to its name, replacing what is there. Raises OSError."""
    if sys.platform == "win32" and is_regular(target):
        target.chmod(PUBLIC)  # Windows replaces and removes no file that may not be written
    as_soon_as_closed(lambda: os.replace(part, target))


def remove(file: Path) -> None:
    """Remove a file if it is there. Raises OSError."""
    if sys.platform == "win32" and is_regular(file):
        file.chmod(PUBLIC)
    as_soon_as_closed(lambda: file.unlink(missing_ok=True))


def is_regular(path: Path) -> bool:
    """Whether this is a regular file, and no link."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except FileNotFoundError:
        return False


def append(part: Path, content: bytes) -> None:
    """Add bytes to the end of a file that is still being written. Raises OSError."""
    if content:
        with open(part, "ab") as file:
            file.write(content)


@contextmanager
def _fresh(target: Path, mode: int | None) -> Iterator[tuple[Path, int]]:
    """Yield a new file beside `target` and its descriptor; it is removed at the end unless it was moved."""
    record_doubt(f"{target} was written")
    part = target.with_name(f".{target.name[:100]}.{os.urandom(8).hex()}{PART}")
    descriptor = os.open(part, _NEW, 0o666 if mode is None else PRIVATE)
    try:
        if mode is not None and sys.platform != "win32":  # on Windows, the folder decides who may read a file
            os.fchmod(descriptor, mode)
        yield part, descriptor
    finally:
        remove(part)


def _mode_of(target: Path) -> int | None:
    """Return a file's permissions; None if there is no file."""
    try:
        found = os.lstat(target)
    except FileNotFoundError:
        return None
    return stat.S_IMODE(found.st_mode) if stat.S_ISREG(found.st_mode) else None


def copy_file(source: Path, target: Path) -> None:
    """Copy a file's bytes to a new private file, replacing what is there. Not atomic: for work in progress. Raises
    OSError."""
    from shutil import copyfileobj

    remove(target)
    record_doubt(f"{target} was written")
    with open(source, "rb") as content, open(os.open(target, _NEW, PRIVATE), "wb") as copy:
        copyfileobj(content, copy, 1 << 20)


def try_writing(folder: Path, room: int) -> None:
    """Raise OSError if no new file of `room` bytes could be written to a folder; leave nothing there."""
    with _fresh(folder / "try", PRIVATE) as (_, descriptor):
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(descriptor, 0, room)
            else:
                os.ftruncate(descriptor, room)
        finally:
            os.close(descriptor)


def make_durable(path: Path) -> None:
    """Make a file's content, or a folder's entries, survive a power cut. Raises OSError.

    On a system that cannot open folders, the system itself keeps their entries safe.
    """
    if not FOLDERS_OPEN and path.is_dir():
        return
    descriptor = os.open(path, (os.O_RDONLY if FOLDERS_OPEN else os.O_RDWR) | EXACT)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
