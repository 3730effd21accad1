"""A team's bucket, opened: its notes, purses, clips and lock lists."""

from __future__ import annotations

from storyboard.bucket.address import read_address
from storyboard.bucket.bucket_clips import BucketClips
from storyboard.bucket.identity import BucketIdentity, make_identity
from storyboard.bucket.lock_list import LockLists
from storyboard.bucket.note_book import NoteBook
from storyboard.bucket.object_store import Objects
from storyboard.bucket.purse import PurseBook


class SharedBucket:
    """What is in a bucket. Nothing is asked before it is needed."""

    def __init__(self, address: str) -> None:
        """Raises UsageError for what is no address, MissingExtraError without the extra `s3`."""
        self.objects = Objects(read_address(address))
        self.notes = NoteBook(self.objects)
        self.purses = PurseBook(self.objects)
        self.clips = BucketClips(self.objects)
        self.lock_lists = LockLists(self.objects)

    @property
    def address(self) -> str:
        """Where it is."""
        return str(self.objects.address)

    def identity(self) -> BucketIdentity:
        """Return the bucket's identity, setting it up if nobody has."""
        return make_identity(self.objects)
