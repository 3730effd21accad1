"""Who may write down that another process is dead, so that others may send again what it may have sent.

Three may: a process of the same store that finds the dead one's lock free, a process that a person started with the
same name, and a person. A session that ended, a time that passed and a process that is silent are no proof.
"""

from __future__ import annotations

from functools import partial

from storyboard.cluster import holders
from storyboard.cluster.holder_lock import ended_holders, forget_holder
from storyboard.cluster.holders import SessionOpen, UnknownHolder
from storyboard.cluster.session import LedgerSession
from storyboard.errors import UsageError


def bury_ended(session: LedgerSession) -> int:
    """Bury the processes of this store that have ended; returns how many. One whose session the server has not noticed
    to be over yet is left for later."""
    store, ledger, me = session.memory.folder, session.ledger_id, session.holder
    buried = 0
    for holder in ended_holders(store, ledger):
        try:
            session.transaction(partial(holders.bury, holder=holder, by=me.name, why="its lock in the store is free"))
            buried += 1
        except SessionOpen:
            continue
        except UnknownHolder:
            pass  # a ledger that forgot it has it in no row either
        forget_holder(store, ledger, holder)
    return buried


def bury_namesakes(session: LedgerSession) -> int:
    """Bury the earlier processes of this one's name, which a person gave: only one of that name runs at a time.

    Returns how many. Raises UsageError where the session of another one is open.
    """
    me = session.holder
    named = session.transaction(lambda cursor: holders.find_named(cursor, me.name))
    others = [holder for holder in named if holder != me.id]
    for holder in others:
        try:
            session.transaction(partial(holders.bury, holder=holder, by=me.name, why="it was started again"))
        except SessionOpen:
            raise UsageError(
                f"another process with the name `{me.name}` is connected to the ledger",
                help="give this one another --name; if that machine was cut off, its session ends within half a minute",
            ) from None
    return len(others)


def bury_named(session: LedgerSession, name: str, why: str) -> int:
    """Bury, on a person's word, the processes of a name whose session has ended; returns how many.

    Raises UsageError where there is none.
    """
    me = session.holder
    named = session.transaction(lambda cursor: holders.find_named(cursor, name))
    buried, is_open = 0, None
    for holder in named:
        try:
            session.transaction(partial(holders.bury, holder=holder, by=me.person, why=why))
            buried += 1
        except SessionOpen as still_open:
            is_open = still_open
    if is_open is not None and not buried:
        raise is_open
    if not named:
        raise UsageError(
            f"no process `{name}` can be working or sending", help="see their names: storyboard status --all"
        )
    return buried
