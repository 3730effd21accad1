"""`python -m bench.team`: what a team's bucket and a farm's ledger cost, as a table in Markdown.

It starts its own servers.
The requests to the bucket are counted, so they are the same on every machine; the rest is measured.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from storyboard.cluster.job_queue import TakenJob
from storyboard.cluster.ledger import PostgresLedger
from storyboard.cluster.reservation import SendPermission
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.simulator import SimulatorConfig, serve
from tests.support.attempts import an_attempt
from tests.support.buckets import fresh_bucket, s3_server
from tests.support.cli import Cli
from tests.support.farm import Farm, wanted
from tests.support.postgres import running_server
from tests.support.shop import SETTINGS, Shop

JOBS = 20
"""Jobs that are bought with a bucket."""
DELAY = 0.05
"""Seconds that each request to the bucket takes, as from an office to a vendor's region."""
QUEUE = 100_000
"""Jobs in the ledger's line."""
BOUGHT = 400
"""Jobs that are bought through the ledger, to measure how many a second."""
COLUMNS = (
    "SELECT column_name FROM information_schema.columns WHERE table_schema = 'storyboard' AND table_name = 'attempts'"
)


def story(jobs: int, budget: str = "") -> str:
    """A story of so many jobs, one scene each."""
    head = f'story "Counted"\n  .model kirin_v3_t2v\n{budget}'
    return head + "".join(f"\nscene s{n}\nshot a 3s\n  A boat, number {n}.\n" for n in range(jobs))


def requests_a_job(folder: Path, budget: str) -> Counter[str]:
    """What each job bought asks of the bucket: reads and writes of small objects, and clips."""
    with s3_server() as upstream, pytest.MonkeyPatch.context() as patch, fresh_bucket(upstream, patch) as bucket:
        for name in ("work", "home"):
            (folder / name).mkdir(parents=True)
        with serve(SimulatorConfig(take=0.05)) as gateway:
            shop = Shop(
                Cli(folder / "work", folder / "home"), gateway, environment={"STORYBOARD_CLIPS": bucket.address}
            )
            shop.cli.write("storyboard.toml", f'project = "lantern"\n{SETTINGS}')
            shop.cli.write("lanterns.story", story(1, budget))
            shop.build("--yes")
            bucket.faults.seen.clear()
            bucket.faults.delay = DELAY
            shop.cli.write("lanterns.story", story(1 + JOBS, budget))
            jobs = shop.build("--yes")
            assert sum(job["state"] == "built" for job in jobs.values()) == JOBS
            return Counter(kind for method, path in bucket.faults.seen if (kind := kind_of(method, path)))


def kind_of(method: str, path: str) -> str:
    """What a request counts as; "" for what is asked once a build."""
    found = re.search(r"/(notes|clips|purses)/", path)
    if found is None:
        return "once a build"
    how = "write" if method == "PUT" else "read"
    return f"{how} of {found[1]}"


def bought(ledger: PostgresLedger, key: str) -> None:
    """One job through the ledger, after it was taken: reserve, hear, settle, release."""
    assert isinstance(ledger.join(an_attempt(key), (), 0), SendPermission)
    ledger.heard(an_attempt(key, task=f"task-{key}"))
    ledger.settle(an_attempt(key, state=PurchaseState.DONE, task=f"task-{key}", clip="a" * 64))
    ledger.release(key, done=True)


def rate(farm: Farm, workers: int, jobs: int, name: Iterator[int]) -> float:
    """Jobs a second that so many workers buy, each with a session of its own."""
    machines = [farm.machine(f"w{next(name)}", "mei") for _ in range(workers)]

    def work(ledger: PostgresLedger) -> None:
        for _ in range(jobs // workers):
            taken = ledger.take()
            assert isinstance(taken, TakenJob)
            bought(ledger, taken.key)

    begun = time.monotonic()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, machines))
    return jobs / (time.monotonic() - begun)


def seconds_of(work: Callable[[], object]) -> float:
    """How long something takes."""
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def ledger_rows(folder: Path) -> Iterator[tuple[str, str]]:
    """What is measured of a ledger with a long line."""
    with running_server() as server:
        with server.connect() as connection:
            connection.execute("CREATE DATABASE farm")
        with closing(Farm(server.address("farm"), folder)) as farm:
            names = count()
            mei = farm.machine()
            mei.want(wanted(*(f"first-{n}" for n in range(2 * BOUGHT))))
            yield "one worker, a short line", f"{rate(farm, 1, BOUGHT, names):.0f} jobs a second"
            yield "four workers, a short line", f"{rate(farm, 4, BOUGHT, names):.0f} jobs a second"
            half = QUEUE // 2
            took = seconds_of(lambda: mei.want(wanted(*(f"mei-{n:06}" for n in range(half)))))
            yield f"{half:,} jobs put in line", f"{took:.1f} s"
            tom = farm.machine("tom@desk", "tom")
            tom.want(wanted(*(f"tom-{n}" for n in range(5)), person="tom"))
            order = [next_key(mei) for _ in range(40)]
            others = sum(not key.startswith("tom") for key in order[: max(map(order.index, toms(order))) + 1])
            yield f"five jobs of one person behind {half:,} of another", f"{others} other jobs went first"
            mei.want(wanted(*(f"more-{n:06}" for n in range(half)), person="ann"))
            yield f"one worker, {QUEUE:,} jobs in line", f"{rate(farm, 1, BOUGHT, names):.0f} jobs a second"
            yield f"four workers, {QUEUE:,} jobs in line", f"{rate(farm, 4, BOUGHT, names):.0f} jobs a second"
            columns = [str(name) for (name,) in farm.sql(COLUMNS)]
            copied = ", ".join("'old-' || n" if name in ("key", "external_id", "task") else name for name in columns)
            farm.sql(
                f"INSERT INTO storyboard.attempts ({', '.join(columns)}) SELECT {copied} "
                "FROM (SELECT * FROM storyboard.attempts LIMIT 1) one, generate_series(1, %s) n",
                QUEUE,
            )
            yield (
                f"one worker, {QUEUE:,} attempts in the ledger too",
                f"{rate(farm, 1, BOUGHT, names):.0f} jobs a second",
            )


def toms(order: list[str]) -> list[str]:
    """Tom's five jobs."""
    found = [key for key in order if key.startswith("tom")]
    assert len(found) == 5
    return found


def next_key(ledger: PostgresLedger) -> str:
    """Buy the next job in line."""
    taken = ledger.take()
    assert taken is not None
    bought(ledger, taken.key)
    return taken.key


def main() -> None:
    """Print the table, line by line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("| | |\n|---|---|")
        for words, budget in (("without a budget", ""), ("with a budget", "  .budget 900 USD\n")):
            found = requests_a_job(folder / words.replace(" ", "-"), budget)
            told = ", ".join(
                f"{number / JOBS:g} {kind}" for kind, number in sorted(found.items()) if "once" not in kind
            )
            print(f"| requests to the bucket for each job bought, {words} | {told} |", flush=True)
        for row in ledger_rows(folder):
            print(f"| {row[0]} | {row[1]} |", flush=True)


if __name__ == "__main__":
    main()
