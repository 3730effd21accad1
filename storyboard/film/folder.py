"""The folder of build output: one writer at a time, every file written atomically."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from storyboard.errors import StoryboardError
from storyboard.files.disk import list_folder, read_file
from storyboard.files.lock import alone_in
from storyboard.files.writing import PART, PUBLIC, part_of, remove, replace_file

_FICLONE = 0x40049409
_OTHERS_WRITE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Create the folder, and hold it exclusively until done; other builds wait. Raises `StoryboardError`."""
    refuse_link(folder)
    with ExitStack() as stack:
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(alone_in(folder))
        yield


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn disk errors into a StoryboardError about `place`."""
    try:
        yield
    except OSError as error:
        raise StoryboardError(f"{place} cannot be written: {error.strerror or error}") from error


def refuse_link(*places: Path) -> None:
    """Raise `StoryboardError` if a folder of a build is a link: its target must not be changed."""
    for place in places:
        if place.is_symlink():
            raise StoryboardError(
                f"{place} is a link, and a build writes through none",
                help="remove the link, or name a folder with --out",
            )


def is_own_file(place: Path) -> bool:
    """Whether it is a regular file and not a link."""
    return stat.S_ISREG(place.lstat().st_mode) if os.path.lexists(place) else False


def in_the_way(place: Path) -> StoryboardError:
    """Return the error for a file in the way that no build wrote, or that was changed since."""
    return StoryboardError(
        f"{place} is in the way: it is not as storyboard left it", help="move or remove it, or build into another --out"
    )


def remove_parts(*folders: Path) -> None:
    """Remove unfinished files of killed builds. Only for the holder of the folder."""
    for folder in folders:
        with writing(folder):
            for entry in list_folder(folder) if folder.is_dir() else ():
                if entry.name.startswith(".") and entry.name.endswith(PART) and is_own_file(Path(entry.path)):
                    remove(Path(entry.path))


def remove_if_empty(folder: Path) -> None:
    """Remove a folder if it is empty."""
    with writing(folder):
        if folder.is_dir() and not list_folder(folder):
            folder.rmdir()


def replace_text(target: Path, text: str, is_ours: Callable[[bytes], bool]) -> None:
    """Replace a file's text atomically, unless it is the same. Raises `StoryboardError` if a foreign file is in the
    way.
    """
    content = text.encode("utf-8", "replace")
    with writing(target):
        if os.path.lexists(target):
            there = read_file(target) if is_own_file(target) else None
            if there == content:
                return
            if there is None or not is_ours(there):
                raise in_the_way(target)
        replace_file(target, content, mode=PUBLIC)


def place_clip(clip: Path, target: Path) -> None:
    """Deliver a clip from the store to `target`, sharing its bytes on disk if that is safe for the store: as a reflink,
    else as a hard link to a read-only file, else as a copy. Windows cannot replace such a link, since the file may not
    be written.
    """
    with writing(target), part_of(target) as part:
        _share(clip, part)


def _share(clip: Path, part: Path) -> None:
    if _reflinked(clip, part):
        return
    if sys.platform != "win32" and not clip.stat().st_mode & _OTHERS_WRITE and _hard_linked(clip, part):
        return
    shutil.copyfile(clip, part)


def _reflinked(clip: Path, part: Path) -> bool:
    if sys.platform != "linux":
        return False
    else:
        import fcntl

        with clip.open("rb") as source, part.open("wb") as copy:
            try:
                fcntl.ioctl(copy.fileno(), _FICLONE, source.fileno())
            except OSError:
                return False
        return True


def _hard_linked(clip: Path, part: Path) -> bool:
    part.unlink()
    try:
        part.hardlink_to(clip)
    except OSError:
        return False
    return True
