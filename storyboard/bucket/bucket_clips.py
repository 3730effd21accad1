"""Clips in a bucket, by the SHA-256 of their bytes: verified on the way in and on the way out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from enum import StrEnum
from hashlib import sha256 as hash_of

from storyboard.bucket.object_store import Objects
from storyboard.errors import StoreError
from storyboard.fast_dataclasses import dataclass
from storyboard.files.disk import read_file
from storyboard.forms import is_sha256
from storyboard.store.clips import ClipFolder

LARGEST_UPLOAD = 4 * 10**9
"""Bytes of a clip that is sent in one request."""


class DamagedInBucket(StoreError):
    """A clip in the bucket whose bytes do not match its name."""


class ClipAdded(StrEnum):
    """The result of adding a clip to the bucket."""

    UPLOADED = "uploaded"
    THERE = "there"
    """The bucket had it."""
    MISSING = "missing"
    """Neither the bucket has it nor the store."""


@dataclass(frozen=True, slots=True)
class ListedClip:
    """A clip of the bucket: its size in bytes, and when it was added, in seconds since the epoch by the bucket's
    clock."""

    sha256: str
    size: int
    modified: float


class BucketClips:
    """The clips of a bucket. Every method raises BucketAway if it does not answer."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def has(self, sha256: str) -> bool:
        """Whether the clip is there; whether it is whole is seen when it is fetched."""
        return self._objects.size(clip_path(sha256)) is not None

    def add(self, sha256: str, clips: ClipFolder) -> ClipAdded:
        """Upload a clip of the store, read and verified, unless the bucket has it."""
        if self.has(sha256):
            return ClipAdded.THERE
        file = clips.path(sha256)
        if file is None:
            return ClipAdded.MISSING
        try:
            content = read_file(file, LARGEST_UPLOAD)
        except OSError as error:
            raise StoreError(f"{file} cannot be read: {error.strerror}") from error
        if hash_of(content).hexdigest() != sha256:
            raise StoreError(f"{file} has changed while it was read", help="storyboard store verify checks every clip")
        return ClipAdded.UPLOADED if self._objects.add(clip_path(sha256), content) else ClipAdded.THERE

    def fetch(self, sha256: str, clips: ClipFolder) -> int | None:
        """Take a clip into the store; its bytes, None where the bucket does not have it. Raises DamagedInBucket."""
        part = clips.scratch(f"bucket-{sha256}-{os.urandom(4).hex()}")
        try:
            found = self._objects.fetch(clip_path(sha256), part)
            if found is None:
                return None
            if found != sha256:
                raise DamagedInBucket(
                    f"the clip {sha256[:12]} in the bucket is damaged: its bytes are not those of its name",
                    help="storyboard store verify lists damaged clips; a machine that has the clip can push it again",
                )
            size = part.stat().st_size
            clips.add(part)
        except OSError as error:
            raise StoreError(f"{part} cannot be written: {error.strerror}", help="free up space") from error
        finally:
            part.unlink(missing_ok=True)
        return size

    def verify(self, sha256: str, clips: ClipFolder) -> bool:
        """Whether the bytes of a clip in the bucket are those of its name; it is downloaded and not kept."""
        part = clips.scratch(f"bucket-{sha256}-{os.urandom(4).hex()}")
        try:
            return self._objects.fetch(clip_path(sha256), part) == sha256
        except OSError as error:
            raise StoreError(f"{part} cannot be written: {error.strerror}", help="free up space") from error
        finally:
            part.unlink(missing_ok=True)

    def all(self) -> Iterator[ListedClip]:
        """Yield all clips; other objects are ignored."""
        for listed in self._objects.list("clips/"):
            sha256 = listed.path.rpartition("/")[2]
            if is_sha256(sha256) and listed.path == clip_path(sha256):
                yield ListedClip(sha256, listed.size, listed.modified)

    def remove(self, sha256: str) -> None:
        """Remove a clip."""
        self._objects.remove(clip_path(sha256))


def clip_path(sha256: str) -> str:
    """Return the path of a clip in the bucket; raises StoreError for a name that is not a clip's."""
    if not is_sha256(sha256):
        raise StoreError(f"{sha256!r:.80} does not name a clip: a clip is named by 64 hexadecimal digits")
    return f"clips/{sha256[:2]}/{sha256}"
