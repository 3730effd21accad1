"""Answers that arrive whole and are odd in shape, word or moment: at every habit, alone and with a crash beside them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.errors import ExitCode
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.run.result import JobResult, JobState
from storyboard.run.run_state import RunRules
from storyboard.store import Cap
from storyboard.store.gateway_traits import LONGEST_DELAY, GatewayTraits, Lookup
from tests.simulation.test_crashes import EFFECTS, HABITS, KINDS, REPEATS, TROUBLES, Trouble
from tests.support.gateway_model import LATE, ODDITIES, Habits, Oddity
from tests.support.invariants import check
from tests.support.simulation import STORY, WHOSE, Machine, Point, Process, World, jobs, left_by

ENDS: dict[Oddity, set[JobState]] = {
    "billed failure": {JobState.BILLED_FAILURE},
    "refused under 200": {JobState.FAILED},
    "no gateway": {JobState.SKIPPED},
}
"""How it ends where a look-up has been seen to work; everything else ends in the clip."""
BUYS = RunRules(may_buy=True)


def one(process: Process) -> JobResult:
    (result,) = process.results.values()
    return result


def machine_of(world: World, template: Path, file: Path, *, proven: bool = True) -> Machine:
    machine = world.machine(template, file)
    if proven:
        machine.ledger.learn(WHOSE, GatewayTraits(Lookup.SEEN))
    return machine


def build(world: World, machine: Machine, rules: RunRules = BUYS, point: Point | None = None) -> Process:
    process = world.start(machine, jobs(), rules=rules, point=point)
    world.go()
    check(world, [machine], process.results)
    return process


def undisturbed(world: World, machine: Machine) -> Process:
    """Build twice; once where the second could only repeat the first. The last build."""
    before = left_by(world, machine)
    process = build(world, machine)
    if one(process).state is JobState.CACHED and left_by(world, machine) == before:
        return process
    return build(world, machine)


def settled_after(
    point: Point | None, habits: Habits, oddity: Oddity, template: Path, file: Path
) -> tuple[World, Process]:
    """What is left after a build that is stopped there, and others that are not; the first build."""
    world = World(replace(habits, oddity=oddity))
    machine = machine_of(world, template, file, proven=habits.lookup)
    first = build(world, machine, point=point)
    last = undisturbed(world, machine)
    ends = ENDS.get(oddity, {JobState.BUILT, JobState.CACHED})
    honest = ends if habits.lookup else ends | {JobState.UNKNOWN}
    assert one(last).state in honest, (point, one(last), last.trace)
    expected = 0 if oddity in ("refused under 200", "no gateway") else 1
    assert len(world.gateway.tasks) == expected or one(last).state is JobState.UNKNOWN, point
    assert len(world.gateway.tasks) <= 1, point
    machine.ledger.close()
    return world, first


@pytest.mark.parametrize("oddity", ODDITIES)
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_odd_reply_with_any_crash_costs_one_task_and_is_not_lost(
    oddity: Oddity, kind: Habits, template: Path, ledger_file: Callable[[], Path]
) -> None:
    """A point that the first build did not come to, and all after it, are as if nothing had stopped it; and where no id
    came again, it makes no difference which answer a repeated id gets."""
    points = [None, *(Point(at, when) for at in range(0, EFFECTS, 3) for when in ("before", "after"))]
    for point in points:
        for repeat in REPEATS:
            world, first = settled_after(point, replace(kind, repeat=repeat), oddity, template, ledger_file())
            if not world.gateway.repeated:
                break
        if point is not None and point.at >= len(first.trace):
            break


TROUBLED = [each for each in TROUBLES if each.point is None or each.point.when == "after"]
PAIRS = list(itertools.product(TROUBLED, TROUBLED))
STRIDE, LONG_STRIDE = 1499, 13
"""Every so many-th pair of troubles is tried at each habit with each odd answer; other pairs at each."""


def settle(
    oddity: Oddity, habits: Habits, pairs: Iterable[tuple[Trouble, Trouble]], template: Path, file: Callable[[], Path]
) -> None:
    """The first build meets one trouble, the second another, the next two none; `build` checks the books each time."""
    for first, second in pairs:
        faults = {each.request: each.fault for each in (first, second) if each.fault is not None}
        world = World(replace(habits, oddity=oddity), faults)
        machine = machine_of(world, template, file(), proven=habits.lookup)
        for trouble in (first, second):
            build(world, machine, point=trouble.point)
        last = undisturbed(world, machine)
        ends = ENDS.get(oddity, {JobState.BUILT, JobState.CACHED})
        sure = habits.lookup and oddity != "no gateway"  # where a fault looks like a gateway's "not found", it is sent
        assert one(last).state in (ends if sure else ends | {JobState.UNKNOWN}), (first, second, one(last), last.trace)
        assert len(world.gateway.tasks) <= 1, (first, second)
        machine.ledger.close()


def pairs_of(oddity: Oddity, habits: Habits, stride: int) -> Iterable[tuple[Trouble, Trouble]]:
    return PAIRS[(ODDITIES.index(oddity) * len(HABITS) + HABITS.index(habits)) * 7 % stride :: stride]


@pytest.mark.parametrize("habits", HABITS, ids=str)
def test_odd_reply_beside_two_faults_costs_one_task_and_is_not_lost(
    habits: Habits, template: Path, ledger_file: Callable[[], Path]
) -> None:
    for oddity in ODDITIES:
        settle(oddity, habits, pairs_of(oddity, habits, STRIDE), template, ledger_file)


@pytest.mark.long
@pytest.mark.parametrize("oddity", ODDITIES)
@pytest.mark.parametrize("habits", HABITS, ids=str)
def test_odd_reply_beside_many_pairs_of_faults(
    oddity: Oddity, habits: Habits, template: Path, ledger_file: Callable[[], Path]
) -> None:
    settle(oddity, habits, pairs_of(oddity, habits, LONG_STRIDE), template, ledger_file)


def test_finished_task_without_an_address_is_charged_and_polled_by_every_build(
    template: Path, ledger_file: Callable[[], Path]
) -> None:
    world = World(Habits(oddity="late address"))
    machine = machine_of(world, template, ledger_file())
    impatient = replace(BUYS, no_wait=True)
    build(world, machine, impatient)
    world.clock.monotonic_now += 60
    result = one(build(world, machine, impatient))
    assert (result.state, result.blame, result.cost) == (JobState.FINISHED, ExitCode.RUNNING, Decimal("0.42"))
    assert "finished and charged" in result.reason and "--retry" not in result.reason
    (row,) = machine.ledger.all()
    assert (row.state, row.charged) == (PurchaseState.FINISHED, Decimal("0.42"))
    world.clock.monotonic_now += LATE
    assert one(build(world, machine, impatient)).state is JobState.BUILT
    assert len(world.gateway.tasks) == 1


def test_missing_address_is_polled_at_growing_intervals_for_hours(
    template: Path, ledger_file: Callable[[], Path]
) -> None:
    world = World(Habits(oddity="late address"))
    machine = machine_of(world, template, ledger_file())
    world.gateway.never = True
    begun = world.clock.monotonic()
    result = one(build(world, machine))
    assert result.state is JobState.FINISHED
    assert 7000 < world.clock.monotonic() - begun < 9000
    assert world.gateway.requests < 80


def test_a_billed_failure_is_bought_again_only_with_retry(template: Path, ledger_file: Callable[[], Path]) -> None:
    world = World(Habits(oddity="billed failure"))
    machine = machine_of(world, template, ledger_file())
    for _ in range(3):
        result = one(build(world, machine))
        assert (result.state, result.blame) == (JobState.BILLED_FAILURE, ExitCode.JOB_FAILED)
        assert "--retry" in result.reason and "$0.42" in result.reason
    assert len(world.gateway.tasks) == 1
    process = world.start(machine, jobs(), rules=replace(BUYS, retry=frozenset({result.key})))
    world.go()
    assert one(process).state is JobState.BILLED_FAILURE
    assert len(world.gateway.tasks) == 2


def test_persistent_unknown_status_is_kept_and_never_sent_again(
    template: Path, ledger_file: Callable[[], Path]
) -> None:
    world = World(Habits(oddity="unknown word at first"))
    machine = machine_of(world, template, ledger_file())
    process = world.start(machine, jobs(), rules=replace(BUYS, task_life=300.0))
    world.go()
    assert (one(process).state, one(process).blame) == (JobState.RUNNING, ExitCode.RUNNING)
    assert "polishing" in one(process).reason
    (row,) = machine.ledger.all()
    assert row.said is not None and '"polishing"' in row.said
    world.clock.monotonic_now += LATE
    assert one(build(world, machine)).state is JobState.BUILT
    assert machine.ledger.all()[0].said is None
    assert len(world.gateway.tasks) == 1


def test_charges_far_above_the_agreed_sum_stop_buying(template: Path, ledger_file: Callable[[], Path]) -> None:
    world = World(Habits(oddity="charged twice the estimate"))
    machine = machine_of(world, template, ledger_file())
    process = world.start(machine, jobs(4), rules=replace(BUYS, concurrency=1, agreed=Decimal("0.50")))
    world.go()
    assert [each.state for each in process.results.values()] == [JobState.BUILT, *[JobState.SKIPPED] * 3]
    assert {each.blame for each in process.results.values()} == {ExitCode.DONE, ExitCode.SPENDING}


def test_task_of_another_job_is_ignored(template: Path, ledger_file: Callable[[], Path]) -> None:
    world = World(Habits(lookup=False))
    machine = machine_of(world, template, ledger_file(), proven=False)
    first = world.start(machine, jobs(1))
    world.go()
    task = one(first).task
    world.gateway.answers_with = task
    second = world.start(machine, jobs(2))
    world.go()
    other = next(each for each in second.results.values() if each.job.id == "river#2")
    assert other.state is JobState.UNKNOWN
    assert not [row for row in machine.ledger.all() if row.key == other.key and row.task]


@pytest.mark.parametrize("seconds", [None, 2.0])
def test_gateway_full_for_a_minute_is_asked_rarely(
    seconds: float | None, template: Path, ledger_file: Callable[[], Path]
) -> None:
    world = World(Habits(takes=5.0))
    machine = machine_of(world, template, ledger_file())
    world.gateway.full_until = world.clock.monotonic() + 60
    world.gateway.retry_after = seconds
    process = world.start(machine, jobs(12))
    world.go(60)
    assert world.gateway.requests < 40
    world.go()
    assert {each.state for each in process.results.values()} == {JobState.BUILT}
    assert len(world.gateway.tasks) == 12


@pytest.mark.parametrize("why", ["found elsewhere", "capped"])
def test_probe_that_ends_without_sending_releases_the_others(
    why: str, template: Path, ledger_file: Callable[[], Path]
) -> None:
    """After "too many requests" the job that goes first finds its task made elsewhere, or is stopped by a cap."""
    world = World(Habits(takes=5.0))
    first, second = (machine_of(world, template, ledger_file()) for _ in range(2))
    if why == "found elsewhere":
        world.start(first, jobs(3))
        world.go()
    world.faults.update({world.requests + number: "429" for number in (1, 2, 3)})
    caps = (Cap(".budget", Decimal("0.10"), story=STORY),) if why == "capped" else ()
    process = world.start(second, jobs(3), rules=replace(BUYS, caps=caps))
    world.go()
    assert {each.state for each in process.results.values()} == {
        JobState.SKIPPED if why == "capped" else JobState.BUILT
    }
    assert len(world.gateway.tasks) == (0 if why == "capped" else 3)


@pytest.mark.parametrize("stored", [0.0, 86_400.0])
def test_pause_between_builds_is_not_learned_as_lookup_delay(
    stored: float, template: Path, ledger_file: Callable[[], Path]
) -> None:
    """Also what an older version has learned so is not waited for."""
    world = World(Habits(shows_after=9.0), {2: "lost reply"})
    machine = machine_of(world, template, ledger_file())
    machine.ledger.learn(WHOSE, GatewayTraits(Lookup.SEEN, longest=stored))
    first = build(world, machine, replace(BUYS, no_wait=True), Point(7))
    assert first.trace[-1].startswith("POST") and len(world.gateway.tasks) == 1
    world.clock.monotonic_now += 80_000
    assert one(build(world, machine)).state is JobState.BUILT
    assert stored or machine.ledger.known(WHOSE).longest <= LONGEST_DELAY
    world.faults = {world.requests + number: "undelivered" for number in (2, 3)}
    begun = world.clock.monotonic()
    process = world.start(machine, jobs(2))
    world.go()
    assert {each.state for each in process.results.values()} == {JobState.CACHED, JobState.BUILT}
    assert world.clock.monotonic() - begun < 3 * LONGEST_DELAY + 200


def test_gateway_full_for_a_day_stops_buying(template: Path, ledger_file: Callable[[], Path]) -> None:
    world = World(Habits())
    machine = machine_of(world, template, ledger_file())
    world.gateway.full_until = world.clock.monotonic() + 86400
    world.gateway.retry_after = 86400.0
    process = world.start(machine, jobs(3))
    world.go()
    assert {each.state for each in process.results.values()} == {JobState.SKIPPED}
    assert "1440 minutes" in next(iter(process.results.values())).reason
    assert world.clock.monotonic() < 1000 + 600
