"""Keep a story's contact sheet up to date while its jobs are made."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import TypeAlias

from storyboard.errors import StoryboardError
from storyboard.film.build_facts import BuildFacts, ClipPurchase
from storyboard.film.running_sheet import write_running_sheet
from storyboard.jobs.lockfile import lock_path, read_lock
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.project.plan import PlannedStory
from storyboard.run.events import Ended, Event, Fetching, Notify, Queued, Rendering, Retrying
from storyboard.run.result import JobResult, JobState

FIRST_AFTER = 2.0
"""Seconds until the page is first written: a build that is over by then does not need it."""
SHARE = 20
"""The page is written again after at least this many times the time that writing takes."""

WritePage: TypeAlias = Callable[[Mapping[str, JobResult]], None]
"""A function that writes the page with the known results, by job key."""


class RunningPage:
    """The current state of a story's jobs, and the task that shows it. It listens to the story's events and passes them
    on.
    """

    def __init__(self, notify: Notify) -> None:
        self._notify = notify
        self._known: dict[str, JobResult] = {}
        self._is_new = True
        self._over = asyncio.Event()

    def __call__(self, event: Event) -> None:
        """Record an event, and pass it on."""
        match event:
            case Ended(result):
                self._note(result)
            case Queued(job, key, reason):
                self._note(JobResult(job, key, JobState.SKIPPED, reason or "waits for its turn"))
            case Rendering(job, key, _) | Retrying(job, key, _, _) | Fetching(job, key, 0, _):
                self._note(JobResult(job, key, JobState.RUNNING, ""))
            case _:
                pass
        self._notify(event)

    def _note(self, result: JobResult) -> None:
        self._is_new = self._is_new or self._known.get(result.key) != result
        self._known[result.key] = result

    async def keep(self, write: WritePage, executor: Executor, first_after: float = FIRST_AFTER) -> None:
        """Write the page whenever something changes, until `end`. A disk error ends it: the build itself reports it
        when it writes the film."""
        pause = first_after
        while not await self._is_over_in(pause):
            if self._is_new:
                self._is_new = False
                begun = time.monotonic()
                known = dict(self._known)
                try:
                    await asyncio.get_running_loop().run_in_executor(executor, write, known)
                except StoryboardError:
                    return
                pause = max(first_after / 2, SHARE * (time.monotonic() - begun))

    async def _is_over_in(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._over.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def end(self) -> None:
        """Let `keep` return, after finishing the current page."""
        self._over.set()


def write_page(
    story: PlannedStory,
    folder: Path,
    settled: Mapping[str, JobResult],
    bought: Collection[str],
    known: Mapping[str, JobResult],
) -> None:
    """Write the contact sheet of a story whose jobs are being made."""
    planned = [
        JobResult(step.job, step.key, JobState.SKIPPED, step.reason)
        for step in story.plan.steps
        if step.job is not None
    ]
    jobs = [settled.get(each.job.content) or known.get(each.key, each) for each in planned]
    write_running_sheet(
        story.compiled.story,
        jobs,
        folder,
        story.compiled.name,
        in_store=story.store.clips.has,
        bought=bought,
        facts=facts_of(story, int(time.time())),
    )


def facts_of(story: PlannedStory, since: int | None = None) -> BuildFacts:
    """Return what the contact sheet shows about a story's clips, by its current lock."""
    compiled = story.compiled
    blocks = {**compiled.lock.blocks, **read_lock(lock_path(compiled.path, compiled.variant)).blocks}
    purchases = {
        content: ClipPurchase(block.provider, block.cost if block.state is PurchaseState.DONE else None, block.task)
        for content, block in blocks.items()
    }
    return BuildFacts(compiled.project.root, story.provider.name, compiled.variant, compiled.values, purchases, since)
