"""What happens during a run, told as it happens to whoever shows progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from storyboard.jobs.job import Job
from storyboard.run.result import JobResult


@dataclass(frozen=True, slots=True)
class Queued:
    """The job waits for its turn, or for another build that makes the same one."""

    job: Job
    key: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rendering:
    """The job is being made. `usually` is how many seconds such jobs have taken before, None when nobody knows."""

    job: Job
    key: str
    usually: float | None = None


@dataclass(frozen=True, slots=True)
class Fetching:
    """The clip is being downloaded: `received` of `total` bytes, None when the length was not told."""

    job: Job
    key: str
    received: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Retrying:
    """Something outside went wrong and is tried again in that many seconds."""

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
    """Something a person should know once, of a job or of the whole run."""

    message: str
    job: Job | None = None


Event: TypeAlias = Queued | Rendering | Fetching | Retrying | Charged | Ended | Notice
Notify: TypeAlias = Callable[[Event], None]


def ignore(event: Event) -> None:
    """For runs that nobody watches."""
