"""How much the simulator takes on: its work and its memory do not grow with what it has seen."""

from __future__ import annotations

import pytest

from tests.support.gateway import Client, gateway
from tests.support.work import steps


def test_work_of_a_poll_does_not_grow_with_the_tasks() -> None:
    client, work = Client(gateway(take=600)), []
    for before, after in ((0, 100), (100, 1_000)):
        for number in range(before, after):
            client.bought(f"Boat {number}.", f"sb-{number}")
        client.poll("sb-7")
        work.append(steps(lambda: client.poll("sb-7")))
    assert work[1] <= 1.1 * work[0]


@pytest.mark.long
@pytest.mark.posix("it has no `getrusage`")
def test_memory_is_bounded() -> None:
    import resource

    client = Client(gateway(max_tasks=2_000))
    grown = []
    for _ in range(3):
        for number in range(40_000):
            client.submit("A boat.", f"sb-{client.now}-{number}")
            client.now += 0.01
        grown.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    assert len(client.gateway.simulator.tasks) < 4_000
    assert grown[2] - grown[1] < 60_000, "kilobytes: what the book knows of 40,000 ids, and nothing of their tasks"
