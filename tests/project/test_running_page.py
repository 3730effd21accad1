"""When the page is written while jobs are made: soon after something is new, never twice at once, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from storyboard.cards import load_catalog
from storyboard.errors import StoryboardError
from storyboard.jobs.compile import compile_story
from storyboard.project.running_page import RunningPage, WritePage
from storyboard.run.events import Ended, Event, Queued, Rendering
from storyboard.run.result import JobResult, JobState
from tests.support.shots import run, story
from tests.support.waiting import PATIENCE, until

JOBS = compile_story(story([*run(3), *run(3, scene="t")]), load_catalog(None)).value or ()
DONE = JobResult(JOBS[0], "a", JobState.BUILT, "", clip=Path("a.mp4"), sha256="0" * 64)


def keep(events: list[Event], write: WritePage, shown: Callable[[], object]) -> list[Event]:
    """Let the page be kept until something is shown, and a little longer; the events that were passed on."""
    passed_on: list[Event] = []

    async def main() -> None:
        page = RunningPage(passed_on.append)
        with ThreadPoolExecutor(1) as pool:
            keeping = asyncio.create_task(page.keep(write, pool, 0.01))
            for event in events:
                page(event)
            await asyncio.to_thread(until, shown)
            await asyncio.sleep(0.1)
            page.end()
            await asyncio.wait_for(keeping, PATIENCE)

    asyncio.run(main())
    return passed_on


def test_page_shows_the_result_of_each_job(tmp_path: Path) -> None:
    written: list[Mapping[str, JobResult]] = []
    events: list[Event] = [Queued(JOBS[0], "a"), Rendering(JOBS[0], "a"), Ended(DONE), Rendering(JOBS[1], "b")]
    assert keep(events, written.append, lambda: written and len(written[-1]) == 2) == events
    assert written[-1]["a"] == DONE
    assert written[-1]["b"].state is JobState.RUNNING


def test_unchanged_page_is_not_written() -> None:
    written: list[Mapping[str, JobResult]] = []
    keep([Ended(DONE)], written.append, lambda: written)
    assert len(written) == 1


def test_full_disk_ends_the_page_but_not_the_build() -> None:
    calls: list[Mapping[str, JobResult]] = []

    def write(known: Mapping[str, JobResult]) -> None:
        calls.append(known)
        raise StoryboardError("no space left")

    assert keep([Ended(DONE)], write, lambda: calls) == [Ended(DONE)]
    assert len(calls) == 1
