"""A build as a process of its own, which a test may kill: `python -m tests.support.builder STORE URL PROMPT …`."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from storyboard.jobs.lockfile import read_lock
from storyboard.providers.kirin.dialects import DialectName
from storyboard.providers.kirin.gateway import Kirin
from storyboard.run.admission import Halt
from storyboard.run.callbacks import Listener
from storyboard.run.credentials import account_of
from storyboard.run.events import Event
from storyboard.run.executor import run
from storyboard.run.http_client import HttpClient
from storyboard.run.result import RunResult
from storyboard.run.run_state import RunRules
from storyboard.run.world import Machine
from storyboard.store import LocalStore, StoryRef
from tests.support.fakes import a_job, a_plan

KEY = "sk-of-the-tests"
STORY = StoryRef("/films", "river.story")
PRICE = Decimal("0.42")
"""Of five seconds, by the card."""


async def build(
    store: LocalStore,
    url: str,
    prompts: list[str],
    rules: RunRules,
    *,
    key: str = KEY,
    dialect: DialectName = "generation",
    events: list[Event] | None = None,
    listening: bool = False,
) -> RunResult:
    """Buys a clip for each prompt; the lock lies in the store's folder. `listening` has the gateway call back."""
    plan = a_plan(*(a_job(n, prompt) for n, prompt in enumerate(prompts, 1)), provider="kirin", estimate=str(PRICE))
    lock_file = store.folder / "river.story.lock"
    halt = Halt()
    async with Machine(HttpClient(Kirin(url, dialect), key)) as machine, AsyncExitStack() as stack:
        if listening:
            listener = await stack.enter_async_context(Listener(halt.wakeup, "127.0.0.1"))
            rules = replace(rules, callback_url=listener.url)
        return await run(
            plan,
            Kirin(url, dialect),
            store,
            machine,
            rules=rules,
            story=STORY,
            halt=halt,
            account=account_of(key, store.ledger.salt()),
            lock=read_lock(lock_file),
            lock_file=lock_file,
            notify=(events if events is not None else []).append,
        )


def main() -> None:
    """Prints the state of each job, and what was paid."""
    folder, url, *prompts = sys.argv[1:]
    store = LocalStore(Path(folder))
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    result = asyncio.run(build(store, url, prompts, RunRules(may_buy=True, wait=1.0, first_poll=0.05)))
    sys.stdout.write(json.dumps({"states": [job.state for job in result.jobs], "paid": str(result.paid)}))


if __name__ == "__main__":
    main()
