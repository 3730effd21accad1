"""Three machines with one bucket, and trouble drawn by a seed: killed, cut off, away, delayed, gone for good."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.jobs.purchase_state import PurchaseState
from storyboard.run.result import JobResult, JobState
from storyboard.run.run_state import RunRules
from storyboard.store import Cap
from storyboard.store.gateway_traits import GatewayTraits, Lookup
from tests.support.gateway_model import PRICE, Habits
from tests.support.invariants import check
from tests.support.simulation import FAULTS, STORY, WHOSE, Process, disturb, jobs
from tests.support.team_simulation import TeamMachine, TeamWorld, billed_sum

BUSY = {"code": "006001094", "error_message": "no resources"}
POLICY = {"code": "1301", "error_message": "not with this content"}
MADE = {JobState.BUILT, JobState.CACHED}
NAMES = ("mei", "raj", "tom")


class TeamDrama:
    """One seed's team, and what happens to it."""

    def __init__(self, seed: int, folder: Path, template: Path) -> None:
        dice = self.dice = random.Random(seed)
        lookup = dice.choice(["works", "works", "late", "never"])
        habits = Habits(
            repeat=dice.choice(["409", "400", "old", "second", "409free"]),
            lookup=lookup != "never",
            shows_after=dice.choice([3.0, 9.0]) if lookup == "late" else 0.0,
            takes=dice.uniform(1.0, 40.0),
        )
        faults = {dice.randint(1, 60): dice.choice(FAULTS) for _ in range(dice.randint(0, 5))}
        self.world = TeamWorld(folder, template, habits, faults, seed)
        self.world.gateway.failures = [dice.choice([None, None, None, BUSY, POLICY]) for _ in range(6)]
        trouble = dice.choice([0.0, 0.03, 0.15])
        self.world.bucket_faults = {
            n: dice.choice(["cut", "late", "unsent"]) for n in range(1, 600) if dice.random() < trouble
        }
        now = self.world.clock.monotonic()
        for _ in range(dice.choice([0, 0, 1, 2])):
            begins = now + dice.uniform(0, 200)
            self.world.away.append((begins, begins + dice.uniform(5, 120)))
        self.jobs = jobs(dice.randint(1, 4))
        self.machines = [self.world.team_machine(name) for name in NAMES]
        self.proven = habits.lookup and dice.random() < 0.8
        if dice.random() < 0.5:  # one git remote, pulled before every build
            for machine in self.machines:
                machine.lock = self.machines[0].lock
        if self.proven:
            for machine in self.machines:
                machine.ledger.learn(WHOSE, GatewayTraits(Lookup.SEEN))
        self.most = dice.choice([None, None, dice.randint(1, len(self.jobs))])
        limit = Decimal(PRICE) * (self.most or 100)
        self.rules = RunRules(may_buy=True, caps=(Cap(".budget", limit, story=STORY),) if self.most else ())

    def play(self) -> None:
        for _ in range(self.dice.randint(2, 4)):
            self.act()
        gone = self.dice.choice([None, self.dice.choice(self.machines)])
        if gone is not None:
            gone.gone = True
        self.quiet()
        for _ in range(2):
            for machine in self.living:
                self.act_out(machine)
        if gone is not None:
            for job in self.jobs:
                self.world.take_over(job, [gone], self.living[0])
        for _ in range(2):
            for machine in self.living:
                self.act_out(machine)
        for machine in self.living:
            self.judge(self.act_out(machine))

    @property
    def living(self) -> list[TeamMachine]:
        return [machine for machine in self.machines if not machine.gone]

    def begin(self, machine: TeamMachine) -> Process:
        rules = replace(self.rules, concurrency=self.dice.randint(1, 4))
        return self.world.build(machine, self.jobs, rules)

    def act(self) -> None:
        """Some machines build at once; each is killed, suspended, asked to halt or left alone at some time."""
        processes = []
        for machine in self.dice.choices(self.machines, k=self.dice.randint(1, 4)):
            processes.append(self.begin(machine))
            self.world.go(self.dice.choice([0.0, 0.0, self.dice.uniform(0.0, 5.0)]))
        disturb(self.world, self.dice, processes, len(self.jobs))
        self.check()

    def quiet(self) -> None:
        """Nothing is disturbed any more."""
        self.world.faults.clear()
        self.world.bucket_faults.clear()
        self.world.away.clear()

    def act_out(self, machine: TeamMachine) -> Process:
        process = self.begin(machine)
        self.world.go()
        check(self.world, self.machines, process.results, self.jobs)
        self.check()
        for result in process.results.values():
            self.judge_unknown(machine, result)
        return process

    def check(self) -> None:
        check(self.world, self.machines, {}, self.jobs)
        if self.most is not None:
            assert billed_sum(self.world) <= self.most * Decimal(PRICE), "a cap was passed"
            assert self.world.purse().used() >= billed_sum(self.world), "the purse forgot something"

    def judge_unknown(self, machine: TeamMachine, result: JobResult) -> None:
        note = self.world.note(result.job)
        if result.state is not JobState.UNKNOWN or note is None:
            return
        for sender in note.may:
            assert sender.store == machine.store or sender.name in result.reason, f"{result.reason} hides {sender.name}"

    def judge(self, process: Process) -> None:
        """Every film is made, as far as that is possible: refused jobs, caps, and ids that cannot be looked up."""
        for result in process.results.values():
            refused = result.state is JobState.FAILED
            capped = self.most is not None and result.state is JobState.SKIPPED
            unknown = not self.proven and result.state is JobState.UNKNOWN
            assert result.state in MADE or refused or capped or unknown, (result.state, result.reason)
        machine = process.machine
        assert isinstance(machine, TeamMachine)
        assert machine.spool.count() == 0
        for row in machine.ledger.all():
            note = next(self.world.note(job) for job in self.jobs if job.content == row.content)
            if row.state is PurchaseState.DONE and note is not None and note.attempt == row.number:
                assert note.clip is not None, "the team does not have its clip"


@pytest.mark.parametrize("seed", range(30))
def test_team_buys_once_and_every_film_is_made(seed: int, tmp_path: Path, template: Path) -> None:
    TeamDrama(seed, tmp_path, template).play()


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 3000))
def test_team_buys_once_in_many_random_runs(seed: int, ledger_file: Callable[[], Path], template: Path) -> None:
    folder = ledger_file()
    folder.mkdir()
    TeamDrama(seed, folder, template).play()
