"""Choose another take of a job, and record it in the lock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from storyboard.errors import UsageError
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.jobs.canonical import canonical
from storyboard.jobs.job import Job
from storyboard.jobs.key import content_of
from storyboard.jobs.lock import Lock
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.plan.addresses import check_addresses, jobs_at
from storyboard.store import Attempt


@dataclass(frozen=True, slots=True)
class Reroll:
    """The job with its other take, all jobs including it, and the lock that chooses it."""

    job: Job
    jobs: tuple[Job, ...]
    lock: Lock


def reroll(jobs: Sequence[Job], address: str, lock: Lock, rows: Iterable[Attempt], take: int | None = None) -> Reroll:
    """Return another take of the job that contains a shot: a new one, or with `take` an existing one. Jobs are not
    packed again. Raises `UsageError` if the address names no job or several, if the story itself sets the take, or if
    there is no such take.
    """
    job = _one(jobs, address)
    _story_is_silent(job)
    made = {
        block.take: block.exists and block.state is not PurchaseState.LOST
        for block in lock.blocks.values()
        if block.base == job.base
    }
    for row in rows:
        if row.base == job.base:
            made[row.take] = made.get(row.take, False) or row.state is PurchaseState.DONE
    if take is not None and not made.get(take):
        kept = ", ".join(str(each) for each in sorted(made) if made[each])
        raise UsageError(f"there is no take {take} of {job.id}", help=f"kept: {kept}" if kept else None)
    chosen = take if take is not None else max([job.take, *made]) + 1
    other = retake(job, chosen)
    return Reroll(other, tuple(other if each is job else each for each in jobs), lock.choosing(job.base, chosen))


def retake(job: Job, take: int) -> Job:
    """Return the same job with another take."""
    return replace(job, take=take, content=content_of(canonical(job.request.document), take))


def _one(jobs: Sequence[Job], address: str) -> Job:
    check_addresses(jobs, [address], "reroll")
    found = jobs_at(jobs, [address])
    if len(found) > 1:
        ids = ", ".join(job.id for job in found)
        raise UsageError(f"`{address}` matches several jobs: {ids}", help="name one shot of the job that you mean")
    return found[0]


def _story_is_silent(job: Job) -> None:
    for shot in job.shots:
        if shot.take is not None:
            span = shot.take_span or shot.origin.span
            place = f"{span.source.path.name}:{span.position.line}"
            raise UsageError(
                f"`{shot.address}` sets its own take: `.take {shot.take}` ({place})",
                help=f"change it there to `.take {job.take + 1}`, and build",
            )
