"""What a machine tells a shared ledger from its own journal: what the ledger forgot, or has not heard the end of.

After a failover that may have lost commits, or a restore, the ledger is closed: nothing is bought until a person has
seen that every machine has told. One that registered in the lost seconds is in no table, so only a person can know.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from storyboard.cluster.attempt_table import AttemptWriter
from storyboard.cluster.holder import HolderIdentity
from storyboard.cluster.reservation import lock_account
from storyboard.cluster.session import Cursor
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.store.attempt import Attempt
from storyboard.store.attempt_changes import heard, same_attempt, settled

_ENDS = frozenset({PurchaseState.FAILED, PurchaseState.FINISHED, PurchaseState.LOST, PurchaseState.DONE})


@dataclass(frozen=True, slots=True)
class MachineWord:
    """A machine's store: when one of its processes last reported, and when it told all that it knows, if it has
    since the ledger was closed."""

    store: str
    name: str
    spoke_at: datetime
    told_at: datetime | None


def tell(cursor: Cursor, attempts: Iterable[Attempt], teller: HolderIdentity, sending: Collection[str]) -> int:
    """Write what the ledger lacks of the attempts; returns how many of them that were."""
    in_order = sorted(attempts, key=lambda attempt: (attempt.key, attempt.number))
    for whose in sorted({attempt.whose for attempt in in_order}, key=str):
        lock_account(cursor, whose)
    return sum(_told(cursor, attempt, teller, sending) for attempt in in_order)


def has_told(cursor: Cursor, teller: HolderIdentity) -> None:
    """Write that a machine has told everything."""
    cursor.execute(
        "INSERT INTO told VALUES (%s, %s, clock_timestamp()) ON CONFLICT (store) DO UPDATE SET "
        "name = excluded.name, told_at = excluded.told_at",
        (teller.store, teller.name),
    )


def list_machines(cursor: Cursor) -> tuple[MachineWord, ...]:
    """Return every machine that has used the ledger, the last to report first."""
    cursor.execute(
        "SELECT DISTINCT ON (store) store, holders.name, spoke_at, told_at FROM holders "
        "LEFT JOIN told USING (store) ORDER BY store, spoke_at DESC"
    )
    found = [MachineWord(*row) for row in cursor.fetchall()]
    return tuple(sorted(found, key=lambda machine: machine.spoke_at, reverse=True))


def _told(cursor: Cursor, attempt: Attempt, teller: HolderIdentity, sending: Collection[str]) -> bool:
    if attempt.state is PurchaseState.WITHDRAWN:
        return False
    writer = AttemptWriter(cursor, attempt.key, teller.person)
    row = same_attempt(writer.history, attempt)
    if row is None:
        may = (teller.sender,) if attempt.key in sending and attempt.state is PurchaseState.INTENT else ()
        writer.write(replace(attempt, may=may, version=0), joins=max(attempt.sends, 1))
        return True
    if attempt.task is not None:
        writer.change_all(heard(writer.history, replace(attempt, may=()), teller.sender))
    if attempt.state in _ENDS:
        now = same_attempt(writer.history, attempt)
        writer.change(settled(now, replace(attempt, version=0), teller.sender))
    now = same_attempt(writer.history, attempt)
    return now is not None and now.version != row.version
