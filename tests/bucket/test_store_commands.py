"""`store check|push|pull|verify|gc` with a bucket."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from storyboard.project import Run
from storyboard.project.bucket_upkeep import survey_bucket, sweep_bucket
from tests.support.buckets import TestBucket
from tests.support.shop import SETTINGS, Shop

YES = "--yes"


def clips_in(bucket: TestBucket) -> list[str]:
    return [path for path in bucket.paths() if path.startswith("clips/")]


def notes_in(bucket: TestBucket) -> list[dict[str, object]]:
    return [json.loads(bucket.content(path)) for path in bucket.paths() if path.startswith("notes/")]


@pytest.fixture
def alone(shop: Shop) -> Shop:
    """A person who bought a film before there was a bucket, and has one now."""
    clips = shop.environment.pop("STORYBOARD_CLIPS")
    shop.build(YES)
    shop.environment["STORYBOARD_CLIPS"] = clips
    return shop


def test_working_bucket_passes_the_check(shop: Shop, bucket: TestBucket) -> None:
    done = shop("store", "check")
    assert done.code == 0, done.out
    for line in (
        "of two creates one goes through",
        "a write over an older version is refused",
        "reads and listings see the last write",
        "no rule deletes notes/",
        "no rule deletes clips/",
        "claims of the store hold",
    ):
        assert line in done.out
    assert bucket.paths() == ["storyboard.json"]


def test_bucket_without_conditional_writes_is_refused_and_nothing_is_bought(shop: Shop, bucket: TestBucket) -> None:
    bucket.faults.unconditional = True
    done = shop("store", "check", "--json")
    assert done.code == 2
    problems = [check["text"] for check in json.loads(done.out)["checks"] if check["state"] == "problem"]
    assert any("a second create goes through" in text for text in problems)
    assert any("a write over an older version goes through" in text for text in problems)
    done = shop("build", YES)
    assert done.code == 2, (done.out, done.err)
    assert "a second create goes through" in done.out + done.err
    assert shop.posts == 0


@pytest.mark.parametrize("folder", ["notes", "clips"])
def test_lifecycle_rule_that_deletes_paid_clips_is_refused(shop: Shop, bucket: TestBucket, folder: str) -> None:
    bucket.faults.expires = folder
    done = shop("store", "check")
    assert done.code == 2
    assert f"a rule of the bucket deletes what is in {folder}/" in done.out
    done = shop("build", YES)
    assert (done.code, shop.posts) == (2, 0)


def test_bucket_is_checked_once_a_day_and_not_with_every_build(shop: Shop, bucket: TestBucket) -> None:
    shop.build(YES, "--only", "river")
    first = len([1 for _, path in bucket.faults.seen if "/probe" in path])
    shop.build(YES)
    assert first > 0
    assert len([1 for _, path in bucket.faults.seen if "/probe" in path]) == first


def test_nothing_is_bought_while_the_bucket_is_unreachable(shop: Shop, bucket: TestBucket) -> None:
    bucket.faults.away = True
    done = shop("build", YES)
    assert done.code == 3, (done.out, done.err)
    assert "cannot be used" in done.out + done.err
    assert shop.posts == 0


def test_replaced_bucket_at_the_same_address_is_refused(shop: Shop, bucket: TestBucket) -> None:
    shop.build(YES, "--only", "river")
    bucket.remove("storyboard.json")
    done = shop("build", YES)
    assert done.code == 2
    assert "is another bucket than the one this store has bought with" in done.out + done.err
    assert shop.posts == 1


def test_missing_bucket_is_named(shop: Shop) -> None:
    shop.environment["STORYBOARD_CLIPS"] = "s3://never-made/team"
    done = shop("store", "check")
    assert done.code == 3
    assert "there is no bucket s3://never-made" in done.err


def test_commands_without_a_bucket_say_how_to_name_one(shop: Shop) -> None:
    shop.environment.clear()
    for command in (["check"], ["push"], ["pull"], ["verify", "--bucket"], ["gc", "--bucket"]):
        done = shop("store", *command)
        assert done.code == 2
        assert "STORYBOARD_CLIPS=s3://films/team" in done.err


def test_first_push_sends_what_was_bought_before(alone: Shop, bucket: TestBucket) -> None:
    done = alone("store", "push")
    assert done.code == 0, done.err
    assert "2 clips, 2 notes and 1 lock" in done.out
    assert [(note["state"], note["attempt"], note["may"]) for note in notes_in(bucket)] == [("done", 1, [])] * 2
    before = {path: bucket.content(path) for path in bucket.paths()}
    assert alone("store", "push").code == 0
    assert {path: bucket.content(path) for path in bucket.paths()} == before


def test_push_reports_that_an_open_job_without_an_account_may_still_be_sent(alone: Shop, bucket: TestBucket) -> None:
    lock = alone.cli.folder / "lanterns.story.lock"
    head, first, *rest = lock.read_text().splitlines()
    block = json.loads(first)
    block |= {"state": "intent", "task": None, "clip": None, "key": "ab" * 32, "content": "cd" * 32}
    lock.write_text("\n".join([head, json.dumps(block), *rest]) + "\n")
    assert alone("store", "push").code == 0
    [note] = [note for note in notes_in(bucket) if note["key"] == "ab" * 32]
    assert note["state"] == "intent"
    assert [sender["store"] for sender in note["may"]] == ["?"]  # type: ignore[attr-defined]


def test_push_sends_nothing_from_other_projects(alone: Shop, bucket: TestBucket, tmp_path: Path) -> None:
    other = alone.elsewhere(tmp_path / "other")
    other.cli.home = alone.cli.home
    other.environment = dict(alone.environment)
    other.cli.write("storyboard.toml", f'project = "secret"\n{SETTINGS}')
    (other.cli.folder / "lanterns.story.lock").unlink(missing_ok=True)
    assert other("store", "push").code == 0
    assert clips_in(bucket) == []
    assert notes_in(bucket) == []


def test_pull_fetches_what_the_lock_names(alone: Shop, bucket: TestBucket, tmp_path: Path) -> None:
    assert alone("store", "push").code == 0
    other = alone.elsewhere(tmp_path / "other")
    other.key, other.environment = "", dict(alone.environment)
    done = other("store", "pull", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["clips"] == 2
    assert other("store", "pull").out.startswith("nothing to fetch")


def test_pull_fetches_clips_of_notes_before_the_lock_arrives(alone: Shop, tmp_path: Path) -> None:
    assert alone("store", "push").code == 0
    other = alone.elsewhere(tmp_path / "other")
    other.key, other.environment = "", dict(alone.environment)
    (other.cli.folder / "lanterns.story.lock").unlink()
    assert json.loads(other("store", "pull", "--json").out)["clips"] == 2


def test_verify_finds_a_damaged_clip_of_the_bucket(alone: Shop, bucket: TestBucket) -> None:
    assert alone("store", "push").code == 0
    assert "2 clips: none damaged" in alone("store", "verify", "--bucket").out
    bucket.put(clips_in(bucket)[0], b"damaged")
    done = alone("store", "verify", "--bucket", "--json")
    assert done.code == 3
    assert len(json.loads(done.out)["damaged"]) == 1


def test_gc_keeps_clips_in_lock_lists_and_recent_clips(alone: Shop, bucket: TestBucket) -> None:
    assert alone("store", "push").code == 0
    bucket.put(f"clips/ab/{'ab' * 32}", b"nobody's")
    bucket.put("clips/ab/readme.txt", b"not a clip")
    done = alone("store", "gc", "--bucket", "--paid", "--json")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert (len(document["named"]), len(document["recent"]), document["removed"]) == (2, 1, 0)
    assert len(clips_in(bucket)) == 4


def test_gc_removes_an_old_clip_that_no_lock_list_names(
    alone: Shop, bucket: TestBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert alone("store", "push").code == 0
    bucket.put(f"clips/ab/{'ab' * 32}", b"nobody's")
    monkeypatch.setenv("STORYBOARD_CLIPS", bucket.address)
    run = Run()
    project = run.project_of(alone.cli.folder / "lanterns.story")
    found = survey_bucket(project, time.time() + 2 * 24 * 3600)
    assert [clip.sha256 for clip in found.unnamed] == ["ab" * 32]
    assert sweep_bucket(project, found.unnamed) == 1
    assert len(clips_in(bucket)) == 2
    assert len(notes_in(bucket)) == 2


def test_gc_of_a_bucket_without_lock_lists_removes_nothing(shop: Shop, bucket: TestBucket) -> None:
    bucket.put(f"clips/ab/{'ab' * 32}", b"somebody's")
    done = shop("store", "gc", "--bucket", "--paid")
    assert done.code == 3
    assert "every clip may be needed" in done.err


def test_gc_stops_at_an_unreadable_lock_list(alone: Shop, bucket: TestBucket) -> None:
    assert alone("store", "push").code == 0
    bucket.put("locks/other/film.json", b"{")
    done = alone("store", "gc", "--bucket", "--paid")
    assert done.code == 3
    assert "locks/other/film.json" in done.err
    assert len(clips_in(bucket)) == 2
