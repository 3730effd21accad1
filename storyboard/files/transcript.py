"""What an answer depends on: every file, folder and environment variable that was asked for, and what was found.

The door (`disk`, `environment`) records into the transcript that is open; `replay` later asks whether all is as it was.
This file imports next to nothing, because `replay` needs it at every start.
"""

from __future__ import annotations

import os
from contextvars import ContextVar

from storyboard.files.system import EXACT, FOLDERS_OPEN

TYPE_CHECKING = False  # typing takes longer to import than everything that is done here
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import TracebackType
    from typing import Any, TypeAlias

    Stamp: TypeAlias = tuple[int, int, int, int, int] | None
    """Tells whether a file or folder has changed: times of content and of state (ns), size, inode, device; None where
    there is none."""
    SealedStamp: TypeAlias = tuple[int, int, int] | None
    """The same for a file that is never edited in place: time of content (ns), size, inode. The time of state is left
    out: it changes when the file is linked under another name."""
    StampsBelow: TypeAlias = tuple[str, tuple[str, ...], tuple[int, ...]]
    """Stamps of paths below one folder: their names, and the numbers of one stamp after the other. This loads faster
    than a row a path, and the system finds a path faster from an open folder."""
    PlainTranscript: TypeAlias = tuple[
        tuple[StampsBelow, ...],
        tuple[tuple[str, bool], ...],
        tuple[str, ...],
        tuple[StampsBelow, ...],
        tuple[tuple[str, str | None], ...],
    ]
    """A transcript in plain values: stamps, presences, empty files, sealed files, environment variables."""

SECRETS = frozenset({"STORYBOARD_API_KEY"})
"""Variables of which only is recorded whether they hold anything: "1" or ""."""

FINE, COARSE = 20_000_000, 2_000_000_000
"""How long before a run began a file must have been left alone (ns), so that a change during the run shows in its
times: file systems that count finely move on every few milliseconds, others every second or two."""


def stamp_of(found: os.stat_result) -> Stamp:
    """The stamp in what the system says of a file."""
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev


def read_variable(name: str) -> str | None:
    """An environment variable as a transcript keeps it."""
    value = os.environ.get(name)
    return ("1" if value and value.strip() else "") if name in SECRETS else value


class Transcript:
    """What was asked of the disk and the environment, and what was found."""

    __slots__ = ("doubt", "empty", "sealed", "stamps", "there", "variables")

    def __init__(self) -> None:
        self.stamps: dict[str, Stamp] = {}
        """Files that were read, folders that were listed, and what was looked at for its size or times."""
        self.there: dict[str, bool] = {}
        """Paths of which only was asked whether they exist."""
        self.empty: dict[str, None] = {}
        """Files that are missing or hold nothing."""
        self.sealed: dict[str, SealedStamp] = {}
        """Files that are never edited in place, such as clips."""
        self.variables: dict[str, str | None] = {}
        self.doubt: str | None = None
        """Why it cannot be told later whether all is as it was; None if it can."""

    def add_stamp(self, path: str, stamp: Stamp) -> None:
        """Record a stamp. What changes while it is read puts the whole transcript in doubt."""
        if self.stamps.setdefault(path, stamp) != stamp:
            self.doubt = f"{path} changed"

    def add_sealed(self, path: str, stamp: SealedStamp) -> None:
        """Record the stamp of a file that is never edited in place."""
        if self.sealed.setdefault(path, stamp) != stamp:
            self.doubt = f"{path} changed"

    def include(self, other: Transcript) -> None:
        """Record all that another transcript has recorded."""
        for path, stamp in other.stamps.items():
            self.add_stamp(path, stamp)
        for path, sealed in other.sealed.items():
            self.add_sealed(path, sealed)
        self.there.update(other.there)
        self.empty.update(other.empty)
        self.variables.update(other.variables)
        self.doubt = self.doubt or other.doubt

    def plain(self, began: int) -> PlainTranscript | None:
        """In plain values, to be kept; None if there is doubt, or where a file changed too shortly before the run
        began (ns since the epoch) to be sure that a change during the run would show."""
        stamped = (max(stamp[:2]) for stamp in self.stamps.values() if stamp is not None)
        sealed = (stamp[0] for stamp in self.sealed.values() if stamp is not None)
        if self.doubt is not None or not all(_is_quiet(each, began) for times in (stamped, sealed) for each in times):
            return None
        stamps = {path: stamp for path, stamp in self.stamps.items() if stamp is not None}
        sealed_stamps = {path: stamp for path, stamp in self.sealed.items() if stamp is not None}
        there = {path: was for path, was in self.there.items() if path not in stamps}
        there.update(
            (path, False) for found in (self.stamps, self.sealed) for path, stamp in found.items() if not stamp
        )
        return (
            _by_folder(stamps),
            tuple(there.items()),
            tuple(self.empty),
            _by_folder(sealed_stamps),
            tuple(self.variables.items()),
        )


