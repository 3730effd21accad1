"""A team's bucket in a build: clips that a lock names are fetched before anything is planned, new ones are sent after.

Nothing of this is imported for a project without a bucket.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from storyboard.bucket.bucket_clips import DamagedInBucket
from storyboard.bucket.identity import client_version, machine_name, store_id
from storyboard.bucket.note import Writer, time_text
from storyboard.bucket.note_changes import NoteAuthor
from storyboard.bucket.object_store import BucketAway
from storyboard.bucket.shared_bucket import SharedBucket
from storyboard.errors import PermissionNeeded
from storyboard.fast_dataclasses import dataclass, field
from storyboard.project.plan import PlannedStory
from storyboard.project.team_bucket import open_bucket
from storyboard.store import LocalStore

THREADS = 8
"""Number of concurrent transfers."""


@dataclass
class ClipsFetched:
    """What came out of the bucket: `clips` and their `bytes`; `missing` clips that it does not have, `damaged` ones
    that were not accepted, and why it did not answer, if so."""

    address: str = ""
    clips: int = 0
    bytes: int = 0
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    away: str | None = None


def author_of(store: LocalStore) -> NoteAuthor:
    """Return the author of what this store writes to a bucket now."""
    return NoteAuthor(Writer(store_id(store.folder), machine_name(), client_version()), time_text(time.time()))


def fetch_named_clips(stories: Sequence[PlannedStory]) -> Iterator[ClipsFetched]:
    """Fetch the clips that the stories' locks name and their stores lack, bucket by bucket.

    Raises PermissionNeeded for a story that is to be bought and whose bucket only its project names; a free one is then
    built without it.
    """
    wanted: dict[tuple[str, str], tuple[SharedBucket, LocalStore, set[str]]] = {}
    for story in stories:
        named = _lacking(story)
        bucket = _bucket_for(story) if named else None
        if bucket is not None:
            place = bucket.address, str(story.store.folder)
            wanted.setdefault(place, (bucket, story.store, set()))[2].update(named)
    for bucket, store, clips in wanted.values():
        yield fetch_clips(bucket, store, sorted(clips))


def _bucket_for(story: PlannedStory) -> SharedBucket | None:
    if story.store.is_read_only:
        return None
    try:
        return open_bucket(story.compiled.project)
    except PermissionNeeded:
        if story.provider.pays:
            raise
        return None


def _lacking(story: PlannedStory) -> set[str]:
    """Return the clips that a story's lock names for its jobs, and that its store does not have."""
    if story.compiled.project.settings.clips is None:
        return set()
    blocks = story.compiled.lock.blocks
    named = (blocks[job.content].clip for job in story.compiled.jobs if job.content in blocks)
    return {clip for clip in named if clip is not None and not story.store.clips.has(clip)}


def fetch_clips(bucket: SharedBucket, store: LocalStore, clips: Sequence[str]) -> ClipsFetched:
    """Fetch clips into a store, several at once; stop asking a bucket that does not answer."""
    done = ClipsFetched(bucket.address)

    def fetch(sha256: str) -> int | Exception | None:
        if done.away is not None:
            return None
        try:
            return bucket.clips.fetch(sha256, store.clips)
        except DamagedInBucket as damaged:
            return damaged
        except BucketAway as away:
            done.away = away.message
            return None

    with ThreadPoolExecutor(THREADS) as pool:
        for sha256, found in zip(clips, pool.map(fetch, clips), strict=True):
            if isinstance(found, Exception):
                done.damaged.append(sha256)
            elif found is not None:
                done.clips += 1
                done.bytes += found
            elif done.away is None:
                done.missing.append(sha256)
    return done
