from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import pytest

from storyboard.errors import ExitCode, InterruptedRun, StoreError
from storyboard.run.admission import Halt
from storyboard.run.events import Ended, Event, Notice, Queued
from storyboard.run.executor import run
from storyboard.run.result import JobState, RunResult
from storyboard.run.signals import carry_out
from storyboard.run.world import Machine
from storyboard.store import Attempt, LocalStore
from storyboard.store.local import LEDGER
from storyboard.store.sqlite.ledger import SqliteLedger
from tests.support.fakes import Local, a_job, a_plan, key_of

T = TypeVar("T")


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


@pytest.fixture
def machine() -> Iterator[Machine]:
    with Machine() as machine:
        yield machine


def states(result: RunResult) -> list[str]:
    return [job.state for job in result.jobs]


async def test_clip_is_rendered_once_and_kept(store: LocalStore, machine: Machine) -> None:
    plan = a_plan(a_job(1, "One."), a_job(2, "Two."))
    first = await run(plan, Local(), store, machine)
    again = await run(plan, never := Local(), store, machine)
    assert (states(first), states(again), never.orders) == (["built"] * 2, ["cached"] * 2, [])
    assert [result.clip and result.clip.read_text() for result in again.jobs] == ["One.", "Two."]
    assert (again.complete, again.exit_code) == (True, ExitCode.DONE)


class Counting(Machine):
    """Counts how often the disk is asked."""

    asked = 0

    async def disk(self, work: Callable[[], T]) -> T:
        self.asked += 1
        return await super().disk(work)


async def test_free_run_with_every_clip_goes_to_the_disk_once_for_all_jobs(store: LocalStore) -> None:
    plan = a_plan(*(a_job(n, f"Boat {n}.") for n in range(20)))
    counting = Counting()
    with counting:
        await run(plan, Local(), store, counting)
        counting.asked = 0
        again = await run(plan, Local(), store, counting)
        assert states(again) == ["cached"] * 20
        assert counting.asked <= 2


class Unread(SqliteLedger):
    """A ledger that cannot be read when many jobs are asked for at once."""

    def history(self, keys: Iterable[str]) -> Mapping[str, tuple[Attempt, ...]]:
        wanted = list(keys)
        if len(wanted) > 1:
            raise StoreError("the disk is away for a moment")
        return super().history(wanted)


async def test_jobs_are_read_one_by_one_if_the_batch_read_fails(store: LocalStore, machine: Machine) -> None:
    plan = a_plan(a_job(1, "One."), a_job(2, "Two."))
    await run(plan, Local(), store, machine)
    store.ledger = Unread(store.folder / LEDGER)
    assert states(await run(plan, Local(), store, machine)) == ["cached"] * 2


async def test_repeated_key_is_rendered_once_for_both_jobs(store: LocalStore, machine: Machine) -> None:
    provider = Local()
    result = await run(a_plan(a_job(1), a_job(2)), provider, store, machine)
    assert provider.orders == ["A boat."]
    assert [job.job.id for job in result.jobs] == ["river#1", "river#2"]
    assert result.complete


async def test_damaged_clip_is_rendered_again(store: LocalStore, machine: Machine) -> None:
    plan = a_plan(a_job())
    (first,) = (await run(plan, Local(), store, machine)).jobs
    assert first.clip
    first.clip.write_text("A goat.")
    (again,) = (await run(plan, Local(), store, machine)).jobs
    assert (again.state, again.clip and again.clip.read_text()) == (JobState.BUILT, "A boat.")


async def test_two_builds_on_one_store_render_each_job_once(store: LocalStore, machine: Machine) -> None:
    plan = a_plan(*(a_job(n, f"Boat {n}.") for n in range(6)))
    provider = Local()
    events: list[Event] = []
    one, other = await asyncio.gather(
        *(run(plan, provider, LocalStore(store.folder), machine, notify=events.append) for _ in range(2))
    )
    assert sorted(provider.orders) == sorted(f"Boat {n}." for n in range(6))
    assert one.complete and other.complete
    assert sum(isinstance(event, Ended) for event in events) == 12
    assert all(event.reason for event in events if isinstance(event, Queued))


async def test_halt_starts_nothing_new_and_keeps_running_jobs(store: LocalStore, machine: Machine) -> None:
    halt = Halt()
    provider = Local(before=lambda target: halt.ask(), together=1)
    plan = a_plan(a_job(1, "One."), a_job(2, "Two."))
    result = await run(plan, provider, store, machine, halt=halt)
    assert states(result) == ["built", "skipped"]
    assert result.exit_code is ExitCode.INTERRUPTED


async def test_disk_error_is_a_result_that_says_what_to_do(store: LocalStore, machine: Machine) -> None:
    def full(target: Path) -> None:
        raise OSError(28, "No space left on device")

    result = await run(a_plan(a_job()), Local(before=full), store, machine)
    (job,) = result.jobs
    assert (job.state, result.exit_code) == (JobState.FAILED, ExitCode.JOB_FAILED)
    assert job.error and "No space left on device" in job.error.message


async def test_notices_reach_the_user(store: LocalStore, machine: Machine) -> None:
    events: list[Event] = []
    await run(a_plan(a_job(prompt="灯笼")), Local(), store, machine, notify=events.append)
    assert [event.message for event in events if isinstance(event, Notice)] == ["a glyph is missing"]


async def test_notice_about_every_clip_is_shown_once_per_build(store: LocalStore, machine: Machine) -> None:
    events: list[Event] = []
    plan = a_plan(a_job(1, prompt="灯笼"), a_job(2, prompt="灯"))
    await run(plan, Local(), store, machine, notify=events.append)
    notices = [event for event in events if isinstance(event, Notice)]
    assert [(notice.message, notice.job) for notice in notices] == [("a glyph is missing", None)]


async def test_a_bug_is_not_swallowed(store: LocalStore, machine: Machine) -> None:
    def bug(target: Path) -> None:
        raise KeyError("ours")

    with pytest.raises(ExceptionGroup) as caught:
        await run(a_plan(a_job()), Local(before=bug), store, machine)
    assert caught.group_contains(KeyError)
    assert store.claim(key_of(a_job()))


def test_threads_take_turns_quickly_during_a_run_and_as_before_after_it() -> None:
    before = sys.getswitchinterval()
    seen: list[float] = []

    async def work(halt: Halt) -> None:
        seen.append(sys.getswitchinterval())

    carry_out(work)
    assert seen[0] < before == sys.getswitchinterval()


def test_first_interrupt_stops_gently_and_the_second_ends() -> None:
    seen: list[bool] = []

    async def work(halt: Halt) -> None:
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0.05)
            seen.append(halt.asked)

    with pytest.raises(InterruptedRun) as caught:
        carry_out(work)
    assert seen == [True]
    assert caught.value.exit_code == 130
