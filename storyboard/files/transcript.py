"""The dependencies of a result: every file, folder and environment variable that was accessed, and its state.

`disk` and `environment` record into the open transcript. In plain values it is cached; `plain_transcript` later checks
whether anything has changed.
"""

from __future__ import annotations

import os
from contextvars import ContextVar

from storyboard.files.plain_transcript import path_below

TYPE_CHECKING = False  # typing takes longer to import than everything that is done here
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
    from types import TracebackType
    from typing import Any

    from storyboard.files.plain_transcript import PlainTranscript, SealedStamp, Stamp, StampsBelow

FINE, COARSE = 20_000_000, 2_000_000_000
"""How long before the run a file must have been unchanged (ns), so that a change during the run shows in its times:
precise file systems tick every few milliseconds, others every second or two."""


def stamp_of(found: os.stat_result) -> Stamp:
    """Return the stamp of a `stat` result."""
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev


class Transcript:
    """The recorded accesses to disk and environment, and their results."""

    __slots__ = ("doubt", "empty", "sealed", "stamps", "there", "variables")

    def __init__(self) -> None:
        self.stamps: dict[str, Stamp] = {}
        """Files that were read, folders that were listed, and paths whose size or times were used."""
        self.there: dict[str, bool] = {}
        """Paths that were only checked for existence."""
        self.empty: dict[str, None] = {}
        """Files that are missing or empty."""
        self.sealed: dict[str, SealedStamp] = {}
        """Files that are never edited in place, such as clips."""
        self.variables: dict[str, str | None] = {}
        self.doubt: str | None = None
        """Why changes cannot be detected later; None if they can."""

    def add_stamp(self, path: str, stamp: Stamp) -> None:
        """Record a stamp. A file that changes while it is read puts the whole transcript in doubt."""
        if self.stamps.setdefault(path, stamp) != stamp:
            self.doubt = f"{path} changed"

    def add_sealed(self, path: str, stamp: SealedStamp) -> None:
        """Record the stamp of a file that is never edited in place."""
        if self.sealed.setdefault(path, stamp) != stamp:
            self.doubt = f"{path} changed"

    def include(self, other: Transcript) -> None:
        """Add everything from another transcript."""
        for path, stamp in other.stamps.items():
            self.add_stamp(path, stamp)
        for path, sealed in other.sealed.items():
            self.add_sealed(path, sealed)
        self.there.update(other.there)
        self.empty.update(other.empty)
        self.variables.update(other.variables)
        self.doubt = self.doubt or other.doubt

    def plain(self, began: int) -> PlainTranscript | None:
        """Convert to plain values; None in doubt, or if a file changed so shortly before the run began (ns since the
        epoch) that a change during the run might not show."""
        stamped = (max(stamp[:2]) for stamp in self.stamps.values() if stamp is not None)
        sealed = (stamp[0] for stamp in self.sealed.values() if stamp is not None)
        if self.doubt is not None or not all(_is_quiet(each, began) for times in (stamped, sealed) for each in times):
            return None
        stamps = {path: stamp for path, stamp in self.stamps.items() if stamp is not None}
        sealed_stamps = _each_once(
            {path: stamp for path, stamp in self.sealed.items() if stamp is not None}, stamps.keys()
        )
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
"""The group of paths that lie less than two levels deep. On Windows each drive has its own root, so such paths are kept
whole."""


def _each_once(sealed: dict[str, tuple[int, int, int]], looked_at: Set[str]) -> Mapping[str, tuple[int, ...]]:
    """Leave out names of sealed files that have another name. Only names in folders that have a stamp of their own are
    left out: it changes when the name stands for another file."""
    at_folders = {path: stamp for path, stamp in sealed.items() if path.rpartition(os.sep)[0] in looked_at}
    if not at_folders:
        return sealed
    kept = {path: stamp for path, stamp in sealed.items() if path not in at_folders}
    known = set(kept.values())
    for path, stamp in at_folders.items():
        if stamp not in known:
            known.add(stamp)
            kept[path] = stamp
    return kept


