"""A disk that is full just when a task's id is heard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from storyboard.errors import ExitCode, StoreError
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.run.result import JobState
from storyboard.run.submit import INSISTENT
from storyboard.store import Attempt
from storyboard.store.sqlite.ledger import SqliteLedger
from tests.support.gateway_model import Habits
from tests.support.simulation import Process, World, jobs

BLIND = Habits(lookup=False)
"""A gateway where nobody finds the task who has not heard its id."""


class Full(SqliteLedger):
    """Takes no task's id for so many tries."""

    tries = 0

    def heard(self, attempt: Attempt) -> Attempt:
        if self.tries > 0:
            self.tries -= 1
            raise StoreError("database or disk is full")
        return super().heard(attempt)


def begun(template: Path, file: Path, tries: int) -> tuple[World, Process]:
    world = World(BLIND)
    machine = world.machine(template, file)
    machine.ledger.close()
    machine.ledger = Full(file)
    machine.ledger.tries = tries
    return world, world.start(machine, jobs(2))


def test_received_results_are_written_once_there_is_disk_space(template: Path, ledger_file: Callable[[], Path]) -> None:
    world, process = begun(template, ledger_file(), 5)
    world.go()
    first, second = process.results.values()
    assert first.state is JobState.BUILT, "its task was known all the time"
    assert any("cannot be recorded now" in notice and "--adopt" in notice for notice in process.notices)
    assert any("is recorded now" in notice for notice in process.notices)
    assert second.state in (JobState.BUILT, JobState.SKIPPED)
    assert len(world.gateway.tasks) == sum(each.state is JobState.BUILT for each in (first, second))


def test_retrying_a_full_disk_ends_after_a_time_or_a_halt(template: Path, ledger_file: Callable[[], Path]) -> None:
    for halted in (False, True):
        world, process = begun(template, ledger_file(), 10**6)
        if halted:
            world.later(60.0, process.run.halt.ask)
        before = world.clock.monotonic()
        world.go()
        first = next(iter(process.results.values()))
        assert first.state is JobState.FAILED
        assert first.blame is ExitCode.JOB_FAILED
        assert world.clock.monotonic() - before < (120 if halted else 2 * INSISTENT)
        (attempt,) = process.machine.ledger.history([first.key])[first.key]
        assert attempt.state is PurchaseState.INTENT, "its price stays reserved, and it is not sent again"
