"""A run of ours as a process of its own: `buyer.py ORDERS URL FOLDER`. Its exit code says whether all was bought."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from storyboard.jobs.job import Job
from storyboard.jobs.lockfile import read_lock
from storyboard.jobs.request import Request, RequestedShot
from storyboard.plan.steps import Plan, Step
from storyboard.providers.kirin.gateway import Kirin
from storyboard.run.credentials import account_of
from storyboard.run.executor import run
from storyboard.run.http_client import HttpClient
from storyboard.run.run_state import RunRules
from storyboard.run.world import Machine
from storyboard.store import LocalStore, StoryRef
from storyboard.store.job_status import Verdict

KEY = "sk-bench"


def _step(number: int, payload: dict[str, Any], price: Decimal) -> Step:
    content = hashlib.sha256(json.dumps(payload).encode()).hexdigest()
    request = Request(payload["model"], (RequestedShot(payload["prompt"], int(payload["duration"])),))
    job = Job(f"river#{number}", "river", (), request, content, 1, content)
    return Step(job.id, content, Verdict.BUY, "new", job.seconds, price, job, worth=price)


async def _bought(orders: dict[str, Any], url: str, folder: Path) -> bool:
    store, lock_file = LocalStore(folder / "store"), folder / "river.story.lock"
    price = Decimal(orders["price"])
    steps = tuple(_step(number, payload, price) for number, payload in enumerate(orders["payloads"]))
    async with Machine(HttpClient(Kirin(url), KEY, together=orders["together"])) as machine:
        result = await run(
            Plan("kirin", steps),
            Kirin(url, "generation"),
            store,
            machine,
            rules=RunRules(may_buy=True, concurrency=orders["together"]),
            story=StoryRef("/films", "river.story"),
            account=account_of(KEY, store.ledger.salt()),
            lock=read_lock(lock_file),
            lock_file=lock_file,
        )
    return result.complete and result.paid == price * len(steps)


def main() -> None:
    """Buys everything."""
    orders = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.exit(not asyncio.run(_bought(orders, sys.argv[2], Path(sys.argv[3]))))


if __name__ == "__main__":
    main()
