"""Reading: every file and folder that is asked for is recorded, found or missing.

Only regular files are read, inside their root if there is one, and up to a size for their kind: reading a pipe or a
device may block or never end, a huge file would fill the memory, and a link could lead to a file that was never meant
to be shown. A refusal is an OSError whose `strerror` gives the reason. Unsaved texts can be laid over the disk
(`overlaid`); they are then read instead of the files.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.system import EXACT, NO_WAIT
from storyboard.files.transcript import PROCESS, current, recording, stamp_of

SMALL = 1_000_000
"""Largest configuration, model card or `.gitignore`, in bytes."""

LARGE = 100_000_000
"""Largest story, lock, manifest or saved plan, in bytes."""


class _Overlay(NamedTuple):
    """Contents by real path. If `whole` names a folder, files of these kinds below it count as missing unless they have
    a content here."""

    texts: Mapping[str, bytes]
    whole: str | None
    kinds: tuple[str, ...]


class _LaidOver(NamedTuple):
    """What is read instead of a file: its content, or None if it counts as missing."""

    content: bytes | None


_overlay: ContextVar[_Overlay | None] = ContextVar("overlay", default=None)


@contextmanager
def overlaid(texts: Mapping[Path, bytes], *, whole: Path | None = None, kinds: tuple[str, ...] = ()) -> Iterator[None]:
    """Read these contents instead of the files, which need not exist. Below the folder `whole`, files whose names end
    in one of `kinds` exist only if they are given here.
    """
    by_path = {os.path.realpath(path): content for path, content in texts.items()}
    token = _overlay.set(_Overlay(by_path, None if whole is None else os.path.realpath(whole), kinds))
    try:
        yield
    finally:
        _overlay.reset(token)


def read_file(path: Path, most: int = LARGE, *, inside: Path | None = None) -> bytes:
    """Read a regular file of at most `most` bytes; links must not lead out of the folder `inside`. Raises OSError with
    the reason for anything else.
    """
    if inside is not None:
        check_inside(path, inside)
    over = _laid_over(path)
    if over is not None:
        if over.content is None:
            raise FileNotFoundError(errno.ENOENT, "there is no such file", str(path))
        return over.content
    try:
        _check_regular(os.stat(path), path, most)  # before it is opened: opening a device may do something
        descriptor = os.open(path, os.O_RDONLY | NO_WAIT | EXACT)
    except (FileNotFoundError, NotADirectoryError):
        current().add_stamp(str(path), None)
        raise
    with open(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        _check_regular(found, path, most)
        content = file.read(most + 1)
    if len(content) > most:
        raise _too_large(path, most)
    current().add_stamp(str(path), stamp_of(found))
    return content


def read_packaged(path: Path) -> str:
    """Read a text that comes with storyboard; recorded for the process, since it is usually read once in it."""
    with recording(PROCESS):
        return read_file(path).decode()


def read_all_packaged(folder: Path, suffix: str) -> list[str]:
    """Read the texts in a folder that comes with storyboard, by file name."""
    with recording(PROCESS):
        entries = list_folder(folder)
    return [read_packaged(Path(entry.path)) for entry in entries if entry.name.endswith(suffix)]


def _check_regular(found: os.stat_result, path: Path, most: int) -> None:
    mode = found.st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    if not stat.S_ISREG(mode):
        kind = "a pipe" if stat.S_ISFIFO(mode) else "a socket" if stat.S_ISSOCK(mode) else "a device"
        raise OSError(errno.EINVAL, f"it is {kind}, not a regular file", str(path))
    if found.st_size > most:
        raise _too_large(path, most)


def _too_large(path: Path, most: int) -> OSError:
    return OSError(errno.EFBIG, f"it is larger than {most:,} bytes", str(path))


def check_inside(path: Path, folder: Path) -> None:
    """Raise OSError if links lead from a path out of a folder; the file need not exist."""
    if not is_inside(path, folder):
        raise PermissionError(errno.EPERM, "it is a link to a place outside its project", str(path))


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a path is in a folder after resolving links in both."""
    resolved, root = str(real(path)), os.path.realpath(folder)
    return resolved == root or resolved.startswith(f"{root.rstrip(os.sep)}{os.sep}")


