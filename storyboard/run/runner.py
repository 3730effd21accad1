"""The one loop that buys or makes, waits for and keeps the clips of every provider."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path

from storyboard.errors import ExitCode, StoreError
from storyboard.jobs.job import Job
from storyboard.jobs.lock import EMPTY_LOCK, Lock
from storyboard.jobs.purchase_history import last_attempts
from storyboard.plan.steps import Plan, Step, StepState
from storyboard.providers.protocol import Provider
from storyboard.run.bells import Bells
from storyboard.run.clock import Clock
from storyboard.run.context import Context, Stop, Wanted
from storyboard.run.driver import Driver
from storyboard.run.events import Notify, ignore
from storyboard.run.gate import Gate
from storyboard.run.halt import Halt
from storyboard.run.insight import Insight
from storyboard.run.lockbook import LockBook, LockFile, NoLock
from storyboard.run.result import JobResult, JobState, RunResult
from storyboard.run.rules import NO_STORY, Rules
from storyboard.run.turns import Turns
from storyboard.run.world import World
from storyboard.store import Attempt, Store, StoryRef, Whose
from storyboard.store.sqlite.ledger import REBUILT

NO_KEY = "No API key. Set STORYBOARD_API_KEY, or run: storyboard build … --provider animatic (free, local)"


async def run(
    plan: Plan,
    provider: Provider,
    store: Store,
    world: World,
    *,
    rules: Rules = Rules(),  # noqa: B008
    story: StoryRef = NO_STORY,
    account: str = "",
    lock: Lock = EMPTY_LOCK,
    lock_file: Path | None = None,
    notify: Notify = ignore,
    halt: Halt | None = None,
) -> RunResult:
    """Gets the clip of every job that the plan wants; a key that occurs twice is made once.

    `account` is the key's fingerprint, "" without a key; `lock` is the lock as read, `lock_file` where it is written
    (None: nowhere). Never raises the world's trouble: it is in the result. Bugs propagate.
    """
    whose = Whose(provider.name, provider.base_url, provider.dialect, account)
    begun = partial(
        begin,
        provider=provider,
        store=store,
        clock=world.clock,
        rules=rules,
        story=story,
        whose=whose,
        run=uuid.uuid4().hex,
        notify=notify,
        halt=halt or Halt(),
        bells=world.bells,
    )
    context = await world.disk(begun)
    book = LockFile(lock_file) if provider.pays and lock_file is not None else NoLock()
    return await finish(context, plan, world, book, lock)


async def finish(context: Context, plan: Plan, world: World, book: LockBook, lock: Lock) -> RunResult:
    """Carries out what was begun."""
    wanted = list(_wanted(plan, context.provider, lock))
    context.past = await world.disk(lambda: _past(context, [each.key for each in wanted]))
    results = await Driver(context, world, book).all(wanted)
    jobs = tuple(_result_of(step, step.job, results) for step in plan.steps if step.job is not None)
    return RunResult(jobs, sum(context.paid.values(), Decimal(0)), tuple(context.notices))


def begin(
    *,
    provider: Provider,
    store: Store,
    clock: Clock,
    rules: Rules,
    story: StoryRef,
    whose: Whose,
    run: str,
    notify: Notify,
    halt: Halt,
    gate: Gate | None = None,
    insight: Insight | None = None,
    turns: Turns | None = None,
    bells: Bells | None = None,
) -> Context:
    """What the jobs of a run share, by what the store knows already.

    Runs of several stories with one `run` share the caps on it, and may share gate, insight and turns.
    """
    context = Context(
        provider=provider,
        store=store,
        clock=clock,
        rules=replace(rules, caps=store.ledger.narrowed(rules.caps)),
        story=story,
        whose=whose,
        run=run,
        notify=notify,
        halt=halt,
        gate=gate or Gate(provider.together or rules.concurrency),
        turns=turns or Turns(),
        bells=bells or Bells(),
        insight=insight or Insight(store.ledger.known(whose)),
        rebuilding=store.ledger.rebuilt,
    )
    if provider.pays and not whose.account:
        context.stopped = Stop(NO_KEY, ExitCode.ACCESS)  # told by the jobs that need one, if any does
    if provider.pays and context.rebuilding:
        context.stop(f"the ledger was damaged and set aside; {REBUILT}", ExitCode.JOB_FAILED)
    return context


def _wanted(plan: Plan, provider: Provider, lock: Lock) -> Iterable[Wanted]:
    """What runs already comes first, so that it is fetched while the rest is bought in story order."""
    steps: dict[str, Step] = {}
    last = last_attempts(lock.past)
    for step in plan.steps:
        if step.job is not None and (step.wanted or step.state is StepState.CACHED):
            steps[step.key] = step if step.wanted else steps.get(step.key, step)
    for step in sorted(steps.values(), key=lambda step: step.state is not StepState.RUNNING):
        assert step.job is not None
        block = lock.blocks.get(step.job.content)
        mine = block if block is not None and block.provider == provider.name else None
        yield Wanted(step.key, step.job, step.worth, mine, not step.wanted, last.get(step.key, 0))


def _past(context: Context, keys: Sequence[str]) -> dict[str, tuple[Attempt, ...]]:
    """Read at once. Where that cannot be, each job says so itself."""
    try:
        return dict(context.store.ledger.history(keys))
    except StoreError:
        return {}


def _result_of(step: Step, job: Job, results: Mapping[str, JobResult]) -> JobResult:
    found = results.get(step.key)
    if found is None:
        return JobResult(job, step.key, JobState.SKIPPED, "left out by --only")
    return replace(found, job=job)
