from __future__ import annotations

import asyncio
import random

import pytest

from storyboard.run.admission import SystemClock, Wakeup
from storyboard.run.policy import DUE, QUICKEST, SLOWEST, SPARSEST, next_poll
from storyboard.run.run_state import RunRules
from tests.support.waiting import PATIENCE

FIRST = RunRules().first_poll


def asked(takes: float, usual: list[float], together: int = 1, seed: int = 1) -> list[float]:
    """At which ages a task is asked about, the last being when it is seen to be done."""
    chance, ages = random.Random(seed), [0.0]
    while ages[-1] < takes:
        ages.append(ages[-1] + next_poll(ages[-1], usual, chance.random(), FIRST, together))
    return ages[1:]


@pytest.mark.parametrize("takes", [4.0, 30.0, 120.0, 4080.0])
def test_task_of_usual_duration_is_polled_rarely_and_seen_soon(takes: float) -> None:
    usual = [takes * share for share in (0.9, 0.95, 1.0, 1.05, 1.1)]
    seen = [asked(takes, usual, seed=seed) for seed in range(50)]
    assert sorted(map(len, seen))[25] <= 4 + takes / SPARSEST
    assert sorted(ages[-1] / takes - 1 for ages in seen)[25] <= 0.05


def test_many_tasks_of_unknown_duration_are_each_polled_less_often() -> None:
    alone, among = asked(30.0, []), asked(30.0, [], together=200)
    assert len(among) < len(alone) / 2
    assert max(b - a for a, b in zip([0.0, *alone], alone, strict=False)) < 0.25 * 30


def test_overdue_task_is_polled_at_growing_but_bounded_intervals() -> None:
    assert next_poll(30.0 * DUE + 1, [30.0], 0.5, FIRST) > next_poll(30.0 * DUE - 1, [30.0], 0.5, FIRST)
    assert next_poll(7000.0, [30.0], 1.0, FIRST) <= SLOWEST * 1.25


def test_first_poll_comes_when_the_settings_say_but_never_at_once() -> None:
    assert [next_poll(0.0, [], 0.5, first) for first in (0.0, 0.2, 3.0)] == pytest.approx([QUICKEST, 0.2, 3.0])
    assert next_poll(0.0, [0.001], 0.5, 0.0) > 0
    assert next_poll(9.0, [0.001], 0.5, 0.0) >= QUICKEST


async def test_every_listener_for_a_name_is_notified() -> None:
    wakeup, clock = Wakeup(), SystemClock()
    waits = [asyncio.create_task(wakeup.wait_for([name, "both"], 60.0, clock)) for name in ("a", "b")]
    await asyncio.sleep(0)
    wakeup.ring(["both"])
    await asyncio.wait_for(asyncio.gather(*waits), PATIENCE)
    wakeup.ring(["a", "b", "both"])
