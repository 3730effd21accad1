"""Workers that are killed and stopped at random, on an account with slots, a rate and a budget: what the gateway saw.

Nothing is paid twice, no limit is passed, and every job ends.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from storyboard.simulator.faults import FaultRule
from storyboard.simulator.messages import Operation
from tests.cluster.test_worker import YES, open_jobs, without_stories
from tests.support.farm import Farm, charged, check_sums
from tests.support.shop import SETTINGS, Shop
from tests.support.waiting import PATIENCE, until

PRICE = Decimal("0.252")
"""Of a job of 3 s, in US dollars."""
SLOTS, EVERY = 2, 0.25
AT_ONCE = 2
"""Jobs that one worker has at once."""
PERMITTED = 2.5
"""Seconds from a reservation to its request: a permission lasts two."""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a worker runs on POSIX systems only")


class Worker:
    """One worker of the farm, under a name that each of its processes takes over from the one before."""

    def __init__(self, machine: Shop, name: str) -> None:
        self.machine = machine
        self.name = name
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, unless it runs."""
        if self.process is not None and self.process.poll() is None:
            return
        command = ["-m", "storyboard", "worker", "--name", self.name, "--concurrency", f"{AT_ONCE}", "--grace", "30"]
        self.process = subprocess.Popen(
            [sys.executable, *command],
            cwd=self.machine.cli.folder,
            env={**self.machine.cli.environment, **self.machine.env},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, where it runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def end(self, number: signal.Signals) -> None:
        """End it, and wait for that."""
        self.send(signal.SIGCONT)
        self.send(number)
        if self.process is not None:
            self.process.wait(PATIENCE)


@contextmanager
def workers_on(shop: Shop, folder: Path, count: int = 3) -> Iterator[list[Worker]]:
    farm = [Worker(without_stories(shop, folder / f"worker-{n}"), f"farm-{n}") for n in range(count)]
    try:
        yield farm
    finally:
        for worker in farm:
            worker.end(signal.SIGKILL)


def write_film(shop: Shop, jobs: int, budget: Decimal) -> None:
    scenes = "".join(f"\nscene s{number}\nshot a 3s\n  Lamp {number} glows in the dark.\n" for number in range(jobs))
    shop.cli.write("lanterns.story", f'story "Lamps"\n  .model kirin_v3_t2v\n{scenes}')
    shop.cli.write("storyboard.toml", f'project = "lantern"\nbudget = {budget}\n{SETTINGS}')


def spent(farm: Farm) -> Decimal:
    """What the ledger counts against the budget now: what is reserved and what was charged, in US dollars."""
    [(amount,)] = farm.sql("SELECT coalesce(sum(spent), 0)::bigint FROM storyboard.purses WHERE kind = 'project'")
    return Decimal(amount) / 1_000_000_000


def run_in_trouble(shop: Shop, farm: Farm, folder: Path, *, jobs: int, affordable: int, steps: int, seed: int) -> None:
    """Buy a film whose budget is too small with workers in trouble; then the rest, with a budget for all."""
    dice = random.Random(seed)
    budget = PRICE * affordable + Decimal("0.1")
    write_film(shop, jobs, budget)
    shop.behave(take=0.9, duplicates="second", show_after=0.2)
    shop.gateway.stage(FaultRule("lost-reply", operations=(Operation.SUBMIT,)))
    shop.build(YES, "--only", "s0")  # it learns that tasks can be looked up
    assert shop("worker", "limits", "--tasks", f"{SLOTS}", "--every", f"{EVERY}").code == 0
    shop.build(YES, "--detach", code=6)
    stops = 0
    with workers_on(shop, folder) as workers:
        for worker in workers:
            worker.start()
        until(lambda: shop.posts > 1)
        for _ in range(steps):
            worker = dice.choice(workers)
            match dice.choice(("start", "kill", "kill", "stop", "go on")):
                case "start":
                    worker.start()
                case "kill":
                    worker.end(signal.SIGKILL)
                    worker.start()
                case "stop":
                    stops += 1
                    worker.send(signal.SIGSTOP)
                case "go on":
                    worker.send(signal.SIGCONT)
            assert spent(farm) <= budget
            time.sleep(dice.uniform(0.1, 1.0))
        for worker in workers:
            worker.send(signal.SIGCONT)

        def all_jobs_ended() -> bool:
            assert spent(farm) <= budget
            for worker in workers:
                worker.start()  # a name is refused while the session of the process before is ending
            return not open_jobs(farm)

        until(all_jobs_ended)
        for worker in workers:
            worker.end(signal.SIGTERM)
    assert shop.paid == charged(farm) == PRICE * affordable
    check_limits(shop, farm, stops)

    write_film(shop, jobs, PRICE * jobs)
    assert set(shop.states(YES).values()) <= {"built", "cached"}
    assert shop.paid == charged(farm) == PRICE * jobs
    totals = shop.gateway.totals()
    assert not totals.bought_twice and not totals.same_order
    assert farm.sql("SELECT DISTINCT state, may FROM storyboard.attempts WHERE state <> 'withdrawn'") == [("done", [])]
    check_limits(shop, farm, stops)
    check_sums(farm)


def check_limits(shop: Shop, farm: Farm, stops: int) -> None:
    """No more tasks at once than slots, and the rate, in the gateway's own book.

    A reservation is made when the rate allows it, and its request leaves within the two seconds of its permission; a
    process that was stopped in between may send later, if the record is still as it left it.
    """
    book = shop.gateway.book.entries
    running = most = 0
    for entry in book("task", "end"):
        running += 1 if entry.what == "task" else -1
        most = max(most, running)
    assert most <= SLOTS

    found = farm.sql("SELECT external_id, extract(epoch FROM joined_at)::float8 FROM storyboard.attempts ORDER BY 2")
    reserved = {str(name): float(at) for name, at in found}
    first, *limited = reserved.values()
    assert all(later - earlier >= EVERY for earlier, later in pairwise(limited)), reserved
    posts = [(entry.at / 1000, entry.external_id or "") for entry in book("post")]
    late = [at for at, name in posts if at - reserved[name] > PERMITTED]
    assert len(late) <= stops * AT_ONCE
    in_time = sorted(at for at, _ in posts if at not in late and at > first + PERMITTED)
    for number, begun in enumerate(in_time):
        for more, ended in enumerate(in_time[number:]):
            assert ended - begun >= more * EVERY - PERMITTED


def test_three_workers_in_trouble_keep_slots_rate_and_budget(shop: Shop, farm: Farm, tmp_path: Path) -> None:
    run_in_trouble(shop, farm, tmp_path, jobs=6, affordable=5, steps=5, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_three_workers_in_long_trouble_keep_slots_rate_and_budget(
    shop: Shop, farm: Farm, tmp_path: Path, seed: int
) -> None:
    run_in_trouble(shop, farm, tmp_path, jobs=24, affordable=20, steps=40, seed=seed)
