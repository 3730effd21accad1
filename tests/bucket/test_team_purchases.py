"""Several machines with one account and one bucket: a note is written before each send, so that one of them buys."""

from __future__ import annotations

import json
import threading
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from storyboard.bucket.note import Note, Writer, note_path, read_note, time_text, write_note
from storyboard.bucket.note_book import NoteBook
from storyboard.bucket.note_changes import NoteAuthor, WantedPurchase, begin
from storyboard.bucket.purse import Purse, PurseBook, PurseEntry
from storyboard.jobs.key import external_id
from storyboard.simulator.faults import FaultRule
from storyboard.simulator.messages import Operation
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


def test_each_job_bought_asks_little_of_the_bucket(shop: Shop, bucket: TestBucket) -> None:
    """A note is read once and written three times, a clip asked for once and sent once; nothing is told twice."""
    shop.build(YES, "--only", "street")
    bucket.faults.seen.clear()
    shop.build(YES)
    kinds = [(method, path.split("?")[0].split("/")[3]) for method, path in bucket.faults.seen if "/team/" in path]
    assert kinds.count(("GET", "notes")) == 1
    assert kinds.count(("PUT", "notes")) == 3
    assert kinds.count(("HEAD", "clips")) == 1
    assert kinds.count(("PUT", "clips")) == 1


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


def purse(bucket: TestBucket) -> Purse:
    return PurseBook(bucket.objects()).read("lantern")


def capped(shop: Shop, dollars: str) -> None:
    shop.edit(".model kirin_v3_t2v", f".model kirin_v3_t2v\n  .budget {dollars} USD")


def test_purse_is_settled_by_the_spool_when_the_bucket_was_away_at_the_end(shop: Shop, bucket: TestBucket) -> None:
    capped(shop, "2")

    def goes_away() -> None:
        bucket.faults.away, bucket.faults.away_at = True, "/notes/[0-9a-f]{2}/|/purses/|/clips/"

    bucket.faults.path, bucket.faults.then = "/notes/[0-9a-f]{2}/", goes_away
    shop("build", YES, "--only", "river")
    bucket.faults.away = False
    assert purse(bucket).open() > 0
    shop.build("--only", "river")
    assert (purse(bucket).open(), purse(bucket).used()) == (Decimal(0), shop.paid)


def test_purse_of_a_job_that_another_machine_settles_is_settled(shop: Shop, bucket: TestBucket, tmp_path: Path) -> None:
    """The one who bought it never comes back: its task is fetched, and counted, by another machine."""
    capped(shop, "2")
    shop.build(YES, "--only", "river", "--no-wait", code=6)
    assert purse(bucket).open() > 0
    other = another(shop, tmp_path / "other")
    assert other.build(YES, "--only", "river")["river#1"]["state"] == "built"
    assert (purse(bucket).open(), purse(bucket).used()) == (Decimal(0), shop.paid)


def test_job_that_was_taken_over_is_not_barred_by_what_was_reserved_for_it(
    shop: Shop, bucket: TestBucket, tmp_path: Path
) -> None:
    """The budget has room for the job once."""
    capped(shop, "0.60")
    shop.behave(duplicates="second")
    other = another(shop, tmp_path / "other")
    other.cli.write("learn.story", 'story "Learn"\n  .model kirin_v3_t2v\n\nshot one 4s\n  A lighthouse at dusk.\n')
    shop.gateway.stage(FaultRule("lost-reply", operations=(Operation.SUBMIT,)))
    assert other("build", YES, "learn.story").code == 0  # it learns that tasks can be looked up
    (other.cli.folder / "learn.story").unlink()
    record = reserved_by_a_machine_gone_for_good(shop, bucket)
    assert purse(bucket).open() == record
    assert other("resolve", "river#1", "--take-over", YES).code == 0
    assert other.build(YES, "--only", "river")["river#1"]["state"] == "built"
    assert purse(bucket).open() == 0


def reserved_by_a_machine_gone_for_good(shop: Shop, bucket: TestBucket) -> Decimal:
    """A note of an intent, and the price that was reserved for it, as a machine leaves them that dies before it sends."""
    [step] = [job for job in json.loads(shop("plan", "--json").out)["jobs"] if job["id"] == "river#1"]
    key, author = step["key"], NoteAuthor(Writer("a" * 32, "mei@laptop", "1"), time_text(time.time()))
    account = notes(bucket)[0]["account"]
    wanted = WantedPurchase(
        key, "kirin", shop.gateway.url, "generation", account, Decimal("0.336"), "lantern", "lanterns.story"
    )
    note = begin(None, wanted, external_id(key, 1, 1), author)
    assert isinstance(note, Note)
    bucket.put(note_path(key), write_note(note))
    entry = PurseEntry(f"{key}-1-{author.store}", "lanterns.story", Decimal("0.336"))
    PurseBook(bucket.objects()).reserve("lantern", [entry], [])
    return entry.price


def test_verify_frees_what_a_machine_gone_for_good_has_reserved_for_nothing(
    shop: Shop, bucket: TestBucket, tmp_path: Path
) -> None:
    shop.build(YES, "--only", "street")
    reserved_by_a_machine_gone_for_good(shop, bucket)
    lost = PurseEntry(f"{'cd' * 32}-1-{'a' * 32}", "lanterns.story", Decimal("0.10"))
    PurseBook(bucket.objects()).reserve("lantern", [lost], [])
    assert shop("store", "verify", "--bucket", "--json").json["freed"] == "0.00"
    assert shop("resolve", "river#1", "--take-over", YES).code == 0
    assert shop("store", "verify", "--bucket", "--json").json["freed"] == "0.10"
    assert purse(bucket).open() == Decimal("0.336"), "what may have been sent still counts"


@pytest.mark.parametrize("word, used", [("--abandon", "0.336"), ("--unbilled", "0")])
def test_job_that_was_given_up_counts_as_the_person_has_said(
    shop: Shop, bucket: TestBucket, word: str, used: str
) -> None:
    capped(shop, "2")
    shop.behave(no_lookup=frozenset({"generation", "queue"}))
    shop.gateway.stage(FaultRule("lost-reply", operations=(Operation.SUBMIT,)))
    shop.build(YES, "--only", "river", code=7)
    assert purse(bucket).open() == Decimal("0.336")
    done = shop("resolve", "river.boats", word)
    assert done.code == 0, done.err
    assert (purse(bucket).open(), purse(bucket).used()) == (Decimal(0), Decimal(used))
