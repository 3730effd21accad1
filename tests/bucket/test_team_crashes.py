"""Two machines, one bucket, a clock moved by hand: one of them is killed between any two steps of a purchase.

The gateway takes every id again and bills it again, so only the notes keep the machines apart.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.bucket.note import Note, Writer, time_text
from storyboard.bucket.note_changes import NoteAuthor, take_over
from storyboard.bucket.shared_bucket import SharedBucket
from storyboard.bucket.spool import Spool
from storyboard.jobs.job import Job
from storyboard.project.note_record import NoteRecord
from storyboard.project.purchase_news import news_of_rows
from storyboard.run.result import JobResult, JobState
from storyboard.run.run_state import RunRules
from storyboard.run.shared_record import SharedPurchase
from storyboard.store import Attempt
from storyboard.store.attempt_changes import HistoryChanged, SendersAlive
from storyboard.store.clips import ClipFolder
from storyboard.store.gateway_traits import GatewayTraits, Lookup
from storyboard.store.sqlite.ledger import SqliteLedger
from tests.store.test_attempt_changes import WANTED
from tests.support.buckets import TestBucket
from tests.support.gateway_model import Habits, Repeat
from tests.support.simulation import TIMEOUT, WHOSE, Machine, Point, Process, World, jobs

KEY = "d" * 64
BUSY = {"code": "006001094", "error_message": "no resources"}
ATTEMPT = Attempt(**{**{name: getattr(WANTED, name) for name in WANTED.__slots__}, "key": KEY})


def key_of(job: Job) -> str:
    return hashlib.sha256(job.content.encode()).hexdigest()


def record_of(bucket: TestBucket, folder: Path, name: str, now: Callable[[], float] = time.time) -> NoteRecord:
    """The record as the machine of that name has it."""
    store = hashlib.sha256(name.encode()).hexdigest()[:32]
    (folder / name).mkdir(exist_ok=True)
    return NoteRecord(
        bucket=SharedBucket(bucket.address),
        spool=Spool(folder / name, bucket.address),
        clips=ClipFolder(folder / name / "clips"),
        author=lambda: NoteAuthor(Writer(store, f"{name}@desk", "1"), time_text(now())),
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

    def start(self, name: str, *, no_wait: bool = False, count: int = 1, unique_ids: bool = False) -> Process:
        """A build that goes on as soon as the world does."""
        record = record_of(self._bucket, self._folder, name, self.world.clock.now)
        record.unique_ids = unique_ids
        rules = RunRules(may_buy=True, no_wait=no_wait, unique_ids=unique_ids)
        return self.world.start(self.machine(name), jobs(count), rules=rules, shared=record, key_of=key_of)

    def run(
        self, name: str, stop_after: str | None = None, *, no_wait: bool = False, unique_ids: bool = False
    ) -> JobResult | None:
        """One build; killed right after the step of that name, where one is named."""
        process = self.start(name, no_wait=no_wait, unique_ids=unique_ids)
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

    def take_over(self, said_by: str) -> None:
        """A person's word at that machine: everybody else who may still send the job is off for good."""
        book = SharedBucket(self._bucket.address).notes
        seen = book.read(key_of(jobs()[0]))
        assert seen.note is not None
        author = record_of(self._bucket, self._folder, said_by, self.world.clock.now).author()
        taken = take_over(seen.note, seen.note.senders - {author.store}, said_by, author)
        assert isinstance(taken, Note), taken
        book.write(taken, seen)

    def knows_look_up(self, name: str) -> None:
        """The machine has found a task of this gateway by its own id before."""
        self.machine(name).ledger.learn(WHOSE, GatewayTraits(lookup=Lookup.SEEN))

    @property
    def tasks(self) -> int:
        return len(self.world.gateway.tasks)

    @property
    def ids(self) -> set[str]:
        """The ids that were sent."""
        return {task.external_id for task in self.world.gateway.tasks}


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


@pytest.mark.parametrize("came_back_first", [True, False])
@pytest.mark.parametrize("step", ["join", "sends", "POST generation"])
def test_job_that_was_taken_over_is_sent_again_under_the_same_id(
    team: Callable[[bool], Team], step: str, came_back_first: bool
) -> None:
    """The one who wrote the note is killed before or after its request; the task does not show for a while."""
    both = team(True)
    both.world.gateway.habits = replace(both.world.gateway.habits, shows_after=3.0)
    for name in ("mei", "raj"):
        both.knows_look_up(name)
    both.run("mei", stop_after=step)
    sent = both.tasks
    barred = both.run("raj", no_wait=True)
    assert barred is not None
    if barred.state is JobState.UNKNOWN:
        assert "mei@desk" in barred.reason
        assert both.tasks == sent
        assert not both.machine("raj").ledger.all() or both.machine("raj").ledger.all()[0].costs == 0
        both.take_over("raj")
    order = ("mei", "raj", "mei") if came_back_first else ("raj", "mei", "raj")
    ends = [both.run(name) for name in order]
    assert both.tasks == 1 and len(both.ids) == 1
    assert {end.state for end in ends if end is not None} <= {JobState.BUILT, JobState.CACHED}


