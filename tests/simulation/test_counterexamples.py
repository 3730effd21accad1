"""The shortest traces by which weaker rules lose money or truth: each is walked, and comes out right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.errors import ExitCode
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.run.result import JobResult, JobState
from storyboard.run.run_state import RunRules
from storyboard.store import Cap
from storyboard.store.gateway_traits import GatewayTraits, Lookup
from tests.support.gateway_model import PRICE, Habits, Repeat
from tests.support.invariants import check
from tests.support.simulation import STORY, WHOSE, Fault, Machine, Point, Process, World, jobs

BUSY = {"code": "006001094", "error_message": "no resources"}
DAY = 86400.0


class Stage:
    """A world and its machines, with the shortest words for what tests do."""

    def __init__(self, template: Path, ledger_file: Callable[[], Path]) -> None:
        self._template, self._file = template, ledger_file
        self.world = World()

    def set(self, habits: Habits, *faults: tuple[int, Fault]) -> World:
        self.world = World(replace(habits, takes=3.0), dict(faults))
        return self.world

    def machine(self, *, proven: bool = False) -> Machine:
        machine = self.world.machine(self._template, self._file())
        if proven:
            machine.ledger.learn(WHOSE, GatewayTraits(Lookup.SEEN))
        return machine

    def run(self, machine: Machine, rules: RunRules = RunRules(may_buy=True), **options: object) -> JobResult:  # noqa: B008
        process = self.begin(machine, rules, **options)
        self.world.go()
        check(self.world, self.world.machines, process.results)
        return one(process)

    def begin(self, machine: Machine, rules: RunRules = RunRules(may_buy=True), **options: object) -> Process:  # noqa: B008
        return self.world.start(machine, jobs(), rules=rules, **options)  # type: ignore[arg-type]

    def posts(self) -> int:
        return len(self.world.gateway.tasks)


def one(process: Process) -> JobResult:
    (result,) = process.results.values()
    return result


def in_order(process: Process) -> list[JobState]:
    return [result.state for result in sorted(process.results.values(), key=lambda result: result.job.id)]


@pytest.fixture
def stage(template: Path, ledger_file: Callable[[], Path]) -> Stage:
    return Stage(template, ledger_file)


def at(process_trace: list[str], name: str) -> int:
    return process_trace.index(name)


def killed(stage: Stage, machine: Machine, name: str, *, how: str = "kill") -> Process:
    """A run that is stopped right after its first effect of that name."""
    probe = World(stage.world.gateway.habits)
    rehearsal = probe.start(probe.machine(stage._template, stage._file()), jobs())
    probe.go()
    process = stage.begin(machine, point=Point(at(rehearsal.trace, name), "after", how))  # type: ignore[arg-type]
    stage.world.go()
    return process


def test_w1_wait_starts_at_the_end_of_the_sending_connection(stage: Stage) -> None:
    stage.set(Habits("second"), (2, "late"))
    result = stage.run(stage.machine(proven=True))
    assert (result.state, stage.posts()) == (JobState.BUILT, 1)


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
def test_w1_wait_does_not_depend_on_the_wall_clock(stage: Stage, jump: float) -> None:
    world = stage.set(Habits("second"), (2, "late"))
    world.later(31.0, lambda: setattr(world.clock, "jump", jump))
    result = stage.run(stage.machine(proven=True))
    assert (result.state, stage.posts()) == (JobState.BUILT, 1)


@pytest.mark.parametrize("passed", [31 * DAY, -2 * DAY])
def test_w2_old_intent_is_not_assumed_unsent(stage: Stage, passed: float) -> None:
    world = stage.set(Habits("second"))
    machine = stage.machine(proven=True)
    killed(stage, machine, "POST generation")
    if passed > 0:
        world.clock.monotonic_now += passed
    else:
        world.gateway.tasks.clear()
        world.clock.jump = passed
    result = stage.run(machine) if passed > 0 else one_of(stage, machine)
    assert (result.state, result.blame) == (JobState.UNKNOWN, ExitCode.UNKNOWN)


def one_of(stage: Stage, machine: Machine) -> JobResult:
    """A run on a world whose book was emptied by hand."""
    process = stage.begin(machine)
    stage.world.go()
    return one(process)


@pytest.mark.parametrize("fault", ["400", "409"])
def test_w3_refusal_of_an_id_that_is_not_found_proves_nothing(stage: Stage, fault: Fault) -> None:
    stage.set(Habits("second"), (2, "undelivered"), (8, fault))
    machine = stage.machine(proven=True)
    result = stage.run(machine)
    assert stage.posts() == 0
    assert not machine.ledger.known(WHOSE).unique_ids
    assert result.state is (JobState.FAILED if fault == "400" else JobState.UNKNOWN)


def test_w3_id_freed_by_a_failure_is_not_sent_again_before_the_wait_is_over(stage: Stage) -> None:
    world = stage.set(Habits("409free"), (2, "late"))
    world.gateway.failures = [BUSY]
    result = stage.run(stage.machine(proven=True))
    assert (result.state, result.attempts) == (JobState.BUILT, 2)
    assert [task.billed for task in world.gateway.tasks] == [False, True]


@pytest.mark.parametrize("repeat", ["409", "400", "old", "second"])
def test_w4_fresh_ledger_looks_up_before_its_first_send(stage: Stage, repeat: Repeat) -> None:
    stage.set(Habits(repeat))
    stage.run(stage.machine())
    result = stage.run(stage.machine())
    assert (result.state, stage.posts()) == (JobState.BUILT, 1)


def test_w4_every_attempt_is_looked_up_before_its_first_send(stage: Stage) -> None:
    world = stage.set(Habits("second"))
    world.gateway.failures = [BUSY]
    stage.run(stage.machine())
    result = stage.run(stage.machine(), RunRules(may_buy=True, attempts=1))
    assert (result.state, result.attempts, stage.posts()) == (JobState.BUILT, 2, 2)


def test_w5_a_400_to_a_first_send_may_mean_that_another_machine_was_first(stage: Stage) -> None:
    world = stage.set(Habits("400", shows_after=9.0))
    first, second = stage.machine(), stage.machine()
    begun = stage.begin(first)
    world.go(1.0)
    late = stage.begin(second)
    world.go()
    assert [one(begun).state, one(late).state, stage.posts()] == [JobState.BUILT, JobState.BUILT, 1]
    assert second.ledger.known(WHOSE).unique_ids


@pytest.mark.parametrize("shows_after", [0.0, 9.0])
def test_w5_a_400_may_be_the_answer_to_what_a_proxy_repeated(stage: Stage, shows_after: float) -> None:
    stage.set(Habits("400", shows_after=shows_after), (2, "doubled"))
    result = stage.run(stage.machine())
    assert (result.state, stage.posts()) == (JobState.BUILT, 1)


def test_w5_true_400_is_accepted_after_the_wait(stage: Stage) -> None:
    stage.set(Habits(lookup=False), (2, "400"))
    machine = stage.machine()
    result = stage.run(machine)
    assert (result.state, result.blame, result.error and result.error.code) == (JobState.FAILED, 3, "1201")
    assert stage.world.clock.monotonic_now > 1000 + 15
    assert machine.ledger.spent(Cap("all", Decimal(0), story=STORY)) == 0
    assert stage.run(machine).state is JobState.FAILED
    assert stage.posts() == 0, "it is not sent again until its text changes"
    (key,) = machine.ledger.history([result.key])
    assert stage.run(machine, RunRules(may_buy=True, retry=frozenset({key}))).state is JobState.BUILT


def test_w6_an_interrupt_between_intent_and_send_leaves_nothing_unknown(stage: Stage) -> None:
    stage.set(Habits(lookup=False))
    machine = stage.machine()
    process = killed(stage, machine, "reserve", how="halt")
    assert (one(process).state, one(process).blame) == (JobState.SKIPPED, ExitCode.INTERRUPTED)
    assert [row.state for row in machine.ledger.all()] == [PurchaseState.WITHDRAWN]
    assert not machine.lock
    assert stage.run(machine).state is JobState.BUILT


@pytest.mark.parametrize("fault", ["402", "401", "429", "unsent"])
def test_w6_what_cannot_have_created_anything_closes_the_only_send(stage: Stage, fault: Fault) -> None:
    stage.set(Habits(lookup=False), (2, fault))
    machine = stage.machine()
    first = stage.run(machine)
    if fault in ("401", "402"):
        assert (first.state, first.blame) == (JobState.SKIPPED, ExitCode.ACCESS)
        assert not machine.lock
        first = stage.run(machine)
    assert (first.state, first.attempts, stage.posts()) == (JobState.BUILT, 1, 1)


def test_w6_refusal_does_not_close_an_id_that_was_sent_before(stage: Stage) -> None:
    stage.set(Habits("second"), (2, "undelivered"), (8, "402"))
    machine = stage.machine(proven=True)
    result = stage.run(machine)
    assert (result.state, result.blame) == (JobState.UNKNOWN, ExitCode.ACCESS)
    (row,) = machine.ledger.all()
    assert (row.state, row.sends, row.reserved) == (PurchaseState.INTENT, 2, Decimal(PRICE))
    assert stage.run(machine).state is JobState.BUILT


def test_w7_sleeping_holder_keeps_its_claim(stage: Stage) -> None:
    world = stage.set(Habits("second"))
    machine = stage.machine()
    sleeper = stage.begin(machine)
    while "write" not in sleeper.trace:
        world.go(0.02)
    world.suspend(sleeper, 900.0)
    other = stage.begin(machine)
    world.go(600.0)
    assert not other.results, "it waits, however long that is"
    world.go()
    assert [one(sleeper).state, one(other).state, stage.posts()] == [JobState.BUILT, JobState.CACHED, 1]


def test_w7_claim_of_a_dead_holder_passes_to_one_who_looks_up_first(stage: Stage) -> None:
    world = stage.set(Habits("second"))
    machine = stage.machine(proven=True)
    holder = stage.begin(machine)
    while "POST generation" not in holder.trace:
        world.go(0.02)
    other = stage.begin(machine)
    world.go(1.0)
    world.kill(holder)
    world.go()
    assert (one(other).state, stage.posts()) == (JobState.BUILT, 1)


def test_w8_fresh_task_unknown_to_a_replica_is_not_lost(stage: Stage) -> None:
    stage.set(Habits(), (3, "404"), (4, "404"), (5, "404"), (6, "404"))
    assert stage.run(stage.machine()).state is JobState.BUILT


def test_w8_a_task_that_is_gone_is_lost_only_after_the_wait_and_bought_again_only_when_told(stage: Stage) -> None:
    world = stage.set(Habits())
    machine = stage.machine()
    killed(stage, machine, "hear")
    world.clock.monotonic_now += 31 * DAY
    process = stage.begin(machine)
    world.go()
    result = one(process)
    assert (result.state, result.blame) == (JobState.LOST, ExitCode.JOB_FAILED)
    assert "$0.42" in result.reason
    assert "--rebuy" in result.reason
    assert sum(name.startswith("GET") for name in process.trace) >= 6
    again = stage.begin(machine, RunRules(may_buy=True, rebuy=frozenset({result.key})))
    world.go()
    assert (one(again).state, one(again).attempts, stage.posts()) == (JobState.BUILT, 2, 2)


def test_w8_task_invisible_to_this_key_is_held(stage: Stage) -> None:
    stage.set(Habits())
    first, second = stage.machine(), stage.machine()
    killed(stage, first, "hear")
    stage.world.go()
    (row,) = first.ledger.all()
    stage.run(first)
    second.lock = {
        content: replace(block, state=PurchaseState.SUBMITTED, clip=None) for content, block in first.lock.items()
    }
    process = stage.begin(second, account="acc2")
    stage.world.go()
    assert (one(process).state, one(process).blame) == (JobState.HELD, ExitCode.ACCESS)
    assert (row.task, stage.posts(), second.ledger.all()) == ("task-1", 1, ())


def test_another_accounts_row_is_held_and_never_asked_about(stage: Stage) -> None:
    stage.set(Habits())
    machine = stage.machine()
    killed(stage, machine, "POST generation")
    process = stage.begin(machine, account="acc2")
    stage.world.go()
    assert one(process).state is JobState.HELD
    assert "acc1" in one(process).reason
    assert not [name for name in process.trace if name.startswith(("GET", "POST"))]
    assert stage.run(machine).state is JobState.BUILT


@pytest.mark.parametrize("lookup", [True, False])
def test_w9_a_block_without_an_answer_keeps_the_next_machine_from_buying(stage: Stage, lookup: bool) -> None:
    stage.set(Habits("second", lookup))
    first, second = stage.machine(), stage.machine()
    killed(stage, first, "POST generation")
    second.lock = first.lock
    result = stage.run(second)
    assert (result.state, stage.posts()) == (JobState.BUILT if lookup else JobState.UNKNOWN, 1)


def capped(limit: str, **more: object) -> RunRules:
    return RunRules(may_buy=True, caps=(Cap(".budget", Decimal(limit), story=STORY, **more),))  # type: ignore[arg-type]


def test_w10_a_failed_task_that_states_no_cost_counts_as_spent(stage: Stage) -> None:
    world = stage.set(Habits())
    world.gateway.failures = [BUSY]
    process = stage.begin(stage.machine(), capped("0.83"))
    world.go()
    assert (one(process).state, one(process).blame, stage.posts()) == (JobState.SKIPPED, ExitCode.SPENDING, 1)


@pytest.mark.parametrize("more", [{"elsewhere": {"sb-other-1-1": Decimal("0.42")}}, {"pruned": Decimal("0.42")}])
def test_w10_what_only_the_lock_knows_counts_as_spent(stage: Stage, more: dict[str, object]) -> None:
    stage.set(Habits())
    machine = stage.machine()
    assert stage.run(machine, capped("0.83", **more)).blame is ExitCode.SPENDING
    assert stage.run(machine, capped("0.84", **more)).state is JobState.BUILT


def test_w10_an_abandoned_unknown_counts_as_spent(stage: Stage) -> None:
    stage.set(Habits(lookup=False))
    machine = stage.machine()
    killed(stage, machine, "reserve")
    (row,) = machine.ledger.all()
    machine.ledger.correct(replace(row, state=PurchaseState.ABANDONED))
    machine.lock.clear()
    assert stage.run(machine, capped("0.83")).blame is ExitCode.SPENDING
    assert stage.run(machine, capped("0.84")).attempts == 2


def test_earlier_charge_is_reserved_if_above_the_estimate(stage: Stage) -> None:
    stage.set(Habits())
    machine = stage.machine()
    stage.run(machine)
    process = stage.world.start(machine, jobs(2), rules=capped("0.83"), price=Decimal("0.10"))
    stage.world.go()
    assert in_order(process) == [JobState.CACHED, JobState.SKIPPED]


def test_a_job_without_a_price_is_not_bought_under_a_cap(stage: Stage) -> None:
    stage.set(Habits())
    machine = stage.machine()
    result = stage.run(machine, capped("100"), price=None)
    assert (result.blame, "[prices]" in result.reason) == (ExitCode.SPENDING, True)
    assert stage.run(machine, price=None).state is JobState.BUILT


def test_resend_never_leaves_a_lost_reply_unknown_despite_lookup(stage: Stage) -> None:
    stage.set(Habits("409"), (2, "undelivered"))
    machine = stage.machine(proven=True)
    careful = RunRules(may_buy=True, resend="never")
    assert [stage.run(machine, careful).state for _ in range(2)] == [JobState.UNKNOWN] * 2
    assert stage.run(machine).state is JobState.BUILT


def test_without_permission_running_jobs_are_polled_fetched_and_adopted(stage: Stage) -> None:
    stage.set(Habits())
    machine = stage.machine()
    killed(stage, machine, "POST generation")
    assert stage.run(machine, RunRules()).state is JobState.BUILT
    assert stage.run(stage.machine(), RunRules()).state is JobState.BUILT, "another machine has bought it"
    assert stage.posts() == 1
    stage.set(Habits())
    assert stage.run(stage.machine(), RunRules()).blame is ExitCode.SPENDING
    assert stage.posts() == 0


def test_unknown_job_is_settled_once_lookup_is_known_to_work(stage: Stage) -> None:
    world = stage.set(Habits("second"))
    machine = stage.machine()
    killed(stage, machine, "reserve")
    assert stage.run(machine).state is JobState.UNKNOWN
    process = world.start(machine, jobs(2), rules=RunRules(may_buy=True, concurrency=1))
    world.go()
    assert {result.state for result in process.results.values()} == {JobState.BUILT}
    assert stage.posts() == 2


def test_second_task_of_an_id_is_recorded_and_reported(stage: Stage) -> None:
    stage.set(Habits("second"), (2, "doubled"))
    machine = stage.machine()
    process = stage.begin(machine)
    stage.world.go()
    assert one(process).state is JobState.BUILT
    assert [row.state for row in machine.ledger.all()].count(PurchaseState.TWICE) == 1
    assert any("bought twice" in notice for notice in process.notices)
    assert machine.ledger.spent(Cap("all", Decimal(0), story=STORY)) == Decimal("0.84")


def test_lost_ledger_is_rebuilt_by_lookup_without_buying(stage: Stage) -> None:
    stage.set(Habits("second"))
    stage.run(stage.machine())
    machine = stage.machine()
    with machine.ledger._transaction() as connection:
        connection.execute("INSERT INTO facts VALUES ('rebuilt', x'01')")
    process = stage.world.start(machine, jobs(2))
    stage.world.go()
    assert in_order(process) == [JobState.BUILT, JobState.SKIPPED]
    machine.ledger.trust()
    process = stage.world.start(machine, jobs(2))
    stage.world.go()
    assert in_order(process) == [JobState.CACHED, JobState.BUILT]


def bought_by_both(stage: Stage) -> tuple[Machine, Machine]:
    """Two machines without a common lock that send at the same time, to a gateway that makes a second task."""
    stage.set(Habits("second"))
    first, second = stage.machine(), stage.machine()
    stage.begin(first)
    stage.begin(second)
    stage.world.go()
    assert stage.posts() == 2
    second.lock = dict(first.lock)
    return first, second


def test_clip_of_the_lock_is_used_while_the_gateway_has_it(stage: Stage) -> None:
    first, second = bought_by_both(stage)
    process = stage.begin(second)
    stage.world.go()
    assert (one(process).state, one(process).sha256) == (JobState.BUILT, next(iter(first.lock.values())).clip)
    again = stage.begin(second, RunRules())
    stage.world.go()
    assert (one(again).state, one(again).sha256, stage.posts()) == (JobState.CACHED, one(process).sha256, 2)


def test_otherwise_the_clip_of_the_store_is_used_without_paying(stage: Stage) -> None:
    _, second = bought_by_both(stage)
    stage.world.clock.monotonic_now += 31 * DAY
    process = stage.begin(second)
    stage.world.go()
    mine = next(row for row in second.ledger.all() if row.state is PurchaseState.DONE)
    assert (one(process).state, one(process).sha256) == (JobState.CACHED, mine.clip)
    assert next(iter(second.lock.values())).clip == mine.clip
    assert any("is no longer available" in notice for notice in process.notices)
    assert stage.posts() == 2


def test_t1_unpreventable_double_purchase_is_recorded_and_reported(stage: Stage) -> None:
    world = stage.set(Habits("second", newest=True), (2, "late"))
    world.late = 18.0
    world.gateway.habits = replace(world.gateway.habits, takes=60.0)
    machine = stage.machine(proven=True)
    process = stage.begin(machine)
    world.go()
    assert (one(process).state, stage.posts()) == (JobState.BUILT, 2), "delivered after the wait, to who makes a second"
    assert any("bought twice" in notice for notice in process.notices)
    assert machine.ledger.spent(Cap("all", Decimal(0), story=STORY)) == 2 * Decimal(PRICE)


def test_t1_resend_never_buys_once_but_stays_unknown(stage: Stage) -> None:
    world = stage.set(Habits("second"), (2, "late"))
    world.late = 18.0
    machine = stage.machine(proven=True)
    careful = RunRules(may_buy=True, resend="never")
    assert [stage.run(machine, careful).state for _ in range(2)] == [JobState.UNKNOWN, JobState.BUILT]
    assert stage.posts() == 1


def test_old_unsettled_unknown_adds_no_waiting(stage: Stage) -> None:
    world = stage.set(Habits(lookup=False))
    machine = stage.machine()
    killed(stage, machine, "reserve")
    world.clock.monotonic_now += 3600
    begun = world.clock.monotonic_now
    assert stage.run(machine).state is JobState.UNKNOWN
    assert world.clock.monotonic_now - begun < 1


def test_forbidden_lookup_does_not_prevent_polling(stage: Stage) -> None:
    stage.set(Habits(lookup=False), (1, "403"))
    assert stage.run(stage.machine()).state is JobState.BUILT
