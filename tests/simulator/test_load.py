"""How much the simulator takes on: outside the everyday suite, by its own processor time, so that a busy machine does
not decide."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pytest

from storyboard.simulator import SimulatorConfig, serve
from storyboard.simulator.clips import SimulatedClips
from storyboard.simulator.server import RunningSimulator
from tests.support.gateway import Client, film, gateway

TASKS, POLLS = 1_000, 10_000
KEY = {"Authorization": "Bearer one"}


def polls(port: int, handles: list[str]) -> set[int]:
    connection = HTTPConnection("127.0.0.1", port)
    seen = set()
    for handle in handles:
        connection.request("GET", f"/model/v1/generation/task/{handle}", headers=KEY)
        reply = connection.getresponse()
        reply.read()
        seen.add(reply.status)
    connection.close()
    return seen


def thread_time(running: RunningSimulator) -> float:
    """Seconds that the server's own thread has worked."""
    (thread,) = (each for each in threading.enumerate() if each.name.startswith("simulator:"))
    ticks = [int(part) for part in _stat(thread.native_id or 0).rpartition(")")[2].split()[11:13]]
    return sum(ticks) / os.sysconf("SC_CLK_TCK")


def _stat(thread: int) -> str:
    with open(f"/proc/self/task/{thread}/stat", encoding="utf-8") as stat:  # noqa: PTH123
        return stat.read()


@pytest.mark.long
def test_a_thousand_polls_a_second_on_one_core() -> None:
    with serve(SimulatorConfig(take=600), clips=SimulatedClips(film)) as running:
        client = Client(running.gateway, now=running.clock.now())
        for number in range(TASKS):
            client.bought(f"Boat {number}.", f"sb-{number}")
        began = thread_time(running)
        port = int(running.url.rpartition(":")[2])
        handles = [f"sb-{number % TASKS}" for number in range(POLLS // 8)]
        with ThreadPoolExecutor(8) as pool:
            assert set.union(*pool.map(lambda _: polls(port, handles), range(8))) == {200}
        assert (thread_time(running) - began) / POLLS <= 0.001


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
