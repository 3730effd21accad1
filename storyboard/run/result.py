"""What a run returns: every job's outcome as a value; a failure is not an exception."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from storyboard.errors import EXIT_PRECEDENCE, ExitCode
from storyboard.fast_dataclasses import dataclass
from storyboard.jobs.job import Job


class JobState(StrEnum):
    """How a job ended in this run."""

    CACHED = "cached"
    BUILT = "built"
    RUNNING = "running"
    FINISHED = "finished"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    LOST = "lost"
    FAILED = "failed"
    BILLED_FAILURE = "billed-failure"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed: the server's code and words, if there are any. `refused`: the same job would fail again."""

    code: str | None
    message: str
    refused: bool = False


@dataclass(frozen=True, slots=True)
class JobResult:
    """One job's outcome. `clip` is its file in the store and `sha256` that file's hash, if there is one.

    `cost` is what this run was charged for it in US dollars; None while it is not known. `reserved` is what is counted
    for its purchases whose cost the gateway has not stated; None if there are none. `blame` is the exit code that this
    job asks for. `by` is who of a team wrote a job down that is running or unknown, and `since` when it was begun, in
    seconds since the epoch.
    """

    job: Job
    key: str
    state: JobState
    reason: str
    clip: Path | None = None
    sha256: str | None = None
    cost: Decimal | None = None
    reserved: Decimal | None = None
    task: str | None = None
    attempts: int = 0
    error: JobError | None = None
    blame: ExitCode = ExitCode.DONE
    by: str | None = None
    since: float | None = None


@dataclass(frozen=True, slots=True)
class RunResult:
    """All jobs of a story in story order, what the run paid in US dollars, what is reserved for purchases whose cost is
    not stated yet, and the notices for the user."""

    jobs: tuple[JobResult, ...]
    paid: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)
    notices: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every job has its clip."""
        return all(result.clip is not None for result in self.jobs)

    @property
    def exit_code(self) -> ExitCode:
        """The process's exit code: the most serious one of its jobs."""
        blamed = {result.blame for result in self.jobs}
        return next((code for code in EXIT_PRECEDENCE if code in blamed), ExitCode.DONE)
