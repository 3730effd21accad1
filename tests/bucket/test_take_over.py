"""`resolve` with a bucket: a job of another machine goes on only by a person's word, and under the same id."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from storyboard.bucket.note import Note, Writer, note_path, time_text, write_note
from storyboard.bucket.note_changes import NoteAuthor, WantedPurchase, begin
from storyboard.simulator.faults import FaultRule
from storyboard.simulator.messages import Operation
from tests.support.buckets import TestBucket
from tests.support.shop import TOGETHER, Shop

YES = "--yes"
MEI = NoteAuthor(Writer("mei-1", "mei@laptop", "0.1.0"), "2026-11-27T07:00:00Z")


@pytest.fixture
def key(shop: Shop, bucket: TestBucket) -> str:
    """The key of `river#1`, whose note says that mei's machine wrote it down and was never heard of again."""
    [step] = [job for job in json.loads(shop("plan", "--json").out)["jobs"] if job["id"] == "river#1"]
    wanted = WantedPurchase(
        step["key"], "kirin", shop.gateway.url, "generation", "a1", None, "lantern", "lanterns.story"
    )
    note = begin(None, wanted, f"sb-{step['key'][:40]}-1-1", MEI)
    assert isinstance(note, Note)
    bucket.put(note_path(step["key"]), write_note(note))
    return str(step["key"])


def note_of(bucket: TestBucket, key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bucket.content(note_path(key)))
    return found


def test_take_over_asks_before_it_believes_that_a_machine_is_off(shop: Shop, bucket: TestBucket, key: str) -> None:
    done = shop("resolve", "river#1", "--take-over")
    assert done.code == 2
    assert "river#1 may still be sent by mei@laptop (since 2026-11-27T07:00:00Z)" in done.err
    assert "--yes" in done.err
    assert len(note_of(bucket, key)["may"]) == 1


@pytest.mark.parametrize("name", ["river#1", "river.boats", "key"])
def test_job_that_was_taken_over_keeps_its_id_and_says_who_said_so(
    shop: Shop, bucket: TestBucket, key: str, name: str
) -> None:
    done = shop("resolve", key[:12] if name == "key" else name, "--take-over", YES)
    assert done.code == 0, done.err
    assert "river#1: taken over from mei@laptop" in done.out
    note = note_of(bucket, key)
    assert (note["state"], note["attempt"], note["may"]) == ("intent", 1, [])
    [dead] = note["dead"]
    assert dead["store"] == "mei-1" and "@" in dead["said_by"]


def test_job_of_no_other_machine_is_not_taken_over(shop: Shop, bucket: TestBucket, key: str) -> None:
    done = shop("resolve", "street#1", "--take-over", YES)
    assert done.code == 2
    assert "street#1: no other machine may still send this job" in done.err


@pytest.mark.parametrize("name", ["river#9", "nothing", "ffff"])
def test_unknown_job_is_not_taken_over(shop: Shop, key: str, name: str) -> None:
    done = shop("resolve", name, "--take-over", YES)
    assert done.code == 2
    assert f"`{name}` is not a job of this project" in done.err


def test_nothing_is_taken_over_while_the_bucket_is_away(shop: Shop, bucket: TestBucket, key: str) -> None:
    bucket.faults.away = True
    assert shop("resolve", "river#1", "--take-over", YES).code == 3


def test_take_over_without_a_bucket_says_how_to_name_one(shop: Shop) -> None:
    shop.environment.clear()
    done = shop("resolve", "river#1", "--take-over", YES)
    assert done.code == 2
    assert "STORYBOARD_CLIPS=" in done.err


def test_own_job_is_not_given_up_while_another_machine_may_still_send_it(shop: Shop, bucket: TestBucket) -> None:
    """Giving it up would buy it under a new id, while the old one may still be sent."""
    shop.build(YES, "--only", "river", "--no-wait", code=6)
    [path] = [path for path in bucket.paths() if path.startswith("notes/")]
    note = json.loads(bucket.content(path))
    note["may"].append({"store": "mei-1", "name": "mei@laptop", "at": "2026-11-27T07:00:00Z"})
    bucket.put(path, json.dumps(note).encode())
    for word in ("--abandon", "--unbilled"):
        done = shop("resolve", "river.boats", word)
        assert done.code == 2, (word, done.out, done.err)
        assert "mei@laptop (since 2026-11-27T07:00:00Z) may still send this job" in done.err
    assert json.loads(bucket.content(path))["state"] != "abandoned"
    assert shop("resolve", "river.boats", "--take-over", YES).code == 0
    assert shop("resolve", "river.boats", "--unbilled").code == 2, "its task is known, so it is on the bill"
    assert json.loads(bucket.content(path))["state"] == "task"
    assert shop("resolve", "river.boats", "--abandon").code == 0
    assert json.loads(bucket.content(path))["state"] == "abandoned"


