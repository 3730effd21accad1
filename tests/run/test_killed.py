"""Real processes, killed for real, against a gateway on a real socket: what is paid is in the ledger, to the cent."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.simulator.config import SimulatorConfig
from storyboard.simulator.server import RunningSimulator, serve
from storyboard.store import Cap, LocalStore
from tests.support.builder import STORY
from tests.support.waiting import PATIENCE

ROUNDS = 12


@pytest.fixture
def gateway() -> Iterator[RunningSimulator]:
    with serve(SimulatorConfig(take=0.5, duplicates="second", show_after=0.2)) as running:
        yield running


def begin(folder: Path, url: str, prompts: list[str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.support.builder", str(folder), url, *prompts]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def end(process: subprocess.Popen[str]) -> list[str]:
    output, _ = process.communicate(timeout=PATIENCE)
    states: list[str] = json.loads(output)["states"]
    return states


def spent(folder: Path) -> Decimal:
    store = LocalStore(folder)
    try:
        return store.ledger.spent(Cap("all", Decimal(0), story=STORY))
    finally:
        store.close()


def test_a_dozen_kills_buy_nothing_twice_and_lose_nothing(gateway: RunningSimulator, tmp_path: Path) -> None:
    dice = random.Random(7)
    folder = tmp_path / "store"
    assert end(begin(folder, gateway.url, ["First of all."])) == ["built"], "a look-up has been seen to work"
    prompts = [f"Boat {number}." for number in range(ROUNDS)]
    for number in range(ROUNDS):
        process = begin(folder, gateway.url, prompts[: number + 1])
        time.sleep(dice.uniform(0.0, 1.2))
        process.kill()
        process.communicate()
    assert set(end(begin(folder, gateway.url, prompts))) <= {"built", "cached"}
    totals = gateway.totals()
    assert not totals.bought_twice
    assert not totals.same_order
    assert sum(each.billed_tasks for each in totals.accounts.values()) == ROUNDS + 1
    assert spent(folder) == totals.paid


def test_four_builds_at_once_on_one_store_buy_each_job_once(gateway: RunningSimulator, tmp_path: Path) -> None:
    prompts = [f"Boat {number}." for number in range(8)]
    builds = [begin(tmp_path / "store", gateway.url, prompts) for _ in range(4)]
    states = [end(build) for build in builds]
    assert {state for each in states for state in each} <= {"built", "cached"}
    assert sum(state == "built" for each in states for state in each) == len(prompts)
    totals = gateway.totals()
    assert not totals.same_order
    assert sum(each.posts for each in totals.accounts.values()) == len(prompts)
    assert spent(tmp_path / "store") == totals.paid
