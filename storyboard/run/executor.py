"""The loop that obtains the clips of a run from any provider: it buys or renders, waits, and stores."""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from storyboard.errors import ExitCode, StoreError, StoryboardError
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.jobs.job import Job
from storyboard.jobs.lock import EMPTY_LOCK, Lock
from storyboard.jobs.purchase_history import last_attempts
from storyboard.plan.steps import Plan, Step
from storyboard.providers.protocol import Provider
from storyboard.run.admission import ADMISSION, HALTED, Allowance, Clock, Gate, Halt, Turns
from storyboard.run.effects import (
    Ask,
    AskTeam,
    AwaitTurn,
    Disk,
    Effect,
    Get,
    Listen,
    Make,
    Pause,
    TakeClaim,
    WriteLock,
)
from storyboard.run.events import Ended, Notify, ignore
from storyboard.run.flow import obtain
from storyboard.run.journal import Journal, LockFile, LockWriter, NoLock
from storyboard.run.purchase import Purchase
from storyboard.run.result import JobResult, JobState, RunResult
from storyboard.run.run_state import NO_STORY, GatewayInsight, RunRules, RunState, StopReason
from storyboard.run.shared_record import SharedRecord
from storyboard.run.world import World
from storyboard.store import Attempt, Store, StoryRef, Whose
from storyboard.store.interface import Claim
from storyboard.store.job_status import Verdict
from storyboard.store.sqlite.ledger import REBUILT

NO_KEY = "No API key. Set STORYBOARD_API_KEY, or run: storyboard build … --provider animatic (free, local)"