def test_only_the_users_own_configuration_says_that_ids_are_unique(shop: Shop, bucket: TestBucket, key: str) -> None:
    shop.behave(no_lookup=frozenset({"generation", "queue"}))
    settings = (shop.cli.folder / "storyboard.toml").read_text()
    shop.cli.write("storyboard.toml", f"unique_ids = true\n{settings}")
    done = shop("build", YES, "--only", "river")
    assert done.code == 2 and "a project cannot set `unique_ids`" in done.err
    shop.cli.write("storyboard.toml", settings)
    note = json.loads(bucket.content(note_path(key)))
    now = time_text(time.time())
    note |= {"begun": {"store": "mei-1", "at": now}, "may": [{"store": "mei-1", "name": "mei@laptop", "at": now}]}
    bucket.put(note_path(key), json.dumps(note).encode())
    assert shop.build(YES, "--only", "river", "--no-wait", code=7)["river#1"]["state"] == "unknown"
    folder = shop.cli.home / "config" / "storyboard"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("unique_ids = true\n")
    assert shop.build(YES, "--only", "river", "--no-wait", code=6)["river#1"]["state"] == "running"
    assert shop.posts == 1


@pytest.mark.parametrize("word, state", [("--abandon", "abandoned"), ("--unbilled", "abandoned"), ("--adopt", "task")])
def test_job_that_only_a_note_knows_is_settled_by_hand(
    shop: Shop, bucket: TestBucket, key: str, word: str, state: str
) -> None:
    """This machine's ledger has no row of it: another one wrote it down, and is off for good."""
    words = (word, "task-7") if word == "--adopt" else (word,)
    refused = shop("resolve", "river#1", *words)
    if word == "--adopt":
        assert refused.code == 0, refused.err
    else:
        assert refused.code == 2
        assert "mei@laptop (since 2026-11-27T07:00:00Z) may still send this job" in refused.err
        assert shop("resolve", "river.boats", "--take-over", YES).code == 0
        done = shop("resolve", "river.boats", *words)
        assert done.code == 0, done.err
    note = note_of(bucket, key)
    assert note["state"] == state
    assert (note["cost"], note["task"]) == ("0" if word == "--unbilled" else None, words[-1] if words[1:] else None)


def test_job_whose_note_is_lost_is_sent_again_only_after_a_take_over(shop: Shop, bucket: TestBucket) -> None:
    """The bucket was restored from before the purchase. The ledger knows of an intent, which others may have sent."""
    settings = (shop.cli.folder / "storyboard.toml").read_text()
    shop.gateway.stage(FaultRule("lost-reply", operations=(Operation.SUBMIT,)))
    shop.build(YES, "--only", "street")  # it learns that tasks can be looked up
    shop.behave(duplicates="replay", show_after=1000.0)
    shop.gateway.stage(FaultRule("lost-reply", operations=(Operation.SUBMIT,)))
    shop.cli.write("storyboard.toml", f'resend = "never"\n{settings}')
    shop.build(YES, "--only", "river", code=7)
    [path] = [path for path in bucket.paths() if path.startswith("notes/") and b'"intent"' in bucket.content(path)]
    bucket.remove(path)
    shop.cli.write("storyboard.toml", settings)
    posts = shop.posts
    barred = shop.build(YES, "--only", "river", code=7)["river#1"]
    assert "whose note the bucket has lost" in barred["reason"]
    assert shop.posts == posts
    asked = shop("resolve", "river#1", "--take-over")
    assert "river#1 may still be sent by another machine; if it is" in asked.err
    done = shop("resolve", "river#1", "--take-over", YES)
    assert done.code == 0, done.err
    assert json.loads(bucket.content(path))["dead"][0]["store"] == "?"
    assert shop.build(YES, "--only", "river")["river#1"]["state"] == "built"
    assert shop.posts == posts + 1
    assert shop.paid == TOGETHER
