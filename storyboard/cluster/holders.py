"""The processes that a shared ledger has seen, and the statement that one of them is dead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from storyboard.cluster.session import LOCK_CLASS, Cursor, live_numbers
from storyboard.errors import UsageError
from storyboard.fast_dataclasses import dataclass


class UnknownHolder(UsageError):
    """A process that the ledger has never seen."""


class SessionOpen(UsageError):
    """A process that is not dead: its session is open."""


@dataclass(frozen=True, slots=True)
class HolderStatus:
    """A process. `connected` says that its session is open; a closed session does not prove that the process ended."""

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
    """Return every process that has not ended properly, or that may still send; the last to report first."""
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
    cursor.execute(  # jobs that left the line because nobody knew whether it may still send them
        "UPDATE jobs SET done = false, outcome = '', blame = 0, not_before = 'epoch' WHERE done AND outcome <> '' "
        "AND key IN (SELECT key FROM attempts WHERE (SELECT sender FROM holders WHERE id = %s) = ANY(may))",
        (holder,),
    )


def find_named(cursor: Cursor, name: str) -> tuple[UUID, ...]:
    """Return the processes of this name that may still work or send, as far as it was recorded."""
    cursor.execute(
        "SELECT id FROM holders WHERE name = %s AND dead_by IS NULL AND (ended_at IS NULL OR EXISTS "
        "(SELECT 1 FROM attempts WHERE may <> '{}' AND holders.sender = ANY(may))) ORDER BY number",
        (name,),
    )
    return tuple(found for (found,) in cursor.fetchall())


def senders_among(cursor: Cursor, senders: Sequence[str]) -> Mapping[str, str]:
    """Return those of the senders that are not recorded as dead, with their names."""
    if not senders:
        return {}
    cursor.execute("SELECT sender, name, dead_by IS NOT NULL FROM holders WHERE sender = ANY(%s)", (list(senders),))
    known = {str(sender): (str(name), bool(dead)) for sender, name, dead in cursor.fetchall()}
    return {
        sender: known[sender][0] if sender in known else sender
        for sender in senders
        if not known.get(sender, ("", False))[1]
    }


def stores_of(cursor: Cursor, senders: Sequence[str]) -> set[str]:
    """Return the stores whose processes these senders are."""
    cursor.execute("SELECT DISTINCT store FROM holders WHERE sender = ANY(%s)", (list(senders),))
    return {str(store) for (store,) in cursor.fetchall()}