async def run(
    plan: Plan,
    provider: Provider,
    store: Store,
    world: World,
    *,
    rules: RunRules = RunRules(),  # noqa: B008
    story: StoryRef = NO_STORY,
    account: str = "",
    lock: Lock = EMPTY_LOCK,
    lock_file: Path | None = None,
    notify: Notify = ignore,
    halt: Halt | None = None,
) -> RunResult:
    """Get the clip of every job that the plan wants; a key that occurs twice is made once.

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
        run_id=uuid.uuid4().hex,
        notify=notify,
        halt=halt or Halt(),
    )
    lock_writer = LockFile(lock_file) if provider.pays and lock_file is not None else NoLock()
    return await finish(await world.disk(begun), plan, world, lock_writer, lock)


async def finish(run: RunState, plan: Plan, world: World, lock_writer: LockWriter, lock: Lock) -> RunResult:
    """Carry out what was begun."""
    purchases = list(_purchases(run, plan, lock))
    run.past, run.clips = await world.disk(lambda: _looked_up(run, purchases))
    results = await Executor(run, world, Journal(run.store.ledger, world.disk, lock_writer)).all(purchases)
    jobs = tuple(_result_of(step, step.job, results) for step in plan.steps if step.job is not None)
    paid, reserved = (sum(each.values(), Decimal(0)) for each in (run.paid, run.unstated))
    return RunResult(jobs, paid, reserved, tuple(run.notices))


def begin(
    *,
    provider: Provider,
    store: Store,
    clock: Clock,
    rules: RunRules,
    story: StoryRef,
    whose: Whose,
    run_id: str,
    notify: Notify,
    halt: Halt,
    gate: Gate | None = None,
    insight: GatewayInsight | None = None,
    turns: Turns | None = None,
    allowance: Allowance | None = None,
    shared: SharedRecord | None = None,
) -> RunState:
    """Return what the jobs of a run share, by what the store knows already.

    Runs of several stories with one `run_id` share the caps on it, and may share gate, insight, turns and allowance.
    """
    run = RunState(
        provider=provider,
        store=store,
        clock=clock,
        rules=replace(rules, caps=store.ledger.narrowed(rules.caps)),
        story=story,
        whose=whose,
        id=run_id,
        notify=notify,
        halt=halt,
        gate=gate or Gate(provider.together or rules.concurrency, halt.wakeup),
        turns=turns or Turns(halt.wakeup),
        allowance=allowance or Allowance(rules.agreed),
        insight=insight or GatewayInsight(store.ledger.known(whose)),
        rebuilding=store.ledger.rebuilt,
        shared=shared,
    )
    if provider.pays and not whose.account:
        run.stopped = StopReason(NO_KEY, ExitCode.ACCESS)  # told by the jobs that need one, if any does
    why = store.unproven() if provider.pays and rules.may_buy and run.stopped is None else None
    if why is not None:
        run.stopped = StopReason(why, ExitCode.JOB_FAILED)  # told by the jobs that would be bought, if any is
    if provider.pays and run.rebuilding:
        run.stop(f"the ledger was damaged and set aside; {REBUILT}", ExitCode.JOB_FAILED)
    return run


def _purchases(run: RunState, plan: Plan, lock: Lock) -> Iterable[Purchase]:
    """Yield the purchases: first what is running, so that it is fetched while the rest is bought in story order."""
    steps: dict[str, Step] = {}
    last = last_attempts(lock.past)
    for step in plan.steps:
        if step.job is not None and (step.wanted or step.state is Verdict.CACHED):
            steps[step.key] = step if step.wanted else steps.get(step.key, step)
    for step in sorted(steps.values(), key=lambda step: step.state not in (Verdict.RUNNING, Verdict.FINISHED)):
        assert step.job is not None
        block = lock.blocks.get(step.job.content)
        mine = block if block is not None and block.provider == run.provider.name else None
        yield Purchase(run, step.key, step.job, step.worth, mine, not step.wanted, last.get(step.key, 0))


def _looked_up(run: RunState, purchases: Sequence[Purchase]) -> tuple[dict[str, tuple[Attempt, ...]], dict[str, Path]]:
    """Read all histories at once, and find the clips of a free provider: cards are small, and looking for each alone
    takes longer than verifying it."""
    past = _past(run, [each.key for each in purchases])
    clips: dict[str, Path] = {}
    if not run.provider.pays:
        for each in purchases:
            for sha256 in each.known_clips(past.get(each.key, ())):
                with suppress(StoreError):  # the job itself says so
                    clip = run.store.clips.path(sha256)
                    if clip is not None:
                        clips[sha256] = clip
                        break
    return past, clips


def _past(run: RunState, keys: Sequence[str]) -> dict[str, tuple[Attempt, ...]]:
    """Read all histories at once. Where that fails, each job says so itself."""
    try:
        known = run.store.ledger.history(keys)
        return {key: known.get(key, ()) for key in keys}
    except StoreError:
        return {}


def _result_of(step: Step, job: Job, results: Mapping[str, JobResult]) -> JobResult:
    found = results.get(step.key)
    if found is None:
        return JobResult(job, step.key, JobState.SKIPPED, "excluded by --only")
    return replace(found, job=job)


@dataclass
class Executor:
    """Performs the effects of a run's flows, many at once, in the real world."""

    run: RunState
    world: World
    journal: Journal

    async def all(self, purchases: Iterable[Purchase]) -> Mapping[str, JobResult]:
        """Carry out all purchases; return every job's outcome by its key."""
        schedule = Schedule(purchases, self.run)
        try:
            async with asyncio.TaskGroup() as group:
                while not schedule.over:
                    while (each := schedule.next()) is not None:
                        group.create_task(self._one(schedule, each))
                    if not schedule.over:
                        await self.run.wakeup.wait([ADMISSION])
        finally:
            schedule.close()
        for result in schedule.results.values():
            if result.state is JobState.UNKNOWN:
                self.run.tell(Ended(result))
        return schedule.results

    async def _one(self, schedule: Schedule, purchase: Purchase) -> None:
        claims: list[Claim] = []
        try:
            result = await self._driven(obtain(purchase), claims)
        except StoryboardError as trouble:
            self.run.stop(trouble.in_words, trouble.exit_code)
            result = purchase.troubled(trouble)
        finally:
            for claim in claims:
                claim.release()
        if (record := self.run.shared) is not None and claims:
            await self.world.share(partial(record.release, purchase.key, result))
        if schedule.ended(purchase, result):
            self.run.tell(Ended(result))

    async def _driven(self, flow: Coroutine[Effect[Any], Any, JobResult], claims: list[Claim]) -> JobResult:
        """Drive a flow to its end; a StoryboardError of an effect is raised where the flow awaits it."""
        go_on = partial(flow.send, None)
        try:
            while True:
                effect = go_on()
                try:
                    go_on = partial(flow.send, await self._perform(effect, claims))
                except StoryboardError as trouble:
                    go_on = partial(flow.throw, trouble)
        except StopIteration as end:
            result: JobResult = end.value
            return result
        finally:
            flow.close()

    async def _perform(self, effect: Effect[Any], claims: list[Claim]) -> Any:
        run, world = self.run, self.world
        match effect:
            case Disk(_, work, writes):
                return await (self.journal.ledger(work) if writes else world.disk(work))
            case AskTeam(_, work):
                return await world.share(work)
            case AwaitTurn(key, step):
                return await run.turns.wait(key, step)
            case TakeClaim(key):
                claim = await world.disk(lambda: run.store.claim(key))
                claims += [claim] if claim is not None else []
                return claim is not None
            case WriteLock(content, block):
                return await self.journal.lock.write(content, block)
            case Ask(call, may_send):
                early = run.gate.next_request(world.clock.monotonic())
                if early > 0:
                    await world.clock.sleep(early)
                return await world.ask(call, may_send)
            case Make(work, target):
                return await world.make(work, target)
            case Get(url, target, seconds, max_bytes, progress):
                return await world.get(url, target, seconds, max_bytes, progress)
            case Pause(seconds, buying):
                return await self._pause(seconds, buying)
            case Listen(topics, seconds):
                return await run.wakeup.wait_for(topics, seconds, world.clock)
        raise AssertionError(effect)

    async def _pause(self, seconds: float, buying: bool) -> None:
        if not buying:
            await self.world.clock.sleep(seconds)
        elif not self.run.halt.asked:
            await self.run.wakeup.wait_for([HALTED], seconds, self.world.clock)


