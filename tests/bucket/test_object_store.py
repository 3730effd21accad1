"""Conditional writes to a bucket, on a real server whose answers are cut off, delayed or missing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from storyboard.bucket.object_store import BucketAway, Changed, Objects, StoredObject
from storyboard.errors import StoreError
from tests.support.buckets import TestBucket


def test_first_write_creates_and_the_second_one_changes_nothing(bucket: TestBucket) -> None:
    objects = bucket.objects()
    written = objects.write("notes/a", b"mine", None)
    assert isinstance(written, StoredObject)
    assert objects.write("notes/a", b"yours", None) == Changed(written)
    assert bucket.content("notes/a") == b"mine"


def test_write_over_an_outdated_version_is_refused(bucket: TestBucket) -> None:
    objects = bucket.objects()
    first = objects.write("notes/a", b"one", None)
    assert isinstance(first, StoredObject)
    second = objects.write("notes/a", b"two", first)
    assert isinstance(second, StoredObject)
    assert objects.write("notes/a", b"three", first) == Changed(second)
    assert objects.read("notes/a", 100) == second


def test_write_with_a_lost_reply_counts_as_made(bucket: TestBucket) -> None:
    objects = bucket.objects()
    bucket.faults.lose_answers = 1
    first = objects.write("notes/a", b"one", None)
    assert isinstance(first, StoredObject)
    bucket.faults.lose_answers = 1
    assert isinstance(objects.write("notes/a", b"two", first), StoredObject)
    assert bucket.content("notes/a") == b"two"


def test_write_repeated_after_a_late_arrival_counts_as_made(bucket: TestBucket) -> None:
    """The first request is kept back; the repeat is sent after a look that shows nothing, and the first one wins."""
    objects = bucket.objects()
    bucket.faults.swallow = 1
    read = objects.read

    def late(path: str, most: int) -> StoredObject | None:
        found = read(path, most)
        bucket.faults.release()
        return found

    class Late(Objects):
        def read(self, path: str, most: int) -> StoredObject | None:
            return late(path, most)

    from storyboard.bucket.address import read_address

    assert isinstance(Late(read_address(bucket.address)).write("notes/a", b"mine", None), StoredObject)
    assert bucket.content("notes/a") == b"mine"


def test_write_to_an_unreachable_bucket_is_unclear(bucket: TestBucket) -> None:
    objects = bucket.objects()
    bucket.faults.away = True
    with pytest.raises(BucketAway):
        objects.write("notes/a", b"mine", None)
    bucket.faults.away = False
    assert objects.read("notes/a", 100) is None


def test_one_of_many_simultaneous_creates_succeeds(bucket: TestBucket) -> None:
    def create(number: int) -> bool:
        return isinstance(bucket.objects().write("notes/a", b"%d" % number, None), StoredObject)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(create, range(8))) == 1


def test_old_version_does_not_match_again_when_the_content_comes_back(bucket: TestBucket) -> None:
    """An etag is the hash of the content, so what is written must be new each time: a reminder why notes have an `n`."""
    objects = bucket.objects()
    first = objects.write("a", b"same", None)
    assert isinstance(first, StoredObject)
    second = objects.write("a", b"other", first)
    assert isinstance(second, StoredObject)
    assert isinstance(objects.write("a", b"same", second), StoredObject)
    assert isinstance(objects.write("a", b"late", first), StoredObject)


def test_object_that_is_too_large_is_not_read(bucket: TestBucket) -> None:
    bucket.put("notes/a", b"x" * 200)
    with pytest.raises(StoreError, match="larger than 100 bytes"):
        bucket.objects().read("notes/a", 100)


def test_missing_bucket_differs_from_a_missing_note(bucket: TestBucket) -> None:
    bucket.address = "s3://nobody-made-this/team"
    with pytest.raises(BucketAway, match="there is no bucket s3://nobody-made-this"):
        bucket.objects().read("notes/a", 100)


def test_all_objects_below_a_folder_are_listed(bucket: TestBucket) -> None:
    for number in range(5):
        bucket.put(f"clips/{number}", b"x" * number)
    bucket.put("other", b"")
    assert sorted((each.path, each.size) for each in bucket.objects().list("clips/")) == [
        (f"clips/{number}", number) for number in range(5)
    ]