def test_job_taken_over_from_a_machine_that_never_comes_back_is_built(team: Callable[[bool], Team]) -> None:
    both = team(True)
    both.knows_look_up("raj")
    both.run("mei", stop_after="sends")
    both.take_over("raj")
    end = both.run("raj")
    assert end is not None and end.state is JobState.BUILT
    assert both.tasks == 1
    [row] = both.machine("raj").ledger.all()
    assert (row.number, row.sends, row.reserved) == (1, 2, Decimal("0.42")), "it counts as the second send of one id"


def test_job_taken_over_stays_unknown_where_no_look_up_can_settle_it(team: Callable[[bool], Team]) -> None:
    both = team(False)
    both.run("mei", stop_after="POST generation")
    both.take_over("raj")
    end = both.run("raj")
    assert end is not None and end.state is JobState.UNKNOWN
    assert both.tasks == 1


@pytest.mark.parametrize("step", ["reserve", "join", "write"])
def test_machine_killed_after_it_took_over_still_waits_before_it_sends(team: Callable[[bool], Team], step: str) -> None:
    """Its own intent was never sent, but the other machine's may have been."""
    both = team(True)
    both.knows_look_up("raj")
    both.run("mei", stop_after="POST generation")
    [task] = both.world.gateway.tasks
    task.shows = both.world.clock.monotonic_now + 1000.0
    both.take_over("raj")
    assert both.run("raj", stop_after=step) is None
    task.shows = both.world.clock.monotonic_now + 5.0
    raj = both.run("raj")
    assert raj is not None and raj.state is JobState.BUILT
    assert both.tasks == 1


def test_not_found_counts_only_after_the_last_other_has_left(team: Callable[[bool], Team]) -> None:
    """Raj looks while mei may still send; then a person says that mei is off, and raj learns that look-ups work."""
    both = team(True)
    both.run("mei", stop_after="POST generation")
    [task] = both.world.gateway.tasks
    task.shows = both.world.clock.monotonic_now + TIMEOUT + 5.0
    both.world.faults[both.world.requests + 3] = "lost reply"
    process = both.start("raj", no_wait=True, count=2)
    both.world.later(TIMEOUT / 2, lambda: both.take_over("raj"))
    both.world.go()
    assert {end.state for end in process.results.values()} == {JobState.BUILT}
    assert both.tasks == 2 and len(both.ids) == 2


@pytest.mark.parametrize("repeat", ["409", "400", "old", "409free"])
@pytest.mark.parametrize("lookup", [True, False])
@pytest.mark.parametrize("step", ["sends", "POST generation"])
def test_assurance_of_unique_ids_lets_a_second_machine_send_beside_a_silent_one(
    bucket: TestBucket, tmp_path: Path, repeat: Repeat, lookup: bool, step: str
) -> None:
    """Without the word it stays unknown. With it, the same id is sent after the wait, and bought once."""
    both = Team(bucket, tmp_path, Habits(repeat, lookup, 0.0, 2.0))
    both.run("mei", stop_after=step)
    sent = both.tasks
    barred = both.run("raj", no_wait=True)
    if not (lookup and sent):
        assert barred is not None and barred.state is JobState.UNKNOWN
        assert both.tasks == sent, "nobody has said that ids are unique"
    started = both.world.clock.monotonic_now
    both.run("raj", unique_ids=True)
    assert both.tasks == 1 and len(both.ids) == 1
    if not sent:
        waited = both.world.clock.monotonic_now - started
        assert waited > RunRules().wait, "it is looked up through the wait first"
        assert both.world.gateway.tasks[0].born >= started + RunRules().wait
    for name in ("mei", "raj", "mei"):
        last = both.run(name, unique_ids=True)
    assert both.tasks == 1
    if repeat == "old" or lookup:
        assert last is not None and last.state in (JobState.BUILT, JobState.CACHED)


def test_assurance_of_unique_ids_is_never_learned_and_changes_nothing_for_one_machine(
    bucket: TestBucket, tmp_path: Path
) -> None:
    both = Team(bucket, tmp_path, Habits("second", False, 0.0, 2.0))
    both.run("mei", stop_after="POST generation")
    mine = both.run("mei", unique_ids=True)
    assert mine is not None and mine.state is JobState.UNKNOWN, "R2 alone is relaxed: the others' may"
    assert not both.machine("mei").ledger.known(WHOSE).unique_ids
    assert both.tasks == 1


def test_next_attempt_after_two_senders_begins_only_after_a_look_up(bucket: TestBucket, tmp_path: Path) -> None:
    """C6: the first task fails, and mei has made another one of the freed id: it is found and adopted."""
    both = Team(bucket, tmp_path, Habits("409free", True, 0.0, 2.0, newest=True))
    both.world.gateway.failures.append(BUSY)
    mei = both.start("mei")
    while "sends" not in mei.trace:
        both.world.go(until=0.01)
    both.world.suspend(mei, 25.0)
    raj = both.start("raj", unique_ids=True, no_wait=True)
    both.world.go()
    ends = [end for process in (mei, raj) for end in process.results.values()]
    ends += [end for name in ("raj", "mei") if (end := both.run(name)) is not None]
    billed = [task for task in both.world.gateway.tasks if task.billed]
    assert len(billed) == 1, (both.world.gateway.tasks, ends)
    assert ends[-1].state in (JobState.BUILT, JobState.CACHED)


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
