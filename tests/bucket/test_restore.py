"""A bucket is lost and comes back, as docs/operations.md says it: nothing is bought again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.buckets import TestBucket
from tests.support.shop import Shop

YES = "--yes"
ORDER = ("storyboard.json", "clips/", "notes/", "locks/", "purses/")


def copy_of(bucket: TestBucket) -> dict[str, bytes]:
    return {path: bucket.content(path) for path in bucket.paths()}


def empty(bucket: TestBucket) -> None:
    for path in bucket.paths():
        bucket.remove(path)


def restore(bucket: TestBucket, copy: dict[str, bytes], *parts: str) -> None:
    for part in parts:
        for path, content in copy.items():
            if path.startswith(part):
                bucket.put(path, content)


def another(shop: Shop, folder: Path) -> Shop:
    """Another machine of the same account, with the story and its lock, and an empty store."""
    other = shop.elsewhere(folder)
    other.environment = dict(shop.environment)
    return other


@pytest.fixture
def bought(shop: Shop) -> Shop:
    """A film that was bought with the bucket, at a gateway that cannot look anything up."""
    shop.behave(no_lookup=frozenset({"generation", "queue"}))
    shop.build(YES)
    return shop


def test_bucket_restored_in_order_is_the_same_bucket(bought: Shop, bucket: TestBucket, tmp_path: Path) -> None:
    copy, posts = copy_of(bucket), bought.posts
    empty(bucket)
    restore(bucket, copy, *ORDER)
    assert set(another(bought, tmp_path / "other").states(YES).values()) == {"cached"}
    assert set(bought.states(YES).values()) == {"cached"} and bought.posts == posts


def test_purchase_that_the_backup_lacks_is_told_by_the_machine_that_made_it(
    bought: Shop, bucket: TestBucket, tmp_path: Path
) -> None:
    copy = copy_of(bucket)
    bought.edit("Paper boats", "Wooden boats")
    bought.build(YES)
    posts = bought.posts
    empty(bucket)
    restore(bucket, copy, *ORDER)
    other = another(bought, tmp_path / "other")
    other.build(YES, code=0)
    assert bought.posts == posts, "the lock names the task, whatever the bucket has lost"
    assert bought("store", "push").code == 0
    notes = [path for path in bucket.paths() if path.startswith("notes/")]
    assert len(notes) == 3 and {f"notes/{block['key'][:2]}/{block['key']}.json" for block in bought.lock} <= set(notes)


def test_lost_bucket_is_filled_again_from_its_identity_and_the_machines(
    bought: Shop, bucket: TestBucket, tmp_path: Path
) -> None:
    copy, posts = copy_of(bucket), bought.posts
    empty(bucket)
    restore(bucket, copy, "storyboard.json")
    assert bought("store", "push").code == 0
    other = another(bought, tmp_path / "other")
    other.key = ""
    assert set(other.states("--locked").values()) == {"cached"}
    assert bought.posts == posts
    assert {path for path in copy if path.startswith(("notes/", "clips/"))} <= set(bucket.paths())


def test_lost_bucket_without_its_identity_is_another_one_and_buys_nothing(bought: Shop, bucket: TestBucket) -> None:
    empty(bucket)
    bought.edit("Paper boats", "Wooden boats")
    posts = bought.posts
    assert bought("build", YES).code == 2
    assert bought.posts == posts
