"""The processes that a shared ledger has seen, and the word that one of them is dead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from storyboard.cluster.session import LOCK_CLASS, Cursor, live_numbers
from storyboard.errors import UsageError


class UnknownHolder(UsageError):
    """The ledger has never seen a process."""


class SessionOpen(UsageError):
    """A process is not dead: its session is open."""


@dataclass(frozen=True, slots=True)
class HolderStatus:
    """A process. `connected` says that its session is open; that it is not is no proof that the process ended."""

    id: UUID
    name: str
    person: str
    store: str
    host: str
    pid: int
    client: str
    began_at: datetime
    spoke_at: datetime
    ended_at: datetime | None
    dead_by: str | None
    connected: bool
    may_send: int
    """Under how many attempts it may still send."""


def list_holders(cursor: Cursor) -> tuple[HolderStatus, ...]:
    """Every process that has not ended properly, or that may still send; the latest to speak first."""
    live = live_numbers(cursor)
    cursor.execute(
        "SELECT id, name, person, store, host, pid, client, began_at, spoke_at, ended_at, dead_by, number = ANY(%s), "
        "(SELECT count(*) FROM attempts WHERE may <> '{}' AND holders.sender = ANY(may)) AS may_send FROM holders "
        "WHERE ended_at IS NULL OR EXISTS (SELECT 1 FROM attempts WHERE may <> '{}' AND holders.sender = ANY(may)) "
        "ORDER BY spoke_at DESC",
        (live,),
    )
    return tuple(HolderStatus(*row) for row in cursor.fetchall())


def bury(cursor: Cursor, holder: UUID, by: str, why: str) -> None:
    """Write down that a process is dead and who says so; after that, others may send again under the ids it had.

    Raises SessionOpen and UnknownHolder. `burying` has who may say so.
    """
    cursor.execute("SELECT number, name FROM holders WHERE id = %s FOR UPDATE", (holder,))
    row = cursor.fetchone()
    if row is None:
        raise UnknownHolder(f"the ledger knows no holder {holder}")
    number, name = row
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", (LOCK_CLASS, number))
    held = cursor.fetchone()
    if held is None or not held[0]:
        raise SessionOpen(
            f"`{name}` is not dead: its session on the ledger is open",
            help="end that process; if its machine was cut off, its session ends within half a minute",
        )
    cursor.execute(
        "UPDATE holders SET dead_by = %s, dead_why = %s, dead_at = clock_timestamp(), "
        "ended_at = coalesce(ended_at, clock_timestamp()) WHERE id = %s AND dead_by IS NULL",
        (by, why, holder),
    )


def find_named(cursor: Cursor, name: str) -> tuple[UUID, ...]:
    """The processes of that name that may still work or send, as far as anybody has said."""
    cursor.execute(
        "SELECT id FROM holders WHERE name = %s AND dead_by IS NULL AND (ended_at IS NULL OR EXISTS "
        "(SELECT 1 FROM attempts WHERE may <> '{}' AND holders.sender = ANY(may))) ORDER BY number",
        (name,),
    )
    return tuple(found for (found,) in cursor.fetchall())
