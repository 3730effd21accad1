"""A run is stopped before and after every effect, and every request meets every fault: alone, and two at a time."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest

from storyboard.run.result import JobState
from storyboard.run.run_state import RunRules
from storyboard.store import Cap
from storyboard.store.gateway_traits import GatewayTraits, Lookup
from tests.support.gateway_model import PRICE, Habits
from tests.support.invariants import check
from tests.support.simulation import FAULTS, STORY, WHOSE, Fault, Point, Process, World, jobs

TAKES = 2.0
EFFECTS = 26
REQUESTS = 5
HABITS = [
    Habits(repeat, lookup, shows, TAKES)
    for repeat in ("409", "400", "old", "second")
    for lookup in (True, False)
    for shows in (0.0, 9.0)
]


@dataclass(frozen=True)
class Trouble:
    """One thing that goes wrong in a run."""

    point: Point | None = None
    request: int = 0
    fault: Fault | None = None


HOW: list[tuple[Literal["before", "after"], Literal["kill", "halt"]]] = [
    ("before", "kill"),
    ("after", "kill"),
    ("after", "halt"),
]
STOPS = [Trouble(Point(at, *how)) for at in range(EFFECTS) for how in HOW]
MISHAPS = [Trouble(None, request, fault) for request in range(1, REQUESTS + 1) for fault in FAULTS]
TROUBLES = STOPS + MISHAPS


def disturbed(
    template: Path,
    file: Path,
    habits: Habits,
    first: Trouble,
    second: Trouble | None = None,
    proven: bool = False,
) -> Process:
    """The same command up to four times: the first run meets one trouble, the second the other, then none."""
    world = World(habits, {t.request: t.fault for t in (first, second) if t and t.fault})
    machine = world.machine(template, file)
    if proven:
        machine.ledger.learn(WHOSE, GatewayTraits(Lookup.SEEN))
    budget = Cap(".budget", Decimal(PRICE), story=STORY)
    for trouble in (first, second, None, None):
        process = world.start(
            machine, jobs(), rules=RunRules(may_buy=True, caps=(budget,)), point=trouble.point if trouble else None
        )
        world.go()
        check(world, [machine], process.results)
    machine.ledger.close()
    file.unlink()
    return process


def verdict(process: Process) -> JobState:
    (result,) = process.results.values()
    return result.state


def settle(template: Path, file: Path, habits: Habits, first: Trouble, second: Trouble | None = None) -> None:
    """Where a look-up has been seen to work, everything ends in the clip; else an unknown outcome may stay one."""
    for proven in (False, True) if habits.lookup else (False,):
        process = disturbed(template, file, habits, first, second, proven)
        honest = {JobState.CACHED} if proven else {JobState.CACHED, JobState.UNKNOWN}
        assert verdict(process) in honest, (first, second, process.results, process.trace)


@pytest.mark.parametrize("habits", HABITS, ids=str)
def test_every_single_fault_ends_in_one_paid_clip_or_an_unknown(
    habits: Habits, template: Path, ledger_file: Callable[[], Path]
) -> None:
    for trouble in TROUBLES:
        settle(template, ledger_file(), habits, trouble)


ONCE_EACH = [each for each in TROUBLES if each.point is None or each.point.when == "after"]
PAIRS = list(itertools.product(ONCE_EACH, ONCE_EACH))


@pytest.mark.parametrize("habits", HABITS, ids=str)
def test_every_pair_of_faults_at_one_gateway(habits: Habits, template: Path, ledger_file: Callable[[], Path]) -> None:
    """Each pair is met by one of the habits; every pair by every habit is the long run's."""
    for first, second in PAIRS[HABITS.index(habits) :: len(HABITS)]:
        settle(template, ledger_file(), habits, first, second)


@pytest.mark.long
@pytest.mark.parametrize("habits", HABITS, ids=str)
def test_every_pair_of_faults(habits: Habits, template: Path, ledger_file: Callable[[], Path]) -> None:
    for first, second in PAIRS:
        settle(template, ledger_file(), habits, first, second)
