"""Several machines with one account and one bucket: a note is written before each send, so that one of them buys."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from storyboard.bucket.note import read_note, write_note
from storyboard.bucket.note_book import NoteBook
from tests.support.buckets import TestBucket
from tests.support.shop import Shop

YES = "--yes"


def another(shop: Shop, folder: Path) -> Shop:
    """Another machine with the story, without its lock, and with an empty store."""
    other = shop.elsewhere(folder, "storyboard.toml", "lanterns.story")
    other.environment = dict(shop.environment)
    other.cli.write("storyboard.toml", (shop.cli.folder / "storyboard.toml").read_text())
    return other


def notes(bucket: TestBucket) -> list[dict[str, Any]]:
    return [json.loads(bucket.content(path)) for path in sorted(bucket.paths()) if path.startswith("notes/")]


def test_note_is_written_before_the_request_and_names_nobody_after(shop: Shop, bucket: TestBucket) -> None:
    shop.build(YES)
    assert [(note["state"], note["joins"], note["may"], note["attempt"]) for note in notes(bucket)] == [
        ("done", 1, [], 1),
        ("done", 1, [], 1),
    ]
    assert shop.posts == 2


def test_machine_without_the_lock_takes_what_the_team_has_bought(
    shop: Shop, bucket: TestBucket, tmp_path: Path
) -> None:
    shop.behave(no_lookup=frozenset({"generation", "queue"}))
    shop.build(YES)
    other = another(shop, tmp_path / "other")
    jobs = other.build(YES)
    assert {job["state"] for job in jobs.values()} == {"cached"}
    assert shop.posts == 2
    assert {block["clip"] for block in other.lock} == {block["clip"] for block in shop.lock}
    assert all(block["cost"] in (None, "0") for block in other.lock), "it was paid for elsewhere"


def test_nothing_is_bought_while_the_bucket_is_away(shop: Shop, bucket: TestBucket) -> None:
    bucket.faults.away = True
    done = shop("build", YES)
    assert done.code == 3, done.err
    assert shop.posts == 0


def test_lost_answer_of_a_note_still_lets_its_writer_send_once(shop: Shop, bucket: TestBucket) -> None:
    bucket.faults.lose_answers, bucket.faults.path = 1, "/notes/[0-9a-f]{2}/"
    shop.build(YES)
    assert shop.posts == 2


def test_intent_of_another_machine_is_never_sent_and_names_it(
    shop: Shop, bucket: TestBucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.behave(no_lookup=frozenset({"generation", "queue"}))
    shop.build(YES)
    book = NoteBook(bucket.objects())
    for note in notes(bucket):
        said = {**note, "state": "intent", "task": None, "tasks": [], "clip": None, "cost": None}
        said["may"] = [{"store": "f" * 32, "name": "mei@laptop", "at": note["at"]}]
        changed = read_note(json.dumps(said).encode(), note["key"])
        book.write(changed, book.read(note["key"]))
    other = another(shop, tmp_path / "other")
    jobs = other.build(YES, "--no-wait", code=7)
    assert {job["state"] for job in jobs.values()} == {"unknown"}
    assert all("mei@laptop" in job["reason"] for job in jobs.values())
    assert shop.posts == 2
    assert write_note(changed)


def test_two_machines_at_one_time_buy_once(shop: Shop, bucket: TestBucket, tmp_path: Path) -> None:
    """The gateway cannot look tasks up and takes every id again: only the note keeps them apart."""
    shop.behave(no_lookup=frozenset({"generation", "queue"}), duplicates="second")
    other = another(shop, tmp_path / "other")
    done = []
    threads = [
        threading.Thread(target=lambda each=each: done.append(each.process("build", YES))) for each in (shop, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shop.posts == 2, [each.err for each in done]
    assert [each.code for each in done] == [0, 0], [each.err for each in done]


def test_budget_holds_across_machines(shop: Shop, bucket: TestBucket, tmp_path: Path) -> None:
    shop.edit(".model kirin_v3_t2v", ".model kirin_v3_t2v\n  .budget 0.60 USD")
    other = another(shop, tmp_path / "other")
    shop.build(YES, "--only", "street")
    (other.cli.folder / "lanterns.story").write_text((shop.cli.folder / "lanterns.story").read_text())
    other.build(YES, "--only", "river", code=4)
    assert shop.posts == 1