def _is_quiet(changed: int, began: int) -> bool:
    return changed < began - (FINE if changed % 1_000_000 else COARSE)


_ROOT = "/" if os.sep == "/" else ""
"""The folder above those of which nothing is above; Windows has one a drive."""


def _by_folder(stamps: Mapping[str, tuple[int, ...]]) -> tuple[StampsBelow, ...]:
    """Stamps grouped by the folder two levels up, so that there are few groups."""
    groups: dict[str, tuple[list[str], list[int]]] = {}
    for path, stamp in stamps.items():
        above, _, name = path.rpartition(os.sep)
        top, _, folder = above.rpartition(os.sep)
        names, numbers = groups.setdefault(top or _ROOT, ([], []))
        names.append(f"{folder}{os.sep}{name}" if folder else name or ".")
        numbers += stamp
    return tuple((folder, tuple(names), tuple(numbers)) for folder, (names, numbers) in groups.items())


def _by_path(groups: Iterable[StampsBelow], width: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The stamps in groups, each of `width` numbers, by their whole paths."""
    for folder, names, numbers in groups:
        for at, name in enumerate(names):
            yield _below(folder, name), numbers[at * width : (at + 1) * width]


def _below(folder: str, name: str) -> str:
    """The whole path of a name in a group; those of another drive are whole already."""
    return f"{folder.rstrip(os.sep)}{os.sep}{name}" if folder and name != "." else folder or name


def joined(kept: Sequence[PlainTranscript]) -> PlainTranscript:
    """Several transcripts as one, without what follows from the rest.

    A path is not looked for where the folder that it is missing from has a stamp, which changes with what the folder
    holds. Of a sealed file under two names one is looked at: the other name's folder has a stamp.
    """
    stamps = dict(stamp for each in kept for stamp in _by_path(each[0], 5))
    sealed: dict[tuple[int, ...], str] = {}
    for path, stamp in (stamp for each in kept for stamp in _by_path(each[3], 3)):
        sealed.setdefault(stamp, path)
    there = {path: was for each in kept for path, was in each[1] if path not in stamps}
    missing = (path for path, was in there.items() if not was and path.rpartition(os.sep)[0] in stamps)
    for path in list(missing):
        del there[path]
    return (
        _by_folder(stamps),
        tuple(there.items()),
        tuple({path: None for each in kept for path in each[2]}),
        _by_folder({path: stamp for stamp, path in sealed.items()}),
        tuple({name: value for each in kept for name, value in each[4]}.items()),
    )


def still_holds(kept: PlainTranscript) -> bool:
    """Whether all is as it was. Raises OSError if the system does not tell."""
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
    """The same for sealed files."""
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
    """An open folder and the names in it; where the system opens no folders, None and the whole paths."""
    if FOLDERS_OPEN:
        return os.open(folder, _OPEN_FOLDER), names
    return None, tuple(_below(folder, name) for name in names)


class RunTranscript(Transcript):
    """The transcript of a whole run of a command, with what it was asked and what it said."""

    __slots__ = ("began", "question", "said")

    def __init__(self, question: tuple[Any, ...] | None = None, began: int = 0) -> None:
        super().__init__()
        self.question = question
        """What tells this run from others but for what it reads; None for one that is not to be remembered."""
        self.began = began
        """When it began (ns since the epoch)."""
        self.said: list[tuple[int, str]] = []
        """All that was written, in order: 1 for stdout, 2 for stderr."""


_run: ContextVar[RunTranscript] = ContextVar("run")
_now: ContextVar[Transcript] = ContextVar("now")
PROCESS = Transcript()
"""What is read once in a process, whatever it runs: the texts that come with storyboard."""


def begin_run(question: tuple[Any, ...] | None, began: int) -> None:
    """Record into a new transcript from now on."""
    run = RunTranscript(question, began)
    _run.set(run)
    _now.set(run)


def current_run() -> RunTranscript:
    """The transcript of this run; one that nobody reads where no run was begun."""
    found = _run.get(None)
    return RunTranscript() if found is None else found


def current() -> Transcript:
    """The transcript that the door records into; one that nobody reads where no run was begun."""
    found = _now.get(None)
    return Transcript() if found is None else found


class recording:  # noqa: N801  a context manager, used like a function
    """Record into another transcript until the end of the block, which answers for it: into a new one unless one is
    given."""

    def __init__(self, into: Transcript | None = None) -> None:
        self._into = Transcript() if into is None else into

    def __enter__(self) -> Transcript:
        self._token = _now.set(self._into)
        return self._into

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        _now.reset(self._token)


def recording_for_run() -> recording:
    """Record for the whole run: what is read once and then used for several files."""
    return recording(current_run())
