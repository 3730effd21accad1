"""What a build would do, job by job, with the reason and the price of each."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from storyboard.jobs.job import Job


class StepState(StrEnum):
    """Where a job stands before the run."""

    CACHED = "cached"
    RUNNING = "running"
    BUY = "buy"
    HELD = "held"
    UNKNOWN = "unknown"
    LOST = "lost"
    FAILED = "failed"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class Step:
    """One job's part of the plan.

    `job` is None only where `state` is unused: a block of the lock that this story does not need now. `wanted` is
    False where `--only` leaves the job out. `estimate` is in US dollars: 0 where nothing will be bought, None where no
    price is known. `seconds` are the job's.
    """

    id: str
    key: str
    state: StepState
    reason: str
    seconds: int
    estimate: Decimal | None
    job: Job | None
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """All jobs of one story for one provider, in story order; then the unused blocks of its lock."""

    provider: str
    steps: tuple[Step, ...]

    @property
    def new_seconds(self) -> int:
        """Seconds that would be bought; a key that occurs twice counts once."""
        return sum(step.seconds for step in self._once(StepState.BUY))

    @property
    def reused_seconds(self) -> int:
        """Seconds of film that need no buying."""
        return sum(s.seconds for s in self.steps if s.job is not None and s.state is StepState.CACHED)

    @property
    def estimate(self) -> Decimal | None:
        """What the buying would cost in US dollars; None when a price is not known."""
        total = Decimal(0)
        for step in self._once(StepState.BUY):
            if step.estimate is None:
                return None
            total += step.estimate
        return total

    def _once(self, state: StepState) -> list[Step]:
        return list({s.key: s for s in self.steps if s.state is state and s.wanted}.values())