class Schedule:
    """The order of a run's jobs: story order, as many at once as the gate admits.

    A job of unknown outcome is tried again as soon as more is known about the gateway.
    """

    def __init__(self, purchases: Iterable[Purchase], run: RunState) -> None:
        self._run = run
        self._waiting = deque(purchases)
        self._unknown: list[tuple[Purchase, int]] = []
        self._running = 0
        self.results: dict[str, JobResult] = {}
        run.insight.unfinished += len(self._waiting)

    @property
    def over(self) -> bool:
        """Whether nothing is running or waiting, not even for what other runs may still learn."""
        insight = self._run.insight
        hopes = [before for _, before in self._unknown if insight.may_grow or before < insight.depth]
        return not (self._running or self._waiting or hopes)

    def next(self) -> Purchase | None:
        """Return the next to begin now; None where none may."""
        self._call_back()
        if not self._waiting or not self._run.gate.open:
            return None
        self._run.gate.enter()
        self._running += 1
        purchase = self._waiting.popleft()
        self._run.turns.enter(purchase.key)
        return purchase

    def ended(self, purchase: Purchase, result: JobResult) -> bool:
        """Take an outcome; return whether it is final, as far as one can tell now."""
        self._running -= 1
        self._run.insight.unfinished -= 1
        self._run.turns.leave(purchase.key)
        self.results[purchase.key] = result
        if result.state is JobState.UNKNOWN:
            self._unknown.append((purchase, self._run.insight.depth))
        self._run.gate.leave()
        return result.state is not JobState.UNKNOWN

    def close(self) -> None:
        """Let nobody wait any longer for what these jobs could have taught."""
        self._run.insight.unfinished -= self._running + len(self._waiting)
        self._running = 0
        self._waiting.clear()
        self._run.gate.announce()

    def _call_back(self) -> None:
        depth = self._run.insight.depth
        for purchase, before in [each for each in self._unknown if each[1] < depth]:
            self._unknown.remove((purchase, before))
            self._waiting.appendleft(purchase)
            self._run.insight.unfinished += 1
