"""Events of a run, for progress displays."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

from storyboard.fast_dataclasses import dataclass
from storyboard.jobs.job import Job
from storyboard.run.result import JobResult


@dataclass(frozen=True, slots=True)
class Taken:
    """A worker has taken a job from its team's line, for a person's story in a project."""

    job: Job
    key: str
    project: str
    story: str
    person: str


@dataclass(frozen=True, slots=True)
class Queued:
    """The job waits for its turn, or for another build with the same job."""

    job: Job
    key: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rendering:
    """The job is rendering. `usually` is how many seconds such jobs usually take, None if unknown."""

    job: Job
    key: str
    usually: float | None = None


@dataclass(frozen=True, slots=True)
class Fetching:
    """The clip is being downloaded: `received` of `total` bytes, None if the length is unknown."""

    job: Job
    key: str
    received: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Retrying:
    """An external error occurred; it is retried in this many seconds."""

    job: Job
    key: str
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Charged:
    """The gateway has said what it charged for a job's task, in US dollars."""

    key: str
    cost: Decimal
    job: Job | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The job's outcome in this run."""

    result: JobResult


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice for the user, shown once, about a job or the whole run."""

    message: str
    job: Job | None = None


Event: TypeAlias = Taken | Queued | Rendering | Fetching | Retrying | Charged | Ended | Notice
Notify: TypeAlias = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Ignore an event, for runs without a display."""
