"""A task that is heard of after its attempt had ended, and the second task of one id, count under shared budgets."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from storyboard.bucket.note import Note, NoteState, Writer, read_note, write_note
from storyboard.bucket.note_changes import NotAllowed, NoteAuthor, WantedPurchase, begin, leave, refuse, withdraw
from storyboard.bucket.note_news import NewsKind, NoteNews, told
from storyboard.bucket.purse import PurseBook, PurseEntry, attempt_name, purse_path
from storyboard.bucket.purse_settlement import settle_by_notes, tidied
from tests.support.buckets import TestBucket

PROJECT = "lantern-7f3a"
KEY, CLIP, PRICE = "ab" * 32, "cd" * 32, Decimal("1.00")
WANTED = WantedPurchase(KEY, "kirin", "https://gateway.test", "generation", "acc", PRICE, PROJECT, "a.story")
MEI = NoteAuthor(Writer("1" * 32, "mei@desk", "1"), "2026-11-27T07:00:00Z")
RAJ = NoteAuthor(Writer("2" * 32, "raj@desk", "1"), "2026-11-27T08:00:00Z")


class Job:
    """A job at the budget of its project, as its note and its purse have it."""

    def __init__(self, bucket: TestBucket) -> None:
        self.book = PurseBook(bucket.objects())
        self.note: Note | None = None

    def begin(self, number: int, *, reserved: bool = True) -> None:
        if reserved:
            entry = PurseEntry(f"{attempt_name(KEY, number)}-{MEI.store}", "a.story", PRICE)
            self.book.reserve(PROJECT, [entry], [])
        self.change(begin(self.note, WANTED, f"sb-{number}", MEI))

    def change(self, note: Note | NotAllowed) -> None:
        assert isinstance(note, Note), note
        self.note = read_note(write_note(note), KEY)

    def withdraw(self) -> None:
        assert self.note is not None
        self.change(withdraw(self.note, MEI))
        self.book.free(PROJECT, [f"{attempt_name(KEY, self.note.attempt)}-{MEI.store}"])

    def refuse(self) -> None:
        assert self.note is not None
        self.change(refuse(self.note, "refused", MEI))
        self.settle()

    def hear(
        self, task: str, number: int = 1, kind: NewsKind = NewsKind.HEARD, cost: str | None = None, by: NoteAuthor = RAJ
    ) -> None:
        clip = CLIP if kind is NewsKind.FINISHED else None
        charged = None if cost is None else Decimal(cost)
        note = told(self.note, NoteNews(kind, WANTED, number, f"sb-{number}", task, clip, charged), by)
        if isinstance(note, Note):
            self.note = read_note(write_note(note), KEY)
        self.settle()

    def settle(self) -> None:
        assert self.note is not None
        settle_by_notes(self.book, [(self.note, PROJECT)])

    @property
    def counts(self) -> Decimal:
        """What counts, however often it is settled, and by whomever."""
        self.settle()
        used = self.book.read(PROJECT).used()
        assert self.note is not None
        settle_by_notes(self.book, [(self.note, "another project")])
        self.book.change(
            PROJECT,
            lambda purse: tidied(purse, PROJECT, [self.note] if self.note else [], RAJ.store, list, all_known=True),
        )
        assert self.book.read(PROJECT).used() == used
        assert self.book.read("another project").used() == 0
        return used


@pytest.fixture
def job(bucket: TestBucket) -> Job:
    return Job(bucket)


@pytest.mark.parametrize("ended", [Job.refuse, Job.withdraw])
def test_task_heard_after_its_price_was_freed_counts_its_price_and_then_its_charge(job: Job, ended: object) -> None:
    assert callable(ended)
    job.begin(1)
    ended(job)
    assert job.counts == 0
    job.hear("t1")
    assert (job.counts, job.note and job.note.state) == (PRICE, NoteState.TASK)
    job.hear("t1", kind=NewsKind.FINISHED, cost="0.90")
    assert (job.counts, job.note and job.note.state) == (Decimal("0.90"), NoteState.DONE)


def test_late_task_whose_purse_was_not_settled_yet_counts_once(job: Job) -> None:
    job.begin(1)
    assert job.note is not None
    job.change(refuse(job.note, "refused", MEI))
    job.hear("t1")
    assert job.counts == PRICE
    job.hear("t1", kind=NewsKind.FINISHED, cost="0.90")
    assert job.counts == Decimal("0.90")


def test_late_task_that_fails_for_free_counts_nothing(job: Job) -> None:
    job.begin(1)
    job.refuse()
    job.hear("t1")
    job.hear("t1", kind=NewsKind.FAILED, cost="0")
    assert job.counts == 0


def test_failed_task_without_a_stated_charge_counts_its_price_as_in_the_ledger(job: Job) -> None:
    job.begin(1)
    job.hear("t1", by=MEI)
    job.hear("t1", kind=NewsKind.FAILED, by=MEI)
    assert job.counts == PRICE


def test_late_task_of_an_earlier_attempt_counts_beside_the_next_one(job: Job) -> None:
    job.begin(1)
    job.hear("t1", by=MEI)
    job.hear("t1", kind=NewsKind.FAILED, cost="0", by=MEI)
    job.begin(2)
    assert job.counts == PRICE
    job.hear("late", number=1)
    assert job.counts == 2 * PRICE
    job.hear("late", number=1, kind=NewsKind.FINISHED, cost="0.70")
    assert job.counts == PRICE + Decimal("0.70")
    job.hear("t2", number=2, by=MEI)
    job.hear("t2", number=2, kind=NewsKind.FINISHED, cost="1.10", by=MEI)
    assert job.counts == Decimal("1.80")


def test_task_of_an_earlier_attempt_that_never_had_one_counts(job: Job) -> None:
    """The gateway refused the request, and yet made a task of it."""
    job.begin(1)
    job.refuse()
    assert job.note is not None
    job.change(begin(job.note, WANTED, "sb-2", MEI, retry=True))
    job.hear("late", number=1)
    assert (job.counts, job.note.attempt) == (PRICE, 2)


@pytest.mark.parametrize("stated, counts", [("0.80", "1.70"), (None, "1.90")])
def test_second_task_of_an_id_counts_beside_the_first(job: Job, stated: str | None, counts: str) -> None:
    job.begin(1)
    job.hear("t1", by=MEI)
    job.hear("t1", kind=NewsKind.FINISHED, cost="0.90", by=MEI)
    job.hear("t2", cost=stated)
    assert job.counts == Decimal(counts)
    assert job.note is not None and job.note.bought_twice


def test_second_task_counts_while_the_first_is_running_and_after_the_next_attempt_began(job: Job) -> None:
    job.begin(1)
    job.hear("t1", by=MEI)
    job.hear("t2")
    assert job.counts == 2 * PRICE
    job.hear("t1", kind=NewsKind.FAILED, cost="0", by=MEI)
    assert job.counts == PRICE
    assert job.note is not None
    if MEI.store in job.note.senders:
        job.change(leave(job.note, MEI))
    job.change(begin(job.note, WANTED, "sb-2", MEI, looked_up=True))
    assert job.counts == PRICE


def test_task_of_an_id_that_failure_freed_is_the_one_to_poll(job: Job) -> None:
    job.begin(1)
    job.hear("t1", by=MEI)
    job.hear("t1", kind=NewsKind.FAILED, cost="0.10", by=MEI)
    job.hear("t2")
    assert job.note is not None
    assert (job.note.state, job.note.task) == (NoteState.TASK, "t2")
    assert job.counts == Decimal("0.10") + PRICE
    job.hear("t2", kind=NewsKind.FINISHED, cost="0.95")
    assert (job.note.state, job.counts) == (NoteState.DONE, Decimal("1.05"))


def test_job_that_was_bought_without_a_budget_is_not_counted_twice(job: Job) -> None:
    job.begin(1, reserved=False)
    job.hear("t1", by=MEI)
    job.hear("t1", kind=NewsKind.FINISHED, cost="0.90", by=MEI)
    assert job.counts == 0


def test_late_charge_is_kept_by_story_in_the_bucket(job: Job, bucket: TestBucket) -> None:
    job.begin(1)
    job.refuse()
    job.hear("t1")
    written = bucket.content(purse_path(PROJECT))
    assert b'"late"' in written
    late: Sequence[str] = list(job.book.read(PROJECT).late)
    assert late == [attempt_name(KEY, 1)]
    assert (job.book.read(PROJECT).used("a.story"), job.book.read(PROJECT).used("b.story")) == (PRICE, Decimal(0))