def _by_folder(stamps: Mapping[str, tuple[int, ...]]) -> tuple[StampsBelow, ...]:
    """Group stamps by the folder two levels up, so that there are few groups."""
    groups: dict[str, tuple[list[str], list[int]]] = {}
    for path, stamp in stamps.items():
        above, _, name = path.rpartition(os.sep)
        top, _, folder = above.rpartition(os.sep)
        names, numbers = groups.setdefault(top or _ROOT, ([], []))
        names.append(f"{folder}{os.sep}{name}" if folder else name or ".")
        numbers += stamp
    return tuple((folder, tuple(names), tuple(numbers)) for folder, (names, numbers) in groups.items())


def _by_path(groups: Iterable[StampsBelow], width: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Ungroup stamps of `width` numbers, by full path."""
    for folder, names, numbers in groups:
        for at, name in enumerate(names):
            yield path_below(folder, name), numbers[at * width : (at + 1) * width]


def joined(kept: Sequence[PlainTranscript]) -> PlainTranscript:
    """Merge several transcripts, without redundant checks. A missing path is not checked if its folder has a stamp,
    which changes with the folder's content. Of sealed files there may be many thousands, so their groups are merged as
    they are.
    """
    stamps = dict(stamp for each in kept for stamp in _by_path(each[0], 5))
    sealed: dict[str, tuple[list[str], list[int]]] = {}
    for folder, names, numbers in (group for each in kept for group in each[3]):
        all_names, all_numbers = sealed.setdefault(folder, ([], []))
        all_names += names
        all_numbers += numbers
    there = {path: was for each in kept for path, was in each[1] if path not in stamps}
    missing = (path for path, was in there.items() if not was and path.rpartition(os.sep)[0] in stamps)
    for path in list(missing):
        del there[path]
    return (
        _by_folder(stamps),
        tuple(there.items()),
        tuple({path: None for each in kept for path in each[2]}),
        tuple((folder, tuple(names), tuple(numbers)) for folder, (names, numbers) in sealed.items()),
        tuple({name: value for each in kept for name, value in each[4]}.items()),
    )


class RunTranscript(Transcript):
    """The transcript of a whole run of a command, with its arguments and output."""

    __slots__ = ("began", "question", "said")

    def __init__(self, question: tuple[Any, ...] | None = None, began: int = 0) -> None:
        super().__init__()
        self.question = question
        """What identifies this run apart from its reads; None for one that must not be cached."""
        self.began = began
        """When the run began (ns since the epoch)."""
        self.said: list[tuple[int, str]] = []
        """Everything that was printed, in order: 1 for stdout, 2 for stderr."""


_run: ContextVar[RunTranscript] = ContextVar("run")
_now: ContextVar[Transcript] = ContextVar("now")
PROCESS = Transcript()
"""What is read once per process: the texts that come with storyboard."""


def begin_run(question: tuple[Any, ...] | None, began: int) -> None:
    """Record into a new transcript from now on."""
    run = RunTranscript(question, began)
    _run.set(run)
    _now.set(run)


def current_run() -> RunTranscript:
    """Return the transcript of this run; an unused one if no run was begun."""
    found = _run.get(None)
    return RunTranscript() if found is None else found


def current() -> Transcript:
    """Return the transcript that is being recorded into; an unused one if no run was begun."""
    found = _now.get(None)
    return Transcript() if found is None else found


class recording:  # noqa: N801  a context manager, used like a function
    """Record into another transcript until the end of the block: into a new one unless one is given."""

    def __init__(self, into: Transcript | None = None) -> None:
        self._into = Transcript() if into is None else into

    def __enter__(self) -> Transcript:
        self._token = _now.set(self._into)
        return self._into

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        _now.reset(self._token)


def recording_for_run() -> recording:
    """Record for the whole run, for what is read once and used for several files."""
    return recording(current_run())
