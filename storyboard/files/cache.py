"""The cache: results that can be computed again, in a folder that only the user can write to.

Everything in it may be deleted at any time. An entry is valid only for exactly this version of Python and exactly this
question; it records which storyboard asked, and the transcript of what the answer depends on. Any doubt counts as a
miss. This file imports next to nothing, because every start asks it before anything else.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys

from storyboard.files.system import EXACT, FOLDERS_OPEN, NO_LINK

TYPE_CHECKING = False  # typing would take longer than all that is done here
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MOST_ENTRIES, MOST_BYTES = 128, 256_000_000
"""Limits of the cache; the oldest entries are removed."""

_MAGIC = b"storyboard cache 1\n"
_MADE_FOR = (sys.implementation.cache_tag, sys.hexversion, sys.byteorder)


def folder() -> str | None:
    """Return the cache folder; None if there is none."""
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", "")
        return os.path.join(local, "storyboard", "Cache") if os.path.isabs(local) else None
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not base.startswith("/"):
        home = os.environ.get("HOME", "")
        if not home.startswith("/"):
            return None
        base = f"{home}/Library/Caches" if sys.platform == "darwin" else f"{home}/.cache"
    return f"{base}/storyboard"


def load(question: Any) -> Any:
    """Return the cached answer; None if there is none that can be trusted."""
    place = folder()
    if place is None:
        return None
    try:
        content = _read_private(place, _name(question))
        kept = marshal.loads(content) if content is not None else None
    except (OSError, EOFError, ValueError, TypeError):
        return None
    if not isinstance(kept, tuple) or len(kept) != 3 or kept[:2] != (_MADE_FOR, question):
        return None
    return kept[2]


def save(question: Any, answer: Any) -> bool:
    """Store an answer made of plain values; return whether that worked."""
    place = folder()
    if place is None:
        return False
    name = _name(question)
    content = marshal.dumps((_MADE_FOR, question, answer))
    try:
        os.makedirs(place, 0o700, exist_ok=True)
        if not _is_private(os.lstat(place), stat.S_ISDIR):
            return False
        _write(f"{place}/{name}", _MAGIC + digest(content) + content)
        _prune(place)
    except OSError:
        return False
    return True


def digest(content: bytes) -> bytes:
    """Return the 32-byte hash of some bytes."""
    try:
        from _blake2 import blake2b  # hashlib brings OpenSSL: three times the start of all the rest
    except ImportError:
        from hashlib import blake2b
    return blake2b(content, digest_size=32).digest()


def _name(question: Any) -> str:
    return digest(marshal.dumps((_MADE_FOR, question), 2)).hex()


def _read_private(place: str, name: str) -> bytes | None:
    """Return a file's content, if only the user can write to it and its folder and it is complete."""
    descriptor = _open_private(place, name)
    if descriptor is None:
        return None
    with open(descriptor, "rb") as stream:
        if not _is_private(os.fstat(descriptor), stat.S_ISREG):
            return None
        content = stream.read()
    head = len(_MAGIC) + 32
    whole = content[: len(_MAGIC)] == _MAGIC and digest(content[head:]) == content[len(_MAGIC) : head]
    return content[head:] if whole else None


def _open_private(place: str, name: str) -> int | None:
    """Open a file in a folder that only the user can write to; return its descriptor, or None if the folder is not like
    that."""
    if not FOLDERS_OPEN:
        return os.open(f"{place}{os.sep}{name}", os.O_RDONLY | NO_LINK | EXACT)
    there = os.open(place, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | NO_LINK | EXACT)
    try:
        if not _is_private(os.fstat(there), stat.S_ISDIR):
            return None
        return os.open(name, os.O_RDONLY | NO_LINK | EXACT, dir_fd=there)
    finally:
        os.close(there)


def _is_private(found: os.stat_result, is_kind: Callable[[int], bool]) -> bool:
    """Whether nobody but the user may write to it. On Windows the user's own folders are private, and the mode does not
    tell."""
    if sys.platform == "win32":
        return is_kind(found.st_mode)
    return is_kind(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077


def _write(path: str, content: bytes) -> None:
    """Write atomically, so that a reader finds either the old content or the new one."""
    fresh = f"{path}.{os.getpid()}"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK | EXACT, 0o600)
    try:
        with open(descriptor, "wb") as stream:
            stream.write(content)
        os.replace(fresh, path)
    except BaseException:
        os.unlink(fresh)
        raise


def _prune(place: str) -> None:
    with os.scandir(place) as entries:
        found = [(each.stat(follow_symlinks=False), each.path) for each in entries]
    found.sort(key=lambda each: -each[0].st_mtime_ns)
    room = MOST_BYTES
    for number, (told, path) in enumerate(found):
        room -= told.st_size
        if number >= MOST_ENTRIES or (room < 0 and number):
            os.unlink(path)
