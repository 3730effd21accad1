"""What a run gives back: every job's outcome as a value; a failure is no exception."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from storyboard.jobs.job import Job


class JobState(StrEnum):
    """How a job ended in this run."""

    CACHED = "cached"
    BUILT = "built"
    RUNNING = "running"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    LOST = "lost"
    FAILED = "failed"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed: the server's code and words where there are any."""

    code: str | None
    message: str


@dataclass(frozen=True, slots=True)
class JobResult:
    """One job's outcome. `clip` is its file in the store and `sha256` that file's hash, when there is one.

    `cost` is what was charged in US dollars by this run's doing; None while it is not known.
    """

    job: Job
    key: str
    state: JobState
    reason: str
    clip: Path | None = None
    sha256: str | None = None
    cost: Decimal | None = None
    task: str | None = None
    attempts: int = 0
    error: JobError | None = None


@dataclass(frozen=True, slots=True)
class RunResult:
    """All jobs of a story in story order, and what the run paid in US dollars."""

    jobs: tuple[JobResult, ...]
    paid: Decimal = Decimal(0)

    @property
    def complete(self) -> bool:
        """Whether every job's clip is there."""
        return all(result.clip is not None for result in self.jobs)
