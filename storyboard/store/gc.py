"""Which clips of a store may be removed, and why: clips cost money, so none is removed because of its age."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from storyboard.errors import LockError, StoreError, UsageError
from storyboard.fast_dataclasses import dataclass
from storyboard.jobs.lockfile import lock_path, read_lock
from storyboard.store.attempt import Attempt
from storyboard.store.local import LocalStore


class Need(StrEnum):
    """How badly a clip may be needed, the least first."""

    FREE = "free"
    """Rendered on this machine for free; the next build renders it again."""
    UNNAMED = "unnamed"
    """Paid for, or of unknown origin, and no known lock names it."""
    UNSURE = "unsure"
    """A lock that may name it is gone or cannot be read, or the ledger was rebuilt."""
    NAMED = "named"
    """A known lock names it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A clip of the store: its size in bytes, what it cost in US dollars, and how badly it may be needed."""

    sha256: str
    size: int
    cost: Decimal
    need: Need


@dataclass(frozen=True, slots=True)
class StoreSurvey:
    """Every clip of a store, the known locks that are gone or cannot be read, and those that are forgotten now."""

    clips: tuple[Kept, ...]
    unread: tuple[Path, ...]
    forgotten: tuple[Path, ...] = ()


def survey(store: LocalStore, forgotten: Collection[Path] = ()) -> StoreSurvey:
    """Look at every clip and every known lock except those in `forgotten`; raises `StoreError` if the store cannot be
    read."""
    attempts = [attempt for attempt in store.ledger.all() if attempt.clip]
    locks = _Locks(store, attempts, store.locks.forgotten() | frozenset(forgotten))
    rows: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        rows.setdefault(attempt.clip or "", []).append(attempt)
    orphans = Need.UNSURE if store.ledger.rebuilt else Need.UNNAMED
    clips = tuple(_kept(store, sha256, rows.get(sha256, []), locks, orphans) for sha256 in store.clips.all())
    return StoreSurvey(clips, tuple(sorted(locks.unread)), tuple(forgotten))


def gone_lock(path: Path, found: StoreSurvey) -> Path:
    """Return the known lock that a person says is gone for good; raises `UsageError` if it exists or is not known."""
    for name in (path, path.resolve()):
        if name in found.unread and not name.exists():
            return name
    if path.exists():
        raise UsageError(
            f"--forget: `{path}` exists; the clips that a lock names are kept",
            help="delete the lock first if its film is gone",
        )
    gone = [str(lock) for lock in found.unread if not lock.exists()]
    known = (
        f"locks that no longer exist: {', '.join(gone)}" if gone else "every lock that this store knows still exists"
    )
    raise UsageError(f"--forget: this store knows no lock `{path}`", help=known)


def sweep(store: LocalStore, clips: Iterable[Kept]) -> None:
    """Remove clips; what they cost stays in the ledger. Raises `StoreError` while a build is using the store."""
    if store.busy():
        raise StoreError(
            f"a build is using the store {store.folder}", help="nothing was removed; wait until the build has ended"
        )
    for clip in clips:
        store.clips.remove(clip.sha256)


class _Locks:
    """What the known locks name: those that the store remembers, and those of the stories in its ledger."""

    def __init__(self, store: LocalStore, attempts: Iterable[Attempt], forgotten: Collection[Path]) -> None:
        needs = {path: set(clips) for path, clips in store.locks.all().items()}
        for attempt in attempts:
            if not _is_free(attempt):
                needs.setdefault(_lock_of(attempt), set()).add(attempt.clip or "")
        self.named: set[str] = set()
        self.unsure: set[str] = set()
        self.unread: set[Path] = set()
        for path, last_seen in needs.items():
            if path not in forgotten:
                self._read(path, last_seen)

    def _read(self, path: Path, last_seen: set[str]) -> None:
        try:
            found = read_lock(path) if path.exists() else None
        except (LockError, StoreError, OSError):
            found = None
        if found is None:
            self.unread.add(path)
            self.unsure |= last_seen
        else:
            self.named |= {block.clip for block in found.blocks.values() if block.clip}


def _lock_of(attempt: Attempt) -> Path:
    return lock_path(attempt.story.file, attempt.story.variant)


def _is_free(attempt: Attempt) -> bool:
    """Whether it was rendered here for free. A gateway's clip may be free for this story because another one paid."""
    return not attempt.whose.base_url and attempt.costs == 0 and (attempt.charged, attempt.reserved) != (None, None)


def _kept(store: LocalStore, sha256: str, rows: list[Attempt], locks: _Locks, orphans: Need) -> Kept:
    cost = max((attempt.costs for attempt in rows), default=Decimal(0))
    return Kept(sha256, store.clips.size(sha256), cost, max(_needs(sha256, rows, locks, orphans), key=_ORDER.index))


def _needs(sha256: str, rows: list[Attempt], locks: _Locks, orphans: Need) -> Iterator[Need]:
    """Yield each reason to keep a clip; the strongest counts."""
    yield Need.FREE if rows and all(map(_is_free, rows)) else Need.UNNAMED if rows else orphans
    if sha256 in locks.unsure:
        yield Need.UNSURE
    if sha256 in locks.named:
        yield Need.NAMED


_ORDER = tuple(Need)
