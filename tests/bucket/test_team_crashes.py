"""Two machines, one bucket, a clock moved by hand: one of them is killed between any two steps of a purchase.

The gateway takes every id again and bills it again, so only the notes keep the machines apart.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from storyboard.bucket.note import Writer, time_text
from storyboard.bucket.note_changes import NoteAuthor, take_over
from storyboard.bucket.shared_bucket import SharedBucket
from storyboard.bucket.spool import Spool
from storyboard.jobs.job import Job
from storyboard.project.note_record import NoteRecord
from storyboard.project.purchase_news import news_of_rows
from storyboard.run.result import JobResult, JobState
from storyboard.run.shared_record import SharedPurchase
from storyboard.store import Attempt
from storyboard.store.attempt_changes import HistoryChanged, SendersAlive
from storyboard.store.clips import ClipFolder
from storyboard.store.sqlite.ledger import SqliteLedger
from tests.store.test_attempt_changes import WANTED
from tests.support.buckets import TestBucket
from tests.support.gateway_model import Habits
from tests.support.simulation import Machine, Point, World, jobs

KEY = "d" * 64
ATTEMPT = Attempt(**{**{name: getattr(WANTED, name) for name in WANTED.__slots__}, "key": KEY})


def key_of(job: Job) -> str:
    return hashlib.sha256(job.content.encode()).hexdigest()


def record_of(bucket: TestBucket, folder: Path, name: str) -> NoteRecord:
    """The record as the machine of that name has it."""
    store = hashlib.sha256(name.encode()).hexdigest()[:32]
    (folder / name).mkdir(exist_ok=True)
    return NoteRecord(
        bucket=SharedBucket(bucket.address),
        spool=Spool(folder / name, bucket.address),
        clips=ClipFolder(folder / name / "clips"),
        author=lambda: NoteAuthor(Writer(store, f"{name}@desk", "1"), time_text(time.time())),
        news_of=lambda attempt: news_of_rows([attempt], "lantern", lambda whose: whose.account),
        project="lantern",
        account="acc1",
    )


class Team:
    """Machines of one account; each keeps its ledger, lock and clips between its runs."""

    def __init__(self, bucket: TestBucket, folder: Path, habits: Habits) -> None:
        self.world, self._bucket, self._folder = World(habits), bucket, folder
        self._machines: dict[str, Machine] = {}

    def machine(self, name: str) -> Machine:
        if name not in self._machines:
            self._machines[name] = Machine(SqliteLedger(self._folder / f"{name}.sqlite3"))
        return self._machines[name]

    def run(self, name: str, stop_after: str | None = None) -> JobResult | None:
        """One build; killed right after the step of that name, where one is named."""
        record = record_of(self._bucket, self._folder, name)
        process = self.world.start(self.machine(name), jobs(), shared=record, key_of=key_of)
        if stop_after is not None:
            trace = process.trace

            class After(list[str]):
                """The trace, which sets the point as soon as the step is there."""

                def append(self, step: str) -> None:
                    super().append(step)
                    if step == stop_after and process.point is None:
                        process.point = Point(len(self) - 1)

            process.trace = After(trace)
        self.world.go()
        return next(iter(process.results.values()), None)

    @property
    def tasks(self) -> int:
        return len(self.world.gateway.tasks)


@pytest.fixture
def team(bucket: TestBucket, tmp_path: Path) -> Callable[[bool], Team]:
    return lambda lookup: Team(bucket, tmp_path, Habits("second", lookup, 0.0, 2.0))


STEPS = ("note", "reserve", "join", "write", "sends", "POST generation", "hear", "tell")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("lookup", [True, False])
def test_killed_machine_and_its_colleague_buy_once(team: Callable[[bool], Team], step: str, lookup: bool) -> None:
    both = team(lookup)
    assert both.run("mei", stop_after=step) is None
    raj = both.run("raj")
    assert both.tasks <= 1
    mei = both.run("mei")
    last = both.run("raj")
    assert both.tasks <= 1
    assert raj is not None and mei is not None and last is not None
    silent = step == "sends" or (step == "POST generation" and not lookup)
    if silent:
        assert {mei.state, last.state} == {JobState.UNKNOWN}
        assert "mei@desk" in raj.reason
    else:
        assert {mei.state, last.state} <= {JobState.BUILT, JobState.CACHED}
        assert both.tasks == 1


def test_c1_join_decided_on_an_older_note_is_refused(bucket: TestBucket, tmp_path: Path) -> None:
    mei, raj = record_of(bucket, tmp_path, "mei"), record_of(bucket, tmp_path, "raj")
    assert raj.read(KEY) is None and mei.read(KEY) is None
    how = {"resend": False, "retry": False, "rebuy": False, "looked_up": False}
    assert mei.join(ATTEMPT, [], **how) is None
    mei.leave(ATTEMPT)
    assert isinstance(raj.join(ATTEMPT, [], **how), HistoryChanged)
    shared = raj.read(KEY)
    assert isinstance(shared, SharedPurchase) and not shared.others
    assert isinstance(raj.join(ATTEMPT, [], **how), HistoryChanged), "it is looked up through the wait first"


def test_living_sender_bars_others_by_name(bucket: TestBucket, tmp_path: Path) -> None:
    mei, raj = record_of(bucket, tmp_path, "mei"), record_of(bucket, tmp_path, "raj")
    mei.read(KEY)
    how = {"resend": False, "retry": False, "rebuy": False, "looked_up": False}
    assert mei.join(ATTEMPT, [], **how) is None
    raj.read(KEY)
    barred = raj.join(ATTEMPT, [], **{**how, "resend": True})
    assert isinstance(barred, SendersAlive) and barred.senders[0].startswith("mei@desk")


def test_paused_machine_that_was_taken_over_does_not_send(bucket: TestBucket, tmp_path: Path) -> None:
    mei = record_of(bucket, tmp_path, "mei")
    mei.read(KEY)
    assert mei.join(ATTEMPT, [], resend=False, retry=False, rebuy=False, looked_up=False) is None
    assert mei.may_send(KEY)
    book = SharedBucket(bucket.address).notes
    seen = book.read(KEY)
    assert seen.note is not None
    raj = record_of(bucket, tmp_path, "raj").author()
    taken = take_over(seen.note, seen.note.senders, "raj", raj)
    book.write(taken, seen)  # type: ignore[arg-type]
    time.sleep(2.1)
    assert not mei.may_send(KEY), "its permission is old, and the note is not as it left it"


def test_old_permission_holds_while_the_note_is_unchanged(bucket: TestBucket, tmp_path: Path) -> None:
    mei = record_of(bucket, tmp_path, "mei")
    mei.read(KEY)
    assert mei.join(ATTEMPT, [], resend=False, retry=False, rebuy=False, looked_up=False) is None
    time.sleep(2.1)
    assert mei.may_send(KEY)
