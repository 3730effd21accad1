"""Where a job stands, by what the ledger and the lock say of it: one rule, for planning and for running."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from storyboard.jobs.lock import Block
from storyboard.store.attempt import Attempt, AttemptState, Whose


class Standing(StrEnum):
    """What is to be done about a job. Where a clip is named and the store has it, nothing: that is asked first."""

    NEW = "new"
    """Nothing of it is under way: it may be bought."""
    TASK = "task"
    """A task runs or is finished: poll it and fetch."""
    INTENT = "intent"
    """It may have been sent and no answer is known: look it up."""
    HELD = "held"
    """It belongs to another account, base URL or dialect, and is not to be asked about with this key."""
    LOST = "lost"
    """Its task was not found, or its file is gone for good."""
    REFUSED = "refused"
    """The same job would be refused again."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a job stands.

    `attempt` is the ledger's row it rests on, `block` the lock's where the ledger has none as late. `clips` are the
    clips that were ever made for it, the one to be used first. `number` is that of the attempt to make next.
    """

    standing: Standing
    number: int = 1
    attempt: Attempt | None = None
    block: Block | None = None
    clips: tuple[str, ...] = ()


def stand_of(history: Iterable[Attempt], whose: Whose, block: Block | None = None) -> Stand:
    """Where a job stands for the one who asks (`whose`), by all attempts at its key and its block in the lock."""
    attempts = sorted(history, key=lambda attempt: (attempt.number, attempt.opened_at))
    clips = _clips(attempts, block)
    counted = [a for a in attempts if a.state not in (AttemptState.WITHDRAWN, AttemptState.TWICE)]
    latest = counted[-1] if counted else None
    if block is not None and (latest is None or block.attempt > latest.number):
        return _by_block(block, whose, clips)
    if latest is None:
        return Stand(Standing.NEW, clips=clips)
    return _by_attempt(_with_task(latest, block), whose, clips)


def _with_task(attempt: Attempt, block: Block | None) -> Attempt:
    """Where this ledger has heard no answer, the lock may know the task from a machine that has."""
    if attempt.state is not AttemptState.INTENT or block is None or block.task is None:
        return attempt
    if (block.attempt, block.base_url, block.dialect) != (
        attempt.number,
        attempt.whose.base_url,
        attempt.whose.dialect,
    ):
        return attempt
    return replace(attempt, state=AttemptState.SUBMITTED, task=block.task)


def _clips(attempts: list[Attempt], block: Block | None) -> tuple[str, ...]:
    locked = [block.clip] if block is not None and block.clip else []
    return tuple(dict.fromkeys([*locked, *(a.clip for a in reversed(attempts) if a.clip)]))


def _by_attempt(attempt: Attempt, whose: Whose, clips: tuple[str, ...]) -> Stand:
    standing = _STANDINGS[attempt.state]
    if attempt.state is AttemptState.FAILED and attempt.error is not None and attempt.error.final:
        standing = Standing.REFUSED
    if standing in _ASKS and attempt.whose != whose:
        standing = Standing.HELD
    number = attempt.number + (standing is not Standing.INTENT)
    return Stand(standing, number, attempt, None, clips)


def _by_block(block: Block, whose: Whose, clips: tuple[str, ...]) -> Stand:
    standing = _BLOCKS[block.state]
    if standing is Standing.TASK and block.task is None:
        standing = Standing.INTENT
    if standing in _ASKS and (block.base_url, block.dialect) != (whose.base_url, whose.dialect):
        standing = Standing.HELD
    return Stand(standing, block.attempt + (standing is not Standing.INTENT), None, block, clips)


_ASKS = frozenset({Standing.TASK, Standing.INTENT, Standing.LOST})
_STANDINGS = {
    AttemptState.INTENT: Standing.INTENT,
    AttemptState.SUBMITTED: Standing.TASK,
    AttemptState.FINISHED: Standing.TASK,
    AttemptState.DONE: Standing.TASK,
    AttemptState.FAILED: Standing.NEW,
    AttemptState.LOST: Standing.LOST,
    AttemptState.ABANDONED: Standing.NEW,
}
_BLOCKS = {
    "open": Standing.INTENT,
    "unknown": Standing.INTENT,
    "running": Standing.TASK,
    "done": Standing.TASK,
    "failed": Standing.NEW,
    "lost": Standing.LOST,
    "abandoned": Standing.NEW,
}
