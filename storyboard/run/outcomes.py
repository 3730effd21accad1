"""How a job ends in a run, each end with its reason in words and with what the process tells the shell."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from storyboard.errors import ExitCode, StoryboardError
from storyboard.money import exact_dollars, over
from storyboard.run.context import Context, Wanted
from storyboard.run.result import JobError, JobResult, JobState
from storyboard.store import Attempt, CapReached
from storyboard.store.attempt import AttemptError


def cached(wanted: Wanted, sha256: str, clip: Path, attempt: Attempt | None) -> JobResult:
    """It was there already."""
    task = attempt.task if attempt else None
    return JobResult(
        wanted.job, wanted.key, JobState.CACHED, "in the store", clip, sha256, task=task, attempts=_number(attempt)
    )


def fetched(wanted: Wanted, sha256: str, clip: Path) -> JobResult:
    """The lock's clip came from its task."""
    task = wanted.block.task if wanted.block else None
    return JobResult(wanted.job, wanted.key, JobState.BUILT, "fetched", clip, sha256, task=task)


def built(context: Context, wanted: Wanted, attempt: Attempt, clip: Path) -> JobResult:
    """Its clip came in this run."""
    cost = context.paid.get((wanted.key, attempt.number))
    reason = "fetched" if attempt.task else "made here"
    return _end(wanted, JobState.BUILT, reason, attempt, clip=clip, sha256=attempt.clip, cost=cost)


def not_bought(context: Context, wanted: Wanted) -> JobResult | None:
    """Why nothing may be bought now, None where it may."""
    if context.halt.asked:
        return skipped(wanted, "stopped before it was sent", ExitCode.INTERRUPTED)
    if context.stopped is not None:
        return skipped(wanted, context.stopped.reason, context.stopped.blame)
    if context.provider.pays and not context.rules.may_buy:
        return skipped(wanted, context.rules.refusal, ExitCode.SPENDING)
    return None


def skipped(wanted: Wanted, reason: str, blame: ExitCode, attempt: Attempt | None = None) -> JobResult:
    """It was not bought."""
    return _end(wanted, JobState.SKIPPED, reason, attempt, blame=blame)


def capped(wanted: Wanted, reached: CapReached) -> JobResult:
    """A cap stands in the way."""
    cap = reached.cap
    if reached.price is None:
        reason = f"no price is known for {wanted.job.model}, and {cap.name} is set: name one under [prices]"
    else:
        price, spent, limit = over(reached.price, reached.spent, cap.limit)
        reason = f"{price} more would pass {cap.name} of {limit}; {spent} of it is spent"
    return skipped(wanted, reason, ExitCode.SPENDING)


def still_running(wanted: Wanted, attempt: Attempt, reason: str, blame: ExitCode = ExitCode.RUNNING) -> JobResult:
    """Its task goes on at the gateway; the same command picks it up."""
    return _end(wanted, JobState.RUNNING, reason, attempt, blame=blame)


def elsewhere(wanted: Wanted, blame: ExitCode) -> JobResult:
    """Another build makes it."""
    return _end(wanted, JobState.RUNNING, "another build is making it", None, blame=blame)


def unknown(wanted: Wanted, attempt: Attempt, why: str, blame: ExitCode = ExitCode.UNKNOWN) -> JobResult:
    """Nobody knows whether it was created and billed."""
    reason = f"{why}; it may be rendering and billed, and is not sent again. Look: storyboard status"
    return _end(wanted, JobState.UNKNOWN, reason, attempt, blame=blame)


def held(wanted: Wanted, attempt: Attempt | None, why: str) -> JobResult:
    """It belongs to another account, base URL or dialect."""
    return _end(wanted, JobState.HELD, why, attempt, blame=ExitCode.ACCESS)


def lost(wanted: Wanted, attempt: Attempt, why: str) -> JobResult:
    """It is gone, with what it had cost."""
    worth = f", which had cost {exact_dollars(attempt.costs)}" if attempt.costs else ""
    reason = f"{why}{worth}; to buy it again: --rebuy {_address(wanted)}"
    return _end(wanted, JobState.LOST, reason, attempt, blame=ExitCode.JOB_FAILED)


def failed(wanted: Wanted, attempt: Attempt | None, error: AttemptError) -> JobResult:
    """It was refused, or failed too often."""
    told = JobError(error.code, error.message, error.final)
    return _end(wanted, JobState.FAILED, error.message, attempt, error=told, blame=ExitCode.JOB_FAILED)


def refused(wanted: Wanted, attempt: Attempt) -> JobResult:
    """It was refused before, and would be again."""
    error = attempt.error or AttemptError(None, "refused", final=True)
    way_out = f"{error.message}; change its text, or send it again with --retry {_address(wanted)}"
    return replace(failed(wanted, attempt, error), reason=way_out)


def troubled(wanted: Wanted, trouble: StoryboardError) -> JobResult:
    """Something of this machine stands in the way."""
    words = trouble.message if trouble.help is None else f"{trouble.message}; {trouble.help}"
    error = JobError(None, words)
    return _end(wanted, JobState.FAILED, words, None, error=error, blame=trouble.exit_code)


def _address(wanted: Wanted) -> str:
    addresses = wanted.job.addresses
    return f"'{addresses[0]}'" if addresses else wanted.job.id


def _number(attempt: Attempt | None) -> int:
    return attempt.number if attempt else 0


def _end(
    wanted: Wanted,
    state: JobState,
    reason: str,
    attempt: Attempt | None,
    *,
    clip: Path | None = None,
    sha256: str | None = None,
    cost: Decimal | None = None,
    error: JobError | None = None,
    blame: ExitCode = ExitCode.DONE,
) -> JobResult:
    task = attempt.task if attempt else None
    return JobResult(*(wanted.job, wanted.key, state, reason, clip, sha256, cost, task), _number(attempt), error, blame)
