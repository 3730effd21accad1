"""A run is stopped before and after every effect, and every request meets every fault: alone, and two at a time."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest

from storyboard.run.result import JobState
from storyboard.run.run_state import RunRules
from storyboard.store import Cap
from storyboard.store.gateway_traits import GatewayTraits, Lookup
from tests.support.gateway_model import PRICE, Habits, Repeat
from tests.support.invariants import check
from tests.support.simulation import FAULTS, STORY, WHOSE, Fault, Point, Process, World, jobs, left_by

TAKES = 2.0
EFFECTS = 26
REQUESTS = 5
REPEATS: tuple[Repeat, ...] = ("409", "400", "old", "second")
HABITS = [
    Habits(repeat, lookup, shows, TAKES) for repeat in REPEATS for lookup in (True, False) for shows in (0.0, 9.0)
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


KINDS = [habits for habits in HABITS if habits.repeat == REPEATS[0]]
"""The habits that differ in more than the answer to a repeated id."""
GATEWAYS = [(habits, proven) for habits in HABITS for proven in ((False, True) if habits.lookup else (False,))]
"""Each habit; where a look-up works, both before it was seen to and after."""


def disturbed(
    template: Path,
    file: Path,
    gateway: tuple[Habits, bool],
    first: Trouble,
    second: Trouble | None = None,
    whole: bool = False,
) -> tuple[World, list[Process]]:
    """The same command up to four times: the first run meets one trouble, the second the other, then none.

    Unless `whole`, what could only repeat itself is left out: the runs after one that met no trouble, found the clip and
    changed nothing.
    """
    habits, proven = gateway
    world = World(habits, {t.request: t.fault for t in (first, second) if t and t.fault})
    machine = world.machine(template, file)
    if proven:
        machine.ledger.learn(WHOSE, GatewayTraits(Lookup.SEEN))
    rules = RunRules(may_buy=True, caps=(Cap(".budget", Decimal(PRICE), story=STORY),))
    processes: list[Process] = []
    for trouble in (first, second, None, None):
        before = None if trouble else left_by(world, machine)
        process = world.start(machine, jobs(), rules=rules, point=trouble.point if trouble else None)
        processes.append(process)
        world.go()
        check(world, [machine], process.results)
        if not trouble and not whole and verdict(process) is JobState.CACHED and left_by(world, machine) == before:
            break
    machine.ledger.close()
    file.unlink()
    return world, processes


def verdict(process: Process) -> JobState:
    (result,) = process.results.values()
    return result.state


def settle(
    template: Path,
    file: Path,
    gateway: tuple[Habits, bool],
    first: Trouble,
    second: Trouble | None = None,
    whole: bool = False,
) -> tuple[World, list[Process]]:
    """Where a look-up has been seen to work, everything ends in the clip; else an unknown outcome may stay one."""
    world, processes = disturbed(template, file, gateway, first, second, whole)
    last = processes[-1]
    _, proven = gateway
    honest = {JobState.CACHED} if proven else {JobState.CACHED, JobState.UNKNOWN}
    assert verdict(last) in honest, (first, second, last.results, last.trace)
    return world, processes


def are_two(first: Trouble, second: Trouble) -> bool:
    """Requests are counted over all runs: faults of two requests are one pair in either order, of one request one fault."""
    return first.fault is None or second.fault is None or first.request < second.request


ONCE_EACH = [each for each in TROUBLES if each.point is None or each.point.when == "after"]
PAIRS = [pair for pair in itertools.product(ONCE_EACH, ONCE_EACH) if are_two(*pair)]


@pytest.mark.parametrize("kind", [each for each in GATEWAYS if each[0] in KINDS], ids=str)
def test_every_fault_alone_and_before_others_ends_in_one_paid_clip_or_an_unknown(
    kind: tuple[Habits, bool], template: Path, ledger_file: Callable[[], Path]
) -> None:
    """Each pair of faults is met by one of the habits; every pair by every habit is the long run's.

    A stop that its run does not come to is left out: then everything is as with the other fault alone. So is a fault after
    which no id came again, where only the answer to such an id is another.
    """
    effects: dict[Trouble, tuple[int, int]] = {}
    alike: set[Trouble] = set()
    for repeat in REPEATS:
        gateway = replace(kind[0], repeat=repeat), kind[1]
        for trouble in TROUBLES:
            if trouble not in alike:
                world, (first_run, second_run, *_) = settle(template, ledger_file(), gateway, trouble)
                effects[trouble] = len(first_run.trace), len(second_run.trace)
                if not world.gateway.repeated:
                    alike.add(trouble)
        for first, second in PAIRS[HABITS.index(gateway[0]) :: len(HABITS)]:
            if second.point is not None:
                reached = second.point.at < effects[first][1]
            else:  # a fault of a request, which the first run may meet as well
                reached = first.point is None or first.point.at < effects[second][0]
            if reached:
                settle(template, ledger_file(), gateway, first, second)


@pytest.mark.long
@pytest.mark.parametrize("gateway", GATEWAYS, ids=str)
def test_every_pair_of_faults(gateway: tuple[Habits, bool], template: Path, ledger_file: Callable[[], Path]) -> None:
    for first, second in PAIRS:
        settle(template, ledger_file(), gateway, first, second, whole=True)