def real(path: Path) -> Path:
    """Return the absolute path with links resolved; it need not exist. Recorded, since a link may change."""
    resolved = os.path.realpath(path)
    if resolved != str(path):
        look(path)
    return Path(resolved)


def exists(path: Path) -> bool:
    """Whether anything exists there, following links. Only that is recorded, not its content."""
    over = _laid_over(path)
    found = os.path.exists(path) if over is None else over.content is not None
    current().there[str(path)] = found
    return found


def is_file(path: Path) -> bool:
    """Whether a regular file exists there, following links."""
    over = _laid_over(path)
    if over is not None:
        return over.content is not None
    found = look(path)
    return found is not None and stat.S_ISREG(found.st_mode)


def is_folder(path: Path) -> bool:
    """Whether a folder exists there, following links. Its content is not recorded."""
    current().there[str(path)] = os.path.exists(path)
    return os.path.isdir(path)


def look(path: Path) -> os.stat_result | None:
    """Return the `stat` of a path, following links; None if there is nothing. Raises OSError."""
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        current().add_stamp(str(path), None)
        return None
    current().add_stamp(str(path), stamp_of(found))
    return found


def look_at_sealed(path: Path) -> os.stat_result | None:
    """Like `look`, for a file that is replaced but never edited in place, such as a clip."""
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        current().add_sealed(str(path), None)
        return None
    current().add_sealed(str(path), (found.st_mtime_ns, found.st_size, found.st_ino))
    return found


def free_space(folder: Path) -> int:
    """Return the free space of a folder in bytes; the folder need not exist yet. Raises OSError."""
    record_doubt(f"the free space at {folder}")
    while not os.path.isdir(folder) and folder != folder.parent:
        folder = folder.parent
    from shutil import disk_usage

    return disk_usage(folder).free


def list_folder(folder: Path) -> list[os.DirEntry[str]]:
    """List a folder, by name. Raises OSError."""
    look(folder)
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def names_in(folder: Path) -> list[str]:
    """Return the sorted names in a folder, including overlaid texts. Raises OSError."""
    overlay = _overlay.get()
    if overlay is None:
        return [entry.name for entry in list_folder(folder)]
    record_doubt(_OVERLAID)
    inside = os.path.realpath(folder)
    over = {os.path.basename(path) for path in overlay.texts if os.path.dirname(path) == inside}
    try:
        on_disk = [entry.name for entry in list_folder(folder)]
    except (FileNotFoundError, NotADirectoryError):
        if not over:
            raise
        on_disk = []
    return sorted(over.union(name for name in on_disk if _laid_over(folder / name) is None))


def record_empty(path: Path) -> None:
    """Record that a file is missing or empty. If it is neither, somebody is writing to it, which is recorded as a
    doubt."""
    try:
        size = os.stat(path).st_size
    except FileNotFoundError:
        size = 0
    current().empty[str(path)] = None
    if size:
        record_doubt(f"{path} is being written")


def record_doubt(why: str) -> None:
    """Record that the result depends on something that cannot be recorded."""
    found = current()
    found.doubt = found.doubt or why


_OVERLAID = "texts that are not saved yet were read"


def _laid_over(path: Path) -> _LaidOver | None:
    """Return what is read instead of a file; None to read the disk."""
    overlay = _overlay.get()
    if overlay is None:
        return None
    record_doubt(_OVERLAID)
    place = os.path.realpath(path)
    content = overlay.texts.get(place)
    if content is not None:
        return _LaidOver(content)
    is_whole = overlay.whole is not None and place.startswith(f"{overlay.whole.rstrip(os.sep)}{os.sep}")
    return _LaidOver(None) if is_whole and place.endswith(overlay.kinds) else None


def is_unsaved(path: Path) -> bool:
    """Whether an unsaved text is read instead of this file."""
    over = _laid_over(path)
    return over is not None and over.content is not None


def reason(trouble: OSError) -> str:
    """Return why the system refused, in a few words."""
    return trouble.strerror[:1].lower() + trouble.strerror[1:] if trouble.strerror else str(trouble)
