"""A closed ledger: everything known is still recorded, polled and fetched, and nothing is reserved."""

from __future__ import annotations

from storyboard.cluster.session import Cursor, live_numbers
from storyboard.cluster.troubles import LedgerClosed
from storyboard.errors import UsageError

CLOSED, MOVED = "closed", "moved"
"""Facts: why the ledger may have lost something; the id of the store that its purchases were moved to, and its name."""


def check_open(cursor: Cursor) -> None:
    """Raise LedgerClosed where nothing may be reserved."""
    cursor.execute("SELECT name, value FROM facts WHERE name IN (%s, %s)", (CLOSED, MOVED))
    facts = {str(name): str(value) for name, value in cursor.fetchall()}
    if MOVED in facts:
        _, _, name = facts[MOVED].partition(" ")
        raise LedgerClosed(
            f"the ledger is closed: its purchases were moved to the store of {name}",
            help="build there, without `ledger`; or move them back from there: storyboard store migrate",
        )
    if CLOSED in facts:
        raise LedgerClosed(
            f"the ledger is closed: {facts[CLOSED]}",
            help="nothing is bought until every machine has reported what it knows (storyboard status, on each) and a "
            "person reopens the ledger with storyboard resolve --rebuilt",
        )


def reopen(cursor: Cursor, person: str) -> None:
    """Reserve again, on the word of a person who has seen every machine tell that could still send."""
    cursor.execute("DELETE FROM facts WHERE name = %s", (CLOSED,))
    cursor.execute(
        "INSERT INTO facts VALUES ('reopened_by', %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (person,),
    )
    cursor.execute("DELETE FROM told")


def close_for_move(cursor: Cursor, store: str, name: str, me: int) -> None:
    """Close the ledger, whose purchases are about to be moved to a store. `me` is the number of this process.

    Raises UsageError while another process is connected or may still send, LedgerClosed where it is closed already,
    unless for the same move.
    """
    cursor.execute("SELECT value FROM facts WHERE name = %s", (MOVED,))
    if (row := cursor.fetchone()) is not None and str(row[0]).partition(" ")[0] == store:
        return
    check_open(cursor)
    cursor.execute("SELECT 1 FROM accounts ORDER BY id FOR UPDATE")  # after this nobody reserves
    others = [number for number in live_numbers(cursor) if number != me]
    cursor.execute("SELECT DISTINCT name FROM holders WHERE number = ANY(%s) ORDER BY name", (others,))
    if connected := [str(found) for (found,) in cursor.fetchall()]:
        raise UsageError(
            f"{', '.join(connected)} still works with the ledger", help="end these first, then run the same command"
        )
    cursor.execute("INSERT INTO facts VALUES (%s, %s)", (MOVED, f"{store} {name}"))


def reopen_after_move(cursor: Cursor, store: str) -> None:
    """Let one reserve by it again, where its purchases were moved to that store and come back from there."""
    cursor.execute("SELECT value FROM facts WHERE name = %s", (MOVED,))
    row = cursor.fetchone()
    if row is None:
        return
    moved_to, _, name = str(row[0]).partition(" ")
    if moved_to != store:
        raise UsageError(
            f"the ledger's purchases were moved to the store of {name}, and this is another store",
            help="run the same command there",
        )
    cursor.execute("DELETE FROM facts WHERE name = %s", (MOVED,))
