"""Caps that a team shares: no two machines take the last of one, and nothing is counted twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from storyboard.bucket.note import DamagedNote
from storyboard.bucket.purse import MOST_AT_ONCE, PurseBook, PurseCap, PurseEntry, PurseFull, read_purse
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


def test_story_has_its_own_cap(bucket: TestBucket) -> None:
    book = PurseBook(bucket.objects())
    caps = [PurseCap(".budget", Decimal(1), "a.story")]
    answers = book.reserve(PROJECT, [entry("one"), entry("two"), entry("three", story="b.story")], caps)
    full = answers.pop("two")
    assert isinstance(full, PurseFull)
    assert (full.cap.name, full.spent) == (".budget", 1)
    assert answers == {"one": None, "three": None}


def test_charge_replaces_the_reservation_once(bucket: TestBucket) -> None:
    book = PurseBook(bucket.objects())
    book.reserve(PROJECT, [entry("one"), entry("two")], [])
    for _ in range(2):
        book.settle(PROJECT, {"one": Decimal("1.50")})
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
