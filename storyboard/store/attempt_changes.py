"""Which changes to a ledger's attempts are allowed: pure functions from the rows as they are to the row to write.

Every ledger applies these rules inside one transaction, so that SQLite and a server decide alike. A change only adds or
goes forward: a machine that was offline for an hour and then writes what it knew cannot undo what others wrote since.

Only senders in `may` may send a request under an attempt's id. `joined` lets one in, and only while no other living
sender is there; `left` takes one out. Time never does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal

from storyboard.errors import StoreError
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.store.attempt import Attempt


@dataclass(frozen=True, slots=True)
class HistoryChanged:
    """Nothing was written: the attempts at this key are not those that the caller decided on. Read them and decide
    again."""


@dataclass(frozen=True, slots=True)
class SendersAlive:
    """Nothing was written: these senders may still send a request for this key, and are not known to be dead."""

    senders: tuple[str, ...]


def version_of(history: Iterable[Attempt]) -> int:
    """Return the version of a key's history. It rises with every change to any attempt at the key; 0 means none."""
    return max((attempt.version for attempt in history), default=0)


def joined(
    history: Iterable[Attempt], wanted: Attempt, sender: str, *, dead: Collection[str] = (), unique_ids: bool = False
) -> Attempt | SendersAlive:
    """Return the row that lets a sender send `wanted` once. `history` holds all attempts at its key.

    `dead` are senders that are known never to send again. `unique_ids` is a person's assurance that the gateway always
    refuses or replays an id that it knows. Raises `StoreError` if the attempt can no longer be sent.
    """
    rows = tuple(history)
    row = same_attempt(rows, wanted)
    own = row.may if row is not None else ()
    earlier = tuple(name for each in rows if each is not row for name in each.may)
    barring = earlier if unique_ids else (*earlier, *own)
    others = tuple(dict.fromkeys(name for name in barring if name != sender and name not in dead))
    if others:
        return SendersAlive(others)
    if row is not None and row.state not in (PurchaseState.INTENT, PurchaseState.WITHDRAWN):
        raise StoreError(
            f"attempt {wanted.number} of {', '.join(wanted.addresses)} is {row.state}: it is not sent again",
            help="run the same command again",
        )
    kept = tuple(name for name in own if name != sender and name not in dead)
    return replace(wanted, state=PurchaseState.INTENT, may=(*kept, sender))


def heard(history: Iterable[Attempt], news: Attempt, sender: str) -> tuple[Attempt, ...]:
    """Return the rows to write when it becomes known that `news.task` belongs to this attempt; none if nothing changes.

    The attempt's own row comes first. A second task of the same id is kept in a row of its own: it was bought twice.
    """
    rows = tuple(history)
    row = same_attempt(rows, news)
    if row is None or row.state is PurchaseState.WITHDRAWN:
        may = without(row, sender).may if row is not None else ()
        return (replace(news, state=PurchaseState.SUBMITTED, may=may),)
    left_row = without(row, sender)
    changed = (left_row,) if left_row != row else ()
    if news.task is None and row.state is PurchaseState.INTENT:
        return (_submitted(left_row, news),)
    if news.task in (None, row.task):
        return changed
    if row.task is None and row.state is not PurchaseState.DONE:
        return (_submitted(left_row, news),)
    second = second_task(row, news.task, news.charged)
    return (*changed, second) if same_attempt(rows, second) is None else changed


def _submitted(row: Attempt, news: Attempt) -> Attempt:
    return replace(
        row,
        state=PurchaseState.SUBMITTED,
        task=news.task,
        submitted_at=news.submitted_at,
        reserved=news.reserved if row.reserved in (None, Decimal(0)) else row.reserved,
        sends=max(row.sends, news.sends),
        ended_at=None,
        error=None,
    )


def second_task(row: Attempt, task: str, charged: Decimal | None) -> Attempt:
    """Return the row of another task that the gateway made of the same id. It counts as spent and is not polled."""
    return replace(
        row,
        external_id=f"{row.external_id}+{task}",
        state=PurchaseState.TWICE,
        task=task,
        clip=None,
        charged=charged,
        sends=0,
        may=(),
        version=0,
    )


def left(row: Attempt, sender: str, *, nothing_created: bool) -> Attempt:
    """Return the row of an attempt whose sender will send no more under the id.

    If `nothing_created` is certain and this sender alone sent at most once, the attempt is withdrawn: its id is free
    again.
    """
    out = without(row, sender)
    if nothing_created and row.state is PurchaseState.INTENT and not out.may and row.sends <= 1:
        return replace(out, state=PurchaseState.WITHDRAWN, reserved=Decimal(0), sends=0)
    return out


def settled(row: Attempt | None, news: Attempt, sender: str) -> Attempt:
    """Return the row after news of an attempt: how it ended, what it cost, its clip.

    A state goes forward only. A cost is stated once. `done` stays `done`; only a caller that has read the current row
    may replace its clip, or say that the clip is lost.
    """
    if row is None or row.state is PurchaseState.WITHDRAWN:
        return replace(news, may=() if row is None else without(row, sender).may)
    current = news.version == row.version
    forward = news.state in _FORWARD[row.state]
    if row.state is PurchaseState.DONE and current:
        forward = news.state in (PurchaseState.DONE, PurchaseState.LOST)
    kept = without(row, sender)
    filled = replace(
        kept,
        clip=kept.clip or news.clip,
        charged=news.charged if kept.charged is None else kept.charged,
        took=news.took if kept.took is None else kept.took,
        submitted_at=news.submitted_at if kept.submitted_at is None else kept.submitted_at,
        ended_at=news.ended_at if kept.ended_at is None else kept.ended_at,
    )
    if not forward:
        return filled
    return replace(
        filled,
        state=news.state,
        task=kept.task or news.task,
        clip=news.clip or filled.clip,
        reserved=news.reserved,
        ended_at=news.ended_at,
        error=news.error,
        said=news.said,
    )


_ENDS = frozenset({PurchaseState.FAILED, PurchaseState.FINISHED, PurchaseState.LOST, PurchaseState.DONE})
_FORWARD = {
    PurchaseState.INTENT: _ENDS | {PurchaseState.SUBMITTED},
    PurchaseState.ABANDONED: _ENDS,
    PurchaseState.SUBMITTED: _ENDS | {PurchaseState.SUBMITTED},
    PurchaseState.FINISHED: frozenset({PurchaseState.FAILED, PurchaseState.LOST, PurchaseState.DONE}),
    PurchaseState.FAILED: frozenset({PurchaseState.DONE}),
    PurchaseState.LOST: frozenset({PurchaseState.FINISHED, PurchaseState.FAILED, PurchaseState.DONE}),
    PurchaseState.DONE: frozenset[PurchaseState](),
    PurchaseState.TWICE: frozenset[PurchaseState](),
}
"""What a build may make of each state. `DONE` ends it, and a late "finished" changes nothing."""


def corrected(row: Attempt | None, said: Attempt) -> Attempt | HistoryChanged:
    """Return the row that a person wants, if it replaces the row that the person saw (version 0: no row)."""
    return said if (0 if row is None else row.version) == said.version else HistoryChanged()


def same_attempt(history: Iterable[Attempt], attempt: Attempt) -> Attempt | None:
    """Return the row of the same id and account; None if there is none."""
    identity = attempt.external_id, attempt.whose
    return next((row for row in history if (row.external_id, row.whose) == identity), None)


def without(row: Attempt, sender: str) -> Attempt:
    """Return the row without this sender in `may`."""
    return replace(row, may=tuple(name for name in row.may if name != sender)) if sender in row.may else row
