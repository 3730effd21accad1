"""Which clips the locks of a team name, as builds have written it to the bucket: these clips are not removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from storyboard.bucket.note import DamagedNote, new_write_id, read_document, take
from storyboard.bucket.object_store import Changed, Objects
from storyboard.bucket.purse import file_name
from storyboard.fast_dataclasses import dataclass
from storyboard.forms import is_sha256, is_text
from storyboard.jobs.canonical import canonical

LARGEST_LIST = 1 << 20
"""Bytes."""
MOST_CLIPS = 10_000


@dataclass(frozen=True, slots=True)
class LockList:
    """The clips that one lock names."""

    project: str
    story: str
    variant: str
    clips: frozenset[str]


class LockLists:
    """The lock lists of a bucket. Every method raises BucketAway if it does not answer."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def remember(self, wanted: LockList) -> bool:
        """Write what a lock names now; False where the bucket says so already. The last writer counts."""
        path = _path(wanted)
        for _ in range(5):
            seen = self._objects.read(path, LARGEST_LIST)
            if seen is not None and _is_same(seen.content, wanted):
                return False
            if not isinstance(self._objects.write(path, _written(wanted), seen), Changed):
                return True
        return False

    def all(self) -> Iterator[LockList]:
        """Yield every lock list; raises DamagedNote for one that cannot be read, since it may name any clip."""
        for listed in self._objects.list("locks/"):
            stored = self._objects.read(listed.path, LARGEST_LIST)
            if stored is not None:
                yield read_lock_list(stored.content, listed.path)


def _is_same(content: bytes, wanted: LockList) -> bool:
    try:
        return read_lock_list(content, "") == wanted
    except DamagedNote:
        return False


def _path(lock: LockList) -> str:
    name = f"{lock.story}.{lock.variant}" if lock.variant else lock.story
    return f"locks/{file_name(lock.project)}/{file_name(name)}.json"


def _written(lock: LockList) -> bytes:
    document: dict[str, Any] = {
        "v": 1,
        "n": new_write_id(),
        "project": lock.project,
        "story": lock.story,
        "variant": lock.variant,
        "clips": sorted(lock.clips),
    }
    return canonical(document).encode()


def read_lock_list(content: bytes, path: str) -> LockList:
    """Return the lock list that these bytes state; raises DamagedNote for anything else."""
    document = read_document(content, LARGEST_LIST, f"the lock list {path}")
    try:
        clips = take(document, "clips", lambda value: isinstance(value, list) and len(value) <= MOST_CLIPS)
        if not all(map(is_sha256, clips)):
            raise ValueError("one of its clips is damaged")
        project, story, variant = (take(document, name, is_text) for name in ("project", "story", "variant"))
        return LockList(project, story, variant, frozenset(clips))
    except (ValueError, TypeError) as error:
        raise DamagedNote(
            f"the lock list {path} in the bucket is damaged: {error}", help="build that film again, which writes it"
        ) from error


def clips_named(lists: Iterable[LockList]) -> frozenset[str]:
    """Return all clips that any of the lists names."""
    return frozenset(clip for each in lists for clip in each.clips)
