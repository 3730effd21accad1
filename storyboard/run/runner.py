"""The one loop that makes, waits for and keeps the clips of every provider."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from storyboard.errors import ExitCode, Trouble
from storyboard.jobs.job import Job
from storyboard.plan.model import Plan, Step
from storyboard.providers.protocol import LocalCall, Order, Provider
from storyboard.run.events import Ended, Notice, Notify, Queued, Rendering, ignore
from storyboard.run.halt import Halt
from storyboard.run.result import JobError, JobResult, JobState, RunResult
from storyboard.run.rules import NO_STORY, Rules
from storyboard.run.world import World
from storyboard.store import Attempt, AttemptState, Claim, Store, StoryRef, Whose

CLAIM_INTERVAL = 0.2
"""Seconds between looks at a claim that another build holds."""


async def run(
    plan: Plan,
    provider: Provider,
    store: Store,
    world: World,
    *,
    rules: Rules = Rules(),  # noqa: B008
    story: StoryRef = NO_STORY,
    notify: Notify = ignore,
    halt: Halt | None = None,
) -> RunResult:
    """Gets the clip of every job that the plan wants; a key that occurs twice is made once.

    Never raises the world's trouble: it is in the result. Bugs propagate.
    """
    running = _Run(provider, store, world, rules, story, notify, halt or Halt())
    wanted = {step.key: step.job for step in plan.steps if step.job is not None and step.wanted}
    results = await running.all(wanted)
    return RunResult(tuple(_result_of(step, step.job, results) for step in plan.steps if step.job is not None))


def _result_of(step: Step, job: Job, results: Mapping[str, JobResult]) -> JobResult:
    found = results.get(step.key)
    if found is None:
        return JobResult(job, step.key, JobState.SKIPPED, "left out by --only")
    return replace(found, job=job)


@dataclass
class _Run:
    """One run: what it was handed."""

    provider: Provider
    store: Store
    world: World
    rules: Rules
    story: StoryRef
    notify: Notify
    halt: Halt

    async def all(self, wanted: Mapping[str, Job]) -> Mapping[str, JobResult]:
        """The outcome of every key."""
        results: dict[str, JobResult] = {}
        queue = iter(wanted.items())

        async def worker() -> None:
            for key, job in queue:
                results[key] = await self._safely(key, job)
                self.notify(Ended(results[key]))

        together = self.provider.together or self.rules.concurrency
        async with asyncio.TaskGroup() as group:
            for _ in range(min(together, len(wanted))):
                group.create_task(worker())
        return results

    async def _safely(self, key: str, job: Job) -> JobResult:
        try:
            return await self._get(key, job)
        except Trouble as trouble:
            self.halt.ask()
            error = JobError(None, trouble.message)
            return JobResult(job, key, JobState.FAILED, trouble.message, error=error, blame=trouble.exit_code)

    async def _get(self, key: str, job: Job) -> JobResult:
        cached = await self._kept(key, job)
        if cached is not None:
            return cached
        claim = await self._claim(key, job)
        try:
            return await self._kept(key, job) or await self._make(key, job)
        finally:
            claim.release()

    async def _claim(self, key: str, job: Job) -> Claim:
        said = False
        while (claim := await self.world.disk(lambda: self.store.claim(key))) is None:
            if not said:
                self.notify(Queued(job, key, "another build is making it"))
                said = True
            await self.world.clock.sleep(CLAIM_INTERVAL)
        return claim

    async def _kept(self, key: str, job: Job) -> JobResult | None:
        history = await self.world.disk(lambda: self.store.ledger.history([key]))
        for attempt in reversed(history.get(key, ())):
            path = await self._clip(attempt.clip)
            if path is not None:
                return JobResult(job, key, JobState.CACHED, "in the store", clip=path, sha256=attempt.clip)
        return None

    async def _clip(self, sha256: str | None) -> Path | None:
        return None if sha256 is None else await self.world.disk(lambda: self.store.clips.path(sha256))

    async def _make(self, key: str, job: Job) -> JobResult:
        if self.halt.asked:
            return JobResult(job, key, JobState.SKIPPED, "stopped before it was begun", blame=ExitCode.INTERRUPTED)
        self.notify(Rendering(job, key))
        started = self.world.clock.now()
        call = self.provider.submit(Order(key, job.model, job.payload, job.seconds))
        assert isinstance(call, LocalCall)
        target = self.store.clips.scratch(key.replace("/", "-"))
        answer = self.provider.read_submit(await self.world.make(call, target))
        for notice in answer.notices:
            self.notify(Notice(notice, job))
        sha256, path = await self.world.disk(lambda: self.store.clips.add(answer.clip))
        await self._record(key, job, sha256, started)
        return JobResult(job, key, JobState.BUILT, "made here", clip=path, sha256=sha256, attempts=1)

    async def _record(self, key: str, job: Job, clip: str, started: float) -> None:
        attempt = Attempt(
            key=key,
            number=1,
            external_id=key,
            whose=Whose(self.provider.name),
            story=self.story,
            state=AttemptState.DONE,
            content=job.content,
            addresses=job.addresses,
            seconds=job.seconds,
            model=job.model,
            payload=job.payload,
            run="",
            opened_at=started,
            ended_at=self.world.clock.now(),
            take=job.take,
            base=job.base,
            clip=clip,
        )
        await self.world.disk(lambda: self.store.ledger.record(attempt))


def keys_of(steps: Iterable[Step]) -> frozenset[str]:
    """The keys of those steps."""
    return frozenset(step.key for step in steps)
