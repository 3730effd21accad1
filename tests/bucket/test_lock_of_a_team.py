"""A lock names the bucket that its jobs were bought with; a build with another bucket, or with none, buys nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from storyboard.jobs.lock import Lock, TeamRecord
from storyboard.jobs.lockfile import LockLayout, parse_lock
from tests.bucket.test_team_builds import fresh
from tests.support.buckets import TestBucket, fresh_bucket
from tests.support.shop import Shop

YES = "--yes"
NEW = ("Paper boats", "Big paper boats")


def head(shop: Shop) -> dict[str, object]:
    found: dict[str, object] = json.loads((shop.cli.folder / "lanterns.story.lock").read_text().splitlines()[0])
    return found


def id_of(bucket: TestBucket) -> str:
    return str(json.loads(bucket.content("storyboard.json"))["id"])


def test_first_purchase_with_a_bucket_names_it_in_the_lock(shop: Shop, bucket: TestBucket) -> None:
    clips = shop.environment.pop("STORYBOARD_CLIPS")
    shop.build(YES, "--only", "street")
    assert head(shop) == {"version": 2}
    shop.environment["STORYBOARD_CLIPS"] = clips
    shop.build(YES)
    assert head(shop) == {"version": 2, "bucket": id_of(bucket)}
    shop.states(YES)
    assert head(shop) == {"version": 2, "bucket": id_of(bucket)}


def test_build_without_the_bucket_of_the_lock_buys_nothing(shop: Shop, bucket: TestBucket) -> None:
    shop.build(YES)
    shop.environment.clear()
    assert set(shop.states(YES).values()) == {"cached"}, "what is there needs no bucket"
    shop.edit(*NEW)
    done = shop("build", YES)
    assert done.code == 2
    assert (
        f"was bought with a team's bucket ({id_of(bucket)[:12]}), and this build has no bucket" in done.out + done.err
    )
    assert shop.posts == 2
    assert shop("build", "--provider", "animatic").code == 0


def test_build_with_another_bucket_than_the_locks_buys_nothing(
    shop: Shop, bucket: TestBucket, s3_port: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shop.build(YES)
    shop.edit(*NEW)
    with fresh_bucket(s3_port, monkeypatch) as another:
        other = fresh(shop, tmp_path / "other", key=shop.key)
        other.environment["STORYBOARD_CLIPS"] = another.address
        done = other("build", YES)
        assert done.code == 2, (done.out, done.err)
        assert "this build uses another one" in done.out + done.err
        assert shop.posts == 2


def test_lock_that_gets_another_bucket_while_a_build_runs_is_not_bought_for(shop: Shop, bucket: TestBucket) -> None:
    """As by a `git pull`: the lock is looked at again when an intent is written into it."""
    shop.build(YES, "--only", "street")
    lock = shop.cli.folder / "lanterns.story.lock"
    mine = lock.read_text()

    def pulled() -> None:
        lock.write_text(mine.replace(id_of(bucket), "f" * 32))

    bucket.faults.path, bucket.faults.method = "/notes/[0-9a-f]{2}/", "PUT"
    bucket.faults.then = pulled
    done = shop("build", YES)
    assert done.code == 2, (done.out, done.err)
    assert shop.posts == 1


def test_first_lines_of_both_sides_of_a_merge_are_joined() -> None:
    one = LockLayout().text(Lock(record=TeamRecord("a" * 32, "l1")))
    two = LockLayout().text(Lock())
    for text in (one + two, two + one, one + one):
        assert parse_lock(text.encode(), "x.story.lock").record == TeamRecord("a" * 32, "l1")


def test_two_buckets_in_one_lock_are_a_mistake(shop: Shop, bucket: TestBucket) -> None:
    shop.build(YES)
    lock = shop.cli.folder / "lanterns.story.lock"
    first, *rest = lock.read_text().splitlines(keepends=True)
    lock.write_text("".join([first, first.replace(id_of(bucket), "f" * 32), *rest]))
    done = shop("build", YES)
    assert done.code == 1
    assert "name 2 different values of `bucket`" in done.err


def test_bucket_stays_in_the_lock_when_blocks_are_pruned_or_taken_over_from_the_ledger(
    shop: Shop, bucket: TestBucket
) -> None:
    shop.build(YES)
    shop.edit("A courier walks", "A courier runs")
    shop.edit("street of lanterns", "lane of lanterns")
    assert shop("lock", "prune").code == 0
    assert head(shop)["bucket"] == id_of(bucket)
    lock = shop.cli.folder / "lanterns.story.lock"
    lock.write_text(lock.read_text().splitlines(keepends=True)[0])
    shop.edit("A courier runs", "A courier walks")
    shop.states(YES)
    assert head(shop)["bucket"] == id_of(bucket)
