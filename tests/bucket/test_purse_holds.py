"""What a machine that is gone holds of a shared budget is named, with the command that frees it."""

from __future__ import annotations

import json
import time
from decimal import Decimal

import pytest

from storyboard.bucket.identity import machine_name
from storyboard.bucket.note import Note, Writer, note_path, time_text, write_note
from storyboard.bucket.note_changes import NoteAuthor, WantedPurchase, begin, withdraw
from storyboard.bucket.purse import PurseBook, PurseEntry
from storyboard.jobs.key import external_id
from tests.support.buckets import TestBucket
from tests.support.shop import Shop

YES = "--yes"
PRICE = Decimal("0.40")
OLD = 3 * 86400.0
MEI = "a" * 32


class GoneMachine:
    """A machine that reserved a price for `river#1` and was never heard of again."""

    def __init__(self, shop: Shop, bucket: TestBucket, age: float = OLD, store: str = MEI) -> None:
        [step] = [job for job in json.loads(shop("plan", "--json").out)["jobs"] if job["id"] == "river#1"]
        self.key, self.bucket, self.url = step["key"], bucket, shop.gateway.url
        self.author = NoteAuthor(Writer(store, "mei@laptop", "1"), time_text(time.time() - age))
        entry = PurseEntry(f"{self.key}-1-{store}", "lanterns.story", PRICE, "mei@laptop", self.author.now)
        PurseBook(bucket.objects()).reserve("lantern", [entry], [])

    def note(self, *, withdrawn: bool = False) -> None:
        wanted = WantedPurchase(self.key, "kirin", self.url, "generation", "a1", PRICE, "lantern", "lanterns.story")
        note = begin(None, wanted, external_id(self.key, 1, 1), self.author)
        assert isinstance(note, Note)
        changed = withdraw(note, self.author) if withdrawn else note
        assert isinstance(changed, Note)
        self.bucket.put(note_path(self.key), write_note(changed))


@pytest.fixture
def capped(shop: Shop) -> Shop:
    """A person whose story has room for one job beside what the machine has reserved, and none for a second one."""
    shop.edit(".model kirin_v3_t2v", ".model kirin_v3_t2v\n  .budget 0.60 USD")
    return shop


def reserved(bucket: TestBucket) -> Decimal:
    return PurseBook(bucket.objects()).read("lantern").open()


@pytest.mark.parametrize("withdrawn", [False, True])
def test_build_that_is_held_back_names_who_holds_the_budget_and_what_frees_it(
    capped: Shop, bucket: TestBucket, withdrawn: bool
) -> None:
    gone = GoneMachine(capped, bucket)
    if withdrawn:
        gone.note(withdrawn=True)
    done = capped("build", YES, "--only", "street")
    assert done.code == 4
    words = (
        ".budget of lanterns.story: mei@laptop reserved $0.40 for a job 3 days ago, and it has not sent it; "
        "if that machine is off for good: storyboard store release mei@laptop"
    )
    assert words in " ".join((done.out + done.err).split())
    freed = capped("store", "release", "mei@laptop", YES)
    assert (freed.code, reserved(bucket)) == (0, Decimal(0))
    assert "$0.40 that mei@laptop had reserved no longer counts" in freed.out
    assert capped.build(YES, "--only", "street")["street#1"]["state"] == "built"


def test_price_of_a_job_that_may_have_been_sent_is_kept_and_leads_to_a_take_over(
    capped: Shop, bucket: TestBucket
) -> None:
    gone = GoneMachine(capped, bucket)
    gone.note()
    done = capped("build", YES, "--only", "street")
    words = (
        "mei@laptop reserved $0.40 for a job 3 days ago, and it may have sent it; "
        f"if that machine is off for good: storyboard resolve {gone.key[:8]} --take-over"
    )
    assert (done.code, words in " ".join((done.out + done.err).split())) == (4, True)
    kept = capped("store", "release", "mei@laptop", YES, "--json")
    assert kept.json == {"machine": "mei@laptop", "freed": "0.00", "kept": [gone.key]}
    assert reserved(bucket) == PRICE
    assert capped("resolve", gone.key[:8], "--take-over", YES).code == 0


def test_status_of_a_team_names_what_is_held_although_no_note_knows_it(capped: Shop, bucket: TestBucket) -> None:
    gone = GoneMachine(capped, bucket)
    [team] = capped("status", "--all", "--json").json["teams"]
    [budget] = team["budgets"]
    [held] = budget["holds"]
    assert (held["by"], held["amount"], held["keys"], held["sent"]) == ("mei@laptop", "0.40", [gone.key], False)
    assert held["help"] == "if that machine is off for good: storyboard store release mei@laptop"
    assert "mei@laptop reserved $0.40 for a job 3 days ago, and it has not sent it" in capped("status", "--all").out


def test_job_that_is_being_sent_right_now_is_not_called_held(capped: Shop, bucket: TestBucket) -> None:
    GoneMachine(capped, bucket, age=5.0)
    done = capped("build", YES, "--only", "street")
    assert (done.code, "mei@laptop" in done.out + done.err) == (4, False)


@pytest.mark.parametrize("name", ["tom@tower", "mei"])
def test_release_of_a_machine_that_has_nothing_reserved_is_an_error(
    capped: Shop, bucket: TestBucket, name: str
) -> None:
    GoneMachine(capped, bucket)
    done = capped("store", "release", name, YES)
    assert done.code == 2
    assert f"`{name}` has nothing reserved" in done.err and "status --all" in done.err
    assert reserved(bucket) == PRICE


def test_release_leaves_what_is_being_sent_right_now(capped: Shop, bucket: TestBucket) -> None:
    """Another machine may have the same name."""
    GoneMachine(capped, bucket)
    GoneMachine(capped, bucket, age=5.0, store="b" * 32)
    assert capped("store", "release", "mei@laptop", YES).code == 0
    assert [each.store for each in PurseBook(bucket.objects()).read("lantern").entries.values()] == ["b" * 32]


def test_release_asks_before_it_believes_that_a_machine_is_off(capped: Shop, bucket: TestBucket) -> None:
    GoneMachine(capped, bucket)
    done = capped("store", "release", "mei@laptop")
    assert (done.code, reserved(bucket)) == (2, PRICE)
    assert "Is mei@laptop off for good?" in done.err and "--yes" in done.err


def test_damaged_note_frees_nothing(capped: Shop, bucket: TestBucket) -> None:
    gone = GoneMachine(capped, bucket)
    bucket.put(note_path(gone.key), b"{}")
    assert capped("store", "release", "mei@laptop", YES).code == 0
    assert reserved(bucket) == PRICE


@pytest.mark.parametrize("way", ["release", "build"])
def test_machine_frees_what_it_reserved_itself_and_could_not_send(capped: Shop, bucket: TestBucket, way: str) -> None:
    """The bucket goes away between the purse and the note."""
    capped.build(YES, "--only", "street")
    capped.edit(".budget 0.60 USD", ".budget 2 USD")
    bucket.faults.path, bucket.faults.then = "/purses/", lambda: setattr(bucket.faults, "away", True)
    assert capped("build", YES, "--only", "river").code == 3
    bucket.faults.away = False
    assert reserved(bucket) > 0
    if way == "release":
        done = capped("store", "release", machine_name(), YES)
        assert "still counts, because it is open on this machine: build it, or storyboard resolve" in done.out
        assert "no longer counts" not in done.out
        assert capped("resolve", "river#1", "--unbilled").code == 0
    else:
        capped.build(YES, "--only", "river")
    assert reserved(bucket) == 0
