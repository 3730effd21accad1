"""Decide what to do about a job, from the ledger and the lock: one rule, for planning and for running."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from storyboard.fast_dataclasses import dataclass, replace
from storyboard.jobs.lock import Block
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.store.attempt import Attempt, Whose


class Verdict(StrEnum):
    """What a build would do about a job. Plans show it, and runs act on it."""

    CACHED = "cached"
    """Its clip is in the store."""
    BUY = "buy"
    """No attempt is in progress: it can be bought."""
    RUNNING = "running"
    """A task is running: poll it and fetch its clip."""
    FINISHED = "finished"
    """Its task is finished and charged, but its clip is not here: poll it again."""
    UNKNOWN = "unknown"
    """It may have been sent and no answer is known: look it up."""
    HELD = "held"
    """It belongs to another account, base URL or dialect, and must not be polled with this key."""
    LOST = "lost"
    """Its task was not found, or its file is gone for good."""
    FAILED = "failed"
    """The same job would be refused again."""
    BILLED_FAILURE = "billed-failure"
    """It failed and was charged anyway: it is bought again only when the author says so."""
    UNUSED = "unused"
    """A block of the lock that the story does not need now."""


@dataclass(frozen=True, slots=True)
class JobStatus:
    """What is known about a job. `attempt` is the row of the ledger that decides, `block` the line of the lock if the
    ledger has nothing as recent. `clips` are all clips that were made for the job, the preferred one first; if the
    store has one of them, the verdict does not matter. `number` is that of the next attempt."""

    verdict: Verdict
    number: int = 1
    attempt: Attempt | None = None
    block: Block | None = None
    clips: tuple[str, ...] = ()


def status_of(history: Iterable[Attempt], whose: Whose, block: Block | None = None) -> JobStatus:
    """Judge a job for the account that asks (`whose`), by all attempts at its key and its block in the lock."""
    attempts = sorted(history, key=lambda attempt: (attempt.number, attempt.opened_at))
    clips = _clips(attempts, block)
    counted = [a for a in attempts if a.state not in (PurchaseState.WITHDRAWN, PurchaseState.TWICE)]
    latest = counted[-1] if counted else None
    if block is not None and (latest is None or block.attempt > latest.number):
        return _by_block(block, whose, clips)
    if latest is None:
        return JobStatus(Verdict.BUY, clips=clips)
    return _by_attempt(_with_task(latest, block), whose, clips)


def _with_task(attempt: Attempt, block: Block | None) -> Attempt:
    """Add the task that the lock knows from another machine, if this ledger has heard of none."""
    if attempt.state is not PurchaseState.INTENT or block is None or block.task is None:
        return attempt
    if (block.attempt, block.base_url, block.dialect) != (
        attempt.number,
        attempt.whose.base_url,
        attempt.whose.dialect,
    ):
        return attempt
    return replace(attempt, state=PurchaseState.SUBMITTED, task=block.task)


def _clips(attempts: list[Attempt], block: Block | None) -> tuple[str, ...]:
    locked = [block.clip] if block is not None and block.clip else []
    return tuple(dict.fromkeys([*locked, *(a.clip for a in reversed(attempts) if a.clip)]))


def _by_attempt(attempt: Attempt, whose: Whose, clips: tuple[str, ...]) -> JobStatus:
    verdict = _BY_STATE[attempt.state]
    if attempt.state is PurchaseState.FAILED and attempt.error is not None and attempt.error.final:
        verdict = Verdict.FAILED
    if attempt.billed_failure:
        verdict = Verdict.BILLED_FAILURE
    if verdict in _ASKS and attempt.whose != whose:
        verdict = Verdict.HELD
    number = attempt.number + (verdict is not Verdict.UNKNOWN)
    return JobStatus(verdict, number, attempt, None, clips)


def _by_block(block: Block, whose: Whose, clips: tuple[str, ...]) -> JobStatus:
    verdict = _BY_STATE[block.state]
    if verdict in (Verdict.RUNNING, Verdict.FINISHED) and block.task is None:
        verdict = Verdict.UNKNOWN
    if verdict in _ASKS and (block.base_url, block.dialect) != (whose.base_url, whose.dialect):
        verdict = Verdict.HELD
    return JobStatus(verdict, block.attempt + (verdict is not Verdict.UNKNOWN), None, block, clips)


_ASKS = frozenset({Verdict.RUNNING, Verdict.FINISHED, Verdict.UNKNOWN, Verdict.LOST})
_BY_STATE = {
    PurchaseState.INTENT: Verdict.UNKNOWN,
    PurchaseState.SUBMITTED: Verdict.RUNNING,
    PurchaseState.FINISHED: Verdict.FINISHED,
    PurchaseState.DONE: Verdict.FINISHED,
    PurchaseState.FAILED: Verdict.BUY,
    PurchaseState.LOST: Verdict.LOST,
    PurchaseState.ABANDONED: Verdict.BUY,
}
