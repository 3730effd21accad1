"""Progress of a run: one plain line per fact. On a terminal there are bars instead: `live`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from storyboard.fast_dataclasses import replace
from storyboard.jobs.job import Job
from storyboard.report.build import STYLES
from storyboard.report.style import Line, line
from storyboard.run.events import Ended, Event, Notice, Notify, Queued, Retrying, Taken
from storyboard.run.result import JobState

QUIET = (JobState.CACHED, JobState.SKIPPED)
"""Results that are not reported."""


class PlainProgress:
    """Prints each fact once, in a line that does not depend on the time."""

    def __init__(self, write: Callable[[list[Line]], None]) -> None:
        self._write = write

    def __call__(self, event: Event) -> None:
        told = fact(event)
        if told:
            self._write([told])


def told_apart(notify: Notify, stories: Iterable[tuple[str, Sequence[Job]]]) -> Notify:
    """Add the story's name to each job: jobs of several stories have the same numbers."""
    named = {id(job): replace(job, id=f"{story} {job.id}") for story, jobs in stories for job in jobs}

    def tell(event: Event) -> None:
        match event:
            case Ended(result):
                event = Ended(replace(result, job=named.get(id(result.job), result.job)))
            case Notice(_, None):
                pass
            case _ if event.job is not None:
                event = replace(event, job=named.get(id(event.job), event.job))
        notify(event)

    return tell


def fact(event: Event) -> Line | None:
    """Return an event as a line; None for events that only bars show."""
    match event:
        case Ended(result) if result.state not in QUIET:
            reason = "" if result.state is JobState.BUILT else f"   {result.reason}"
            return line(("  " + result.job.id, "bold"), "   ", (result.state, STYLES[result.state]), reason)
        case Taken(job, _, project, story, person):
            return line(("  " + job.id, "bold"), f"   taken from the queue for {person}: {project} {story}")
        case Queued(job, _, reason) if reason:
            return line(("  " + job.id, "bold"), f"   waits: {reason}")
        case Retrying(job, _, reason, seconds):
            return line(("  " + job.id, "bold"), f"   again in {seconds:.0f} s: {reason}")
        case Notice(message, job):
            about = f"{job.id}: " if job else ""
            return line(("  note", "hint"), f": {about}{message.removeprefix(about)}")
        case _:
            return None
