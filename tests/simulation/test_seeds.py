"""Many jobs, several runs, machines that work in turn, and trouble drawn by a seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from storyboard.run.result import JobState
from storyboard.run.run_state import RunRules
from storyboard.store.gateway_traits import GatewayTraits, Lookup
from tests.support.gateway_model import Habits
from tests.support.invariants import check
from tests.support.simulation import FAULTS, WHOSE, Machine, Process, World, disturb, jobs

BUSY = {"code": "006001094", "error_message": "no resources"}
POLICY = {"code": "1301", "error_message": "not with this content"}
ENDS = {JobState.BUILT, JobState.CACHED, JobState.FAILED}


class Drama:
    """One seed's world, and what happens in it."""

    def __init__(self, seed: int, template: Path, ledger_file: Callable[[], Path]) -> None:
        self.dice = random.Random(seed)
        habits = Habits(
            repeat=self.dice.choice(["409", "400", "old", "second", "409free"]),
            lookup=self.dice.random() < 0.8,
            shows_after=self.dice.choice([0.0, 0.0, 3.0, 9.0]),
            takes=self.dice.uniform(1.0, 40.0),
        )
        faults = {self.dice.randint(1, 40): self.dice.choice(FAULTS) for _ in range(self.dice.randint(0, 5))}
        self.world = World(habits, faults, seed)
        self.world.gateway.failures = [self.dice.choice([None, None, None, BUSY, POLICY]) for _ in range(6)]
        self.world.expired = {self.dice.randint(1, 6) for _ in range(self.dice.randint(0, 2))}
        self.jobs = jobs(self.dice.randint(1, 4))
        self.machines = [self.world.machine(template, ledger_file()) for _ in range(self.dice.randint(1, 2))]
        self.proven = habits.lookup and self.dice.random() < 0.7
        for machine in self.machines[1:]:
            machine.lock = self.machines[0].lock
        if self.proven:
            for machine in self.machines:
                machine.ledger.learn(WHOSE, GatewayTraits(Lookup.SEEN))

    def play(self) -> None:
        for _ in range(self.dice.randint(1, 3)):
            machine = self.dice.choice(self.machines)
            self.act([self.begin(machine) for _ in range(self.dice.randint(1, 3))])
        for machine in self.machines:
            self.act_out(machine)
        honest = ENDS if self.proven else ENDS | {JobState.UNKNOWN}
        for machine in self.machines:
            states = {result.state for result in self.act_out(machine).results.values()}
            assert states <= honest

    def begin(self, machine: Machine) -> Process:
        return self.world.start(machine, self.jobs, rules=RunRules(may_buy=True, concurrency=self.dice.randint(1, 4)))

    def act(self, processes: list[Process]) -> None:
        """Each is killed, suspended, asked to halt or left alone, at some time; then all come to their end."""
        disturb(self.world, self.dice, processes, len(self.jobs))
        for process in processes:
            last = process.results if len(processes) == 1 else {}
            check(self.world, self.machines, last, self.jobs)

    def act_out(self, machine: Machine) -> Process:
        """A run that nothing disturbs any more. Another machine's open intent stays unknown until that one has run."""
        self.world.faults.clear()
        self.world.expired.clear()
        process = self.begin(machine)
        self.world.go()
        check(self.world, self.machines, process.results)
        return process


@pytest.mark.parametrize("seed", range(60))
def test_invariants_hold_in_random_runs(seed: int, template: Path, ledger_file: Callable[[], Path]) -> None:
    Drama(seed, template, ledger_file).play()


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 4000))
def test_invariants_hold_in_many_random_runs(seed: int, template: Path, ledger_file: Callable[[], Path]) -> None:
    Drama(seed, template, ledger_file).play()
