"""Moving a ledger: from the store of one machine to PostgreSQL, and back.

Row by row, by the attempt's own id: a row that is already there is only brought forward, so an interrupted move
continues where it stopped, and a repeated one changes nothing. What is spent must be the same afterwards, to the cent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Protocol, TypeAlias

from storyboard.errors import StoreError, UsageError
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.money import exact_dollars
from storyboard.store.attempt import Attempt
from storyboard.store.attempt_changes import HistoryChanged, same_attempt
from storyboard.store.interface import Ledger

Rewritten: TypeAlias = Callable[[Attempt], Attempt]
"""An attempt in the words of the ledger that receives it: each has its own salt for accounts."""
_ENDS = frozenset({PurchaseState.FAILED, PurchaseState.FINISHED, PurchaseState.LOST, PurchaseState.DONE})
AT_ONCE = 100
"""Rows moved in one transaction."""
NAMED = 3
"""Jobs that a refusal names."""


class LedgerOfRows(Ledger, Protocol):
    """A ledger that can list all its rows."""

    def all(self) -> tuple[Attempt, ...]:
        """Return every attempt, in the order they were begun."""
        ...


@dataclass(frozen=True, slots=True)
class Moved:
    """The result of a move: the rows that were missing, those that were brought forward, those that were already
    there, and what all of them cost, in US dollars."""

    added: int
    changed: int
    there: int
    spent: Decimal


def move_rows(giver: LedgerOfRows, receiver: LedgerOfRows, rewritten: Rewritten, dead: Collection[str] = ()) -> Moved:
    """Move every attempt that was bought, and what was learned of each gateway; free clips stay where they are. `dead`
    are senders that send no more.

    Raises UsageError while anybody may still send one, StoreError where the sums differ afterwards.
    """
    rows = [row for row in giver.all() if row.whose.base_url]
    _refuse_unsettled(rows, dead)
    theirs = [replace(rewritten(row), may=(), version=0) for row in rows]
    counts = {True: 0, False: 0, None: 0}
    for at in range(0, len(theirs), AT_ONCE):
        works = [partial(_move, receiver, row) for row in theirs[at : at + AT_ONCE]]
        for answer in receiver.together(works):
            if isinstance(answer, Exception):
                raise answer
            counts[answer] += 1
    for whose, there in {row.whose: their.whose for row, their in zip(rows, theirs, strict=True)}.items():
        receiver.learn(there, giver.known(whose))
    return Moved(counts[True], counts[False], counts[None], _compare(rows, theirs, receiver))


def _refuse_unsettled(rows: Iterable[Attempt], dead: Collection[str]) -> None:
    """Refuse a ledger with open senders: only those named in `may` know whether they have sent; the new ledger would
    not know it."""
    open_rows = [row for row in rows if any(sender not in dead for sender in row.may)]
    if not open_rows:
        return
    named = ", ".join(", ".join(row.addresses) or row.key[:12] for row in open_rows[:NAMED])
    more = f" and {len(open_rows) - NAMED} more" if len(open_rows) > NAMED else ""
    raise UsageError(
        f"{named}{more} may still be sent: a ledger is moved only when every job is settled",
        help="see `storyboard status`: build again, or settle what is unknown with `storyboard resolve`",
    )


def _move(receiver: Ledger, row: Attempt) -> bool | None:
    """Write one row; True where it was not there, False where it was brought forward, None where it was as it is."""
    before = same_attempt(receiver.history([row.key]).get(row.key, ()), row)
    if before is None:
        if isinstance(receiver.correct(row), HistoryChanged):
            raise StoreError("the ledger has changed in the meantime", help="run the same command again")
        return True
    if row.task is not None and before.task is None:
        receiver.heard(row)
    now = receiver.settle(row) if row.state in _ENDS else before
    return None if now.version == before.version else False


def _compare(rows: Sequence[Attempt], theirs: Sequence[Attempt], receiver: LedgerOfRows) -> Decimal:
    """Return what the rows cost, the same on both sides. Each task counts once, however many rows name it."""
    found = {(row.external_id, row.whose): row for row in receiver.all()}
    received = [found.get((row.external_id, row.whose)) for row in theirs]
    before, after = _sum(rows), _sum(row for row in received if row is not None)
    apart = [row for row, now in zip(theirs, received, strict=True) if now is None or now.costs != row.costs]
    if apart or before != after:
        names = ", ".join(", ".join(row.addresses) or row.key[:12] for row in apart[:NAMED])
        raise StoreError(
            f"the sums differ: {exact_dollars(before)} here, {exact_dollars(after)} there ({names})",
            help="both ledgers are whole, and nothing is removed here; run the same command again",
        )
    return before


def _sum(rows: Iterable[Attempt]) -> Decimal:
    seen: set[Any] = set()
    total = Decimal(0)
    for row in rows:
        task = (row.task, row.whose)
        if row.task is None or task not in seen:
            total += row.costs
            seen.add(task)
    return total
