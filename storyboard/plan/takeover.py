"""Between ledger and lock: the block of an attempt, and what a lock takes over of this machine's ledger."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from storyboard.jobs.lock import Block, BlockState, Lock, join
from storyboard.store import Attempt, AttemptState

STATES: dict[AttemptState, BlockState] = {
    AttemptState.INTENT: "open",
    AttemptState.SUBMITTED: "running",
    AttemptState.FINISHED: "running",
    AttemptState.DONE: "done",
    AttemptState.FAILED: "failed",
    AttemptState.LOST: "lost",
    AttemptState.ABANDONED: "abandoned",
}


def block_of(attempt: Attempt) -> Block | None:
    """An attempt as a lock tells of it; None where nothing can have come of it."""
    state = STATES.get(attempt.state)
    if state is None:
        return None
    return Block(
        shots=attempt.addresses,
        content=attempt.content,
        base=attempt.base,
        take=attempt.take,
        provider=attempt.whose.provider,
        base_url=attempt.whose.base_url,
        dialect=attempt.whose.dialect,
        attempt=attempt.number,
        task=attempt.task,
        clip=attempt.clip,
        seconds=attempt.seconds,
        cost=attempt.charged if attempt.charged is not None else attempt.reserved,
        state=state,
        key=attempt.key,
    )


def take_over(lock: Lock, rows: Iterable[Attempt], provider: str) -> Lock:
    """The lock with what the ledger holds for its story and provider and the lock lacks.

    A clip that the lock names stays the one that counts; a block that was pruned does not come back.
    """
    found: dict[str, list[Block]] = {}
    for row in rows:
        block = block_of(row) if row.whose.provider == provider else None
        if block is not None and block.content not in lock.pruned:
            found.setdefault(block.content, []).append(block)
    news = (_joined(lock.blocks.get(content), blocks) for content, blocks in found.items())
    return lock.with_blocks(block for block in news if block is not None)


def _joined(before: Block | None, blocks: list[Block]) -> Block | None:
    """What the ledger adds to a block of the lock; None where that says more already."""
    if before is None:
        return join(blocks)
    joined = join([before, *blocks])
    if before.clip is not None or joined == before:
        return None
    return joined


def lacking(lock: Lock, rows: Iterable[Attempt]) -> tuple[tuple[Block, ...], Decimal]:
    """The blocks whose attempts these rows of the ledger lack, and what pruned ones cost that they lack, in US dollars.

    Together with the rows they are all that a story has spent, each task once.
    """
    known = [row for row in rows if row.state is not AttemptState.WITHDRAWN]
    attempts = {(row.key, row.number) for row in known}
    contents = {row.content for row in known}
    blocks = tuple(block for block in lock.blocks.values() if (block.key, block.attempt) not in attempts)
    pruned = (cost for content, cost in lock.pruned.items() if content not in contents)
    return blocks, sum(pruned, Decimal(0))
