"""Caps that a team shares: no two machines take the last of one, and nothing is counted twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest

from storyboard.bucket.note import DamagedNote, DeclaredDead, Note, NoteState, Writer
from storyboard.bucket.note_changes import NoteAuthor, WantedPurchase, begin
from storyboard.bucket.object_store import BucketAway
from storyboard.bucket.purse import MOST_AT_ONCE, Charge, Purse, PurseBook, PurseCap, PurseEntry, PurseFull, read_purse
from storyboard.bucket.purse_settlement import settle_by_notes, tidied
from tests.support.buckets import TestBucket

PROJECT = "lantern-7f3a"


def entry(name: str, price: str = "1.00", story: str = "a.story") -> PurseEntry:
    return PurseEntry(name, story, Decimal(price))


def test_simultaneous_reservations_stay_within_the_cap(bucket: TestBucket) -> None:
    """Where each reads what is spent and then writes its own, both take the last dollar."""
    caps = [PurseCap("budget", Decimal(3))]

    def reserve(number: int) -> bool:
        answers = PurseBook(bucket.objects()).reserve(PROJECT, [entry(f"job-{number}")], caps)
        return answers[f"job-{number}"] is None

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(reserve, range(6))) == 3
    assert PurseBook(bucket.objects()).read(PROJECT).used() == 3


def test_many_jobs_that_begin_at_one_moment_all_get_their_turn(bucket: TestBucket) -> None:
    def reserve(number: int) -> bool:
        answers = PurseBook(bucket.objects()).reserve(PROJECT, [entry(f"job-{number}")], [])
        return answers[f"job-{number}"] is None

    with ThreadPoolExecutor(24) as pool:
        assert sum(pool.map(reserve, range(48))) == 48
    assert len(PurseBook(bucket.objects()).read(PROJECT).entries) == 48


def test_jobs_of_one_process_that_begin_at_one_moment_share_a_few_swaps(bucket: TestBucket) -> None:
    book = PurseBook(bucket.objects())
    caps = [PurseCap("budget", Decimal(150))]

    def reserve(number: int) -> bool:
        return book.reserve(PROJECT, [entry(f"job-{number}")], caps)[f"job-{number}"] is None

    with ThreadPoolExecutor(32) as pool:
        assert sum(pool.map(reserve, range(200))) == 150
    purses = [method for method, path in bucket.faults.seen if "/purses/" in path]
    assert purses.count("PUT") <= 40 and purses.count("GET") <= 5
    assert PurseBook(bucket.objects()).read(PROJECT).used() == 150


def test_grouped_jobs_of_two_processes_stay_within_the_cap(bucket: TestBucket) -> None:
    books = [PurseBook(bucket.objects()), PurseBook(bucket.objects())]
    caps = [PurseCap("budget", Decimal(30))]

    def reserve(number: int) -> bool:
        return books[number % 2].reserve(PROJECT, [entry(f"job-{number}")], caps)[f"job-{number}"] is None

    with ThreadPoolExecutor(24) as pool:
        assert sum(pool.map(reserve, range(60))) == 30
    purse = books[0].read(PROJECT)
    assert purse.used() == len(purse.entries) == 30


def test_freeing_looks_again_where_the_purse_that_this_process_wrote_last_is_old(bucket: TestBucket) -> None:
    book = PurseBook(bucket.objects())
    book.reserve(PROJECT, [entry("one")], [])
    PurseBook(bucket.objects()).reserve(PROJECT, [entry("two")], [])
    book.free(PROJECT, ["two"])
    assert set(book.read(PROJECT).entries) == {"one"}
    PurseBook(bucket.objects()).free(PROJECT, ["one"])
    full = PurseCap("budget", Decimal(1))
    assert book.reserve(PROJECT, [entry("three")], [full]) == {"three": None}, "room that another process made"


def test_group_that_cannot_be_written_is_said_to_each_of_it(bucket: TestBucket) -> None:
    book = PurseBook(bucket.objects())
    bucket.faults.away = True

    def reserve(number: int) -> str:
        try:
            book.reserve(PROJECT, [entry(f"job-{number}")], [])
        except BucketAway:
            return "away"
        return "reserved"

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(reserve, range(8))) == {"away"}
    bucket.faults.away = False
    assert reserve(9) == "reserved"
    assert set(book.read(PROJECT).entries) == {"job-9"}


def test_story_has_its_own_cap(bucket: TestBucket) -> None:
    book = PurseBook(bucket.objects())
    caps = [PurseCap(".budget", Decimal(1), "a.story")]
    answers = book.reserve(PROJECT, [entry("one"), entry("two"), entry("three", story="b.story")], caps)
    full = answers.pop("two")
    assert isinstance(full, PurseFull)
    assert (full.cap.name, full.spent) == (".budget", Decimal(1))
    assert answers == {"one": None, "three": None}


def test_charge_replaces_the_reservation_once(bucket: TestBucket) -> None:
    book = PurseBook(bucket.objects())
    book.reserve(PROJECT, [entry("one"), entry("two")], [])
    for _ in range(2):
        book.settle(PROJECT, {"one": Charge("a.story", Decimal("1.50"))})
        book.free(PROJECT, ["two"])
    assert book.read(PROJECT).used() == Decimal("1.50")


def test_reservation_with_a_lost_reply_counts_once(bucket: TestBucket) -> None:
    book = PurseBook(bucket.objects())
    bucket.faults.lose_answers = 1
    assert book.reserve(PROJECT, [entry("one")], [PurseCap("budget", Decimal(1))]) == {"one": None}
    assert book.reserve(PROJECT, [entry("one")], [PurseCap("budget", Decimal(1))]) == {"one": None}
    assert book.read(PROJECT).used() == 1


def test_many_entries_are_written_fifty_at_a_time(bucket: TestBucket) -> None:
    PurseBook(bucket.objects()).reserve(PROJECT, [entry(f"job-{number}") for number in range(120)], [])
    assert len([1 for method, _ in bucket.faults.seen if method == "PUT"]) == -(-120 // MOST_AT_ONCE)


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b'{"v":1,"project":"other","entries":{},"spent":{}}',
        b'{"v":1,"project":"p","entries":{"a":{"story":"s","price":"-1"}},"spent":{}}',
        b'{"v":1,"project":"p","entries":{},"spent":{"s":"1e9"}}',
        b'{"v":1,"project":"p","entries":[],"spent":{}}',
    ],
)
def test_damaged_purse_is_refused(content: bytes) -> None:
    with pytest.raises(DamagedNote):
        read_purse(content, "p")


KEY = "ab" * 32
MEI, RAJ = "1" * 32, "2" * 32


def of_store(store: str, number: int = 1, price: str = "1.00", story: str = "a.story") -> PurseEntry:
    return entry(f"{KEY}-{number}-{store}", price, story)


def note(state: NoteState, cost: str | None = None, dead: tuple[str, ...] = (), number: int = 1) -> Note:
    author = NoteAuthor(Writer(MEI, "mei@desk", "1"), "2026-11-27T07:00:00Z")
    wanted = WantedPurchase(KEY, "kirin", "https://gateway.test", "generation", "acc", None, PROJECT, "a.story")
    begun = begin(None, wanted, f"sb-{number}", author, attempt=number)
    assert isinstance(begun, Note)
    said = tuple(DeclaredDead(store, "raj@desk", author.now) for store in dead)
    return replace(begun, state=state, cost=None if cost is None else Decimal(cost), dead=said)


def test_reservations_of_two_stores_for_one_attempt_count_once() -> None:
    """The one machine is gone; the other one sends the same id, which is billed once."""
    caps = [PurseCap("budget", Decimal("1.50"))]
    purse = Purse().reserved(of_store(MEI), caps)
    assert isinstance(purse, Purse)
    both = purse.reserved(of_store(RAJ, price="1.20"), caps)
    assert isinstance(both, Purse) and both.used() == Decimal("1.20")
    assert isinstance(both.reserved(of_store(RAJ, number=2, price="0.31"), caps), PurseFull)
    assert isinstance(purse.reserved(of_store(RAJ, price="1.51"), caps), PurseFull)


@pytest.mark.parametrize(
    "state, cost, spent",
    [
        (NoteState.DONE, "0.90", "0.90"),
        (NoteState.DONE, None, "1.00"),
        (NoteState.LOST, None, "1.00"),
        (NoteState.ABANDONED, None, "1.00"),
        (NoteState.ABANDONED, "0", "0"),
        (NoteState.FAILED, None, "0"),
        (NoteState.FAILED, "0.40", "0.40"),
        (NoteState.REFUSED, None, "0"),
    ],
)
def test_settling_a_job_settles_every_reservation_for_it(
    bucket: TestBucket, state: NoteState, cost: str | None, spent: str
) -> None:
    book = PurseBook(bucket.objects())
    book.reserve(PROJECT, [of_store(MEI), of_store(RAJ, price="0.95")], [])
    for _ in range(2):
        settle_by_notes(book, [(note(state, cost), PROJECT)])
    purse = book.read(PROJECT)
    assert (purse.used(), purse.open()) == (Decimal(spent), Decimal(0))


@pytest.mark.parametrize("state", [NoteState.INTENT, NoteState.TASK, NoteState.WITHDRAWN])
def test_job_that_has_not_ended_keeps_what_is_reserved(bucket: TestBucket, state: NoteState) -> None:
    book = PurseBook(bucket.objects())
    book.reserve(PROJECT, [of_store(MEI)], [])
    settle_by_notes(book, [(note(state), PROJECT)])
    assert book.read(PROJECT).open() == 1


@pytest.mark.parametrize(
    "what, notes, begun, left",
    [
        ("no note, its store may be back", [], [], "1"),
        ("no note, its store was called dead", [replace(note(NoteState.DONE, dead=(MEI,)), key="cd" * 32)], [], "0"),
        ("withdrawn, its store was called dead", [note(NoteState.WITHDRAWN, dead=(MEI,))], [], "0"),
        ("may have been sent by a store that was called dead", [note(NoteState.INTENT, dead=(MEI,))], [], "1"),
        ("the note knows only the attempt before", [note(NoteState.FAILED, number=1, dead=(MEI,))], [], "1"),
    ],
)
def test_reservation_of_a_lost_machine_is_freed_only_by_a_person(
    what: str, notes: list[Note], begun: list[str], left: str
) -> None:
    number = 2 if "attempt before" in what else 1
    purse = Purse({each.id: each for each in [of_store(MEI, number)]})
    if number == 2:
        notes = [replace(notes[0], dead=())]
    assert tidied(purse, PROJECT, notes, RAJ, lambda: begun, all_known=True).open() == Decimal(left)
    assert tidied(purse, PROJECT, notes, RAJ, lambda: begun, all_known=False).open() == 1


def test_own_reservation_without_a_note_is_freed_unless_it_is_about_to_be_sent() -> None:
    purse = Purse({each.id: each for each in [of_store(MEI)]})
    assert tidied(purse, PROJECT, [], MEI, lambda: [f"{KEY}-1"], all_known=True).open() == 1
    assert tidied(purse, PROJECT, [], MEI, list, all_known=True).open() == 0


def test_reservation_made_again_while_it_is_freed_stays(bucket: TestBucket) -> None:
    """The one who frees it asks again what is about to be sent, because the purse was written in between."""
    book = PurseBook(bucket.objects())
    book.reserve(PROJECT, [of_store(MEI)], [])
    begun: list[str] = []

    def begins_meanwhile() -> list[str]:
        seen = list(begun)
        if not begun:
            begun.append(f"{KEY}-1")
            PurseBook(bucket.objects()).reserve(PROJECT, [of_store(MEI)], [])
        return seen

    book.change(PROJECT, lambda purse: tidied(purse, PROJECT, [], MEI, begins_meanwhile, all_known=True))
    assert book.read(PROJECT).open() == 1
