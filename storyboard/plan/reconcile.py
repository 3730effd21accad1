"""Reconcile ledger and lock: the block of an attempt, and what a lock takes over from this machine's ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from storyboard.fast_dataclasses import dataclass, replace
from storyboard.jobs.lock import Block, Lock, as_told, join
from storyboard.jobs.purchase_history import Paid, PastPurchase, last_attempts
from storyboard.jobs.purchase_state import LOCK_STATES, PurchaseState
from storyboard.store import Attempt


def block_of(attempt: Attempt) -> Block | None:
    """Return the block of an attempt; None if nothing can have come of it."""
    if attempt.state not in LOCK_STATES:
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
        state=attempt.state,
        key=attempt.key,
    )


def take_over(lock: Lock, rows: Iterable[Attempt], provider: str) -> Lock:
    """Return the lock with what only the ledger knows for its story and provider. A clip that the lock names takes
    precedence; pruned blocks and earlier attempts do not come back.
    """
    mine = [row for row in rows if row.whose.provider == provider and row.state is not PurchaseState.WITHDRAWN]
    news = {row.content for row in mine if not _is_told(lock, row)}
    if not news:
        return lock
    found: dict[str, list[Attempt]] = {}
    for row in mine:
        if row.content in news:
            found.setdefault(row.content, []).append(row)
    lock = replace(lock, blocks={content: _keyed(block, found) for content, block in lock.blocks.items()})
    last = last_attempts(lock.past)
    lines = {content: _line(lock, content, same, last) for content, same in found.items()}
    blocks = {**lock.blocks, **{content: line for content, line in lines.items() if line is not None}}
    heard = [row for same in found.values() for row in same]
    return replace(as_told(blocks, lock.choices, _told(lock, heard)), values=lock.values, record=lock.record)


def _is_told(lock: Lock, row: Attempt) -> bool:
    """Whether the lock says exactly what the row says."""
    block = lock.blocks.get(row.content)
    if block is not None and block.clip is not None and (block.key, block.attempt) == (row.key, row.number):
        return (block.task, block.clip, block.cost) == (row.task, row.clip, _paid(row).cost)
    return lock.past.get(_purchase(row)) == _paid(row)


def _keyed(block: Block, found: Mapping[str, Sequence[Attempt]]) -> Block:
    """Return the block with its key, which the lock may lack but the ledger has."""
    return block if block.key or block.content not in found else replace(block, key=found[block.content][0].key)


def _line(lock: Lock, content: str, rows: Sequence[Attempt], last: Mapping[str, int]) -> Block | None:
    """Return the block of a content, with what the ledger adds."""
    before = lock.blocks.get(content)
    if before is not None and before.clip is not None:
        return before
    blocks = [block for block in map(block_of, rows) if block is not None]
    if before is not None:
        return join([before, *blocks])
    coming = [block for block in blocks if block.attempt > last.get(block.key, 0)]
    return join(coming) if coming else None


def _told(lock: Lock, rows: Iterable[Attempt]) -> Iterator[tuple[PastPurchase, Paid]]:
    """Merge the purchases of lock and ledger; the ledger is right about its own rows, unless they continued
    elsewhere."""
    mine = {_purchase(row): row for row in rows}
    by_attempt: dict[tuple[str, int], list[PastPurchase]] = {}
    for purchase in mine:
        by_attempt.setdefault(purchase[:2], []).append(purchase)
    older: set[PastPurchase] = set()
    contents = {row.content for row in mine.values()}
    blocks = [lock.blocks[content] for content in contents if content in lock.blocks]
    for purchase, paid in (*lock.past.items(), *((block.purchase, block.paid) for block in blocks)):
        same = [each for each in by_attempt.get(purchase[:2], ()) if each.may_be(purchase)]
        news = bool(same) and _is_news(mine[same[0]], paid)
        if not news:
            older.update(same)
        if not news or _paid(mine[same[0]]).cost is None:
            yield purchase, paid
    for purchase, row in mine.items():
        if purchase not in older:
            yield purchase, _paid(row)


def _purchase(row: Attempt) -> PastPurchase:
    return PastPurchase(row.key, row.number, row.task)


def _paid(row: Attempt) -> Paid:
    cost = row.charged if row.charged is not None else row.reserved
    return Paid(row.state if row.state in LOCK_STATES else PurchaseState.DONE, cost)


def _is_news(row: Attempt, before: Paid) -> bool:
    """Whether a row is at least as advanced as the lock, or was recorded as not billed."""
    said = row.state is PurchaseState.ABANDONED and row.charged == 0 and before.state is not PurchaseState.DONE
    return said or LOCK_STATES.index(_paid(row).state) >= LOCK_STATES.index(before.state)


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a lock knows but a ledger does not: blocks without rows, and other purchases with their cost in US
    dollars."""

    blocks: tuple[Block, ...]
    past: tuple[tuple[PastPurchase, Decimal], ...]

    @property
    def cost(self) -> Decimal:
        """The cost of all of it."""
        costs = (*(block.cost or Decimal(0) for block in self.blocks), *(cost for _, cost in self.past))
        return sum(costs, Decimal(0))


def lacking(lock: Lock, rows: Iterable[Attempt]) -> Lacking:
    """Return what these rows of the ledger lack. Together they are everything that a story has spent, each task
    once."""
    known: dict[tuple[str, int], set[str | None]] = {}
    for row in rows:
        if row.state is not PurchaseState.WITHDRAWN:
            for name in (row.key, row.content):
                known.setdefault((name, row.number), set()).update({row.task} if row.task or row.costs else ())
    blocks, told = [], [*lock.past.items()]
    for block in lock.blocks.values():
        if block.purchase[:2] in known:
            told.append((block.purchase, block.paid))
        else:
            blocks.append(block)
    past = ((purchase, paid.cost) for purchase, paid in told if not _has(known, purchase))
    return Lacking(tuple(blocks), tuple((purchase, cost) for purchase, cost in past if cost))


def _has(known: Mapping[tuple[str, int], Collection[str | None]], purchase: PastPurchase) -> bool:
    tasks = known.get(purchase[:2], ())
    return purchase.task in tasks or (bool(tasks) and (None in tasks or purchase.task is None))
