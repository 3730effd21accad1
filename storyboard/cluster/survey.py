"""What a shared ledger knows of all people and machines, for those who look at it: nothing is locked or changed."""

from __future__ import annotations

from decimal import Decimal

from storyboard.cluster.session import Cursor, live_numbers
from storyboard.fast_dataclasses import dataclass
from storyboard.forms import money_of
from storyboard.jobs.purchase_state import PurchaseState

OPEN = (PurchaseState.INTENT, PurchaseState.SUBMITTED, PurchaseState.FINISHED, PurchaseState.LOST)
_NANO = Decimal(1).scaleb(-9)


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """An attempt that has not ended. `since` is when its state began, in seconds since the epoch; `worker` is the
    process that works on it, None for nobody; `may` names those who may still send it, and `is_sending` says that one
    of them is connected."""

    key: str
    state: PurchaseState
    project: str
    path: str
    variant: str
    person: str
    worker: str | None
    since: float
    task: str | None
    reserved: Decimal | None
    may: tuple[str, ...]
    is_sending: bool


@dataclass(frozen=True, slots=True)
class PurchaseSum:
    """What one person bought for one story in one month, as in `2026-11`, in UTC; amounts in US dollars."""

    person: str
    project: str
    path: str
    variant: str
    month: str
    tasks: int
    charged: Decimal
    reserved: Decimal


def open_attempts(cursor: Cursor) -> tuple[OpenAttempt, ...]:
    """Return every attempt that is running, lost or of unknown outcome, those that are longest in their state first."""
    live = set(live_numbers(cursor))
    cursor.execute("SELECT sender, name, number, dead_by IS NOT NULL FROM holders")
    senders = {str(sender): (str(name), number in live, dead) for sender, name, number, dead in cursor.fetchall()}
    cursor.execute(
        "SELECT attempts.key, state, attempts.project, attempts.path, attempts.variant, attempts.person, holders.name, "
        "holders.number, coalesce(attempts.ended_at, submitted_at, opened_at), task, reserved, may "
        "FROM attempts "
        "LEFT JOIN jobs ON jobs.key = attempts.key LEFT JOIN holders ON holders.id = jobs.holder "
        "WHERE state = ANY(%s) ORDER BY 9, attempts.key",
        ([state.value for state in OPEN],),
    )
    found = []
    for key, state, project, path, variant, person, worker, number, since, task, reserved, may in cursor.fetchall():
        known = [senders.get(sender, (sender, False, False)) for sender in may]
        found.append(
            OpenAttempt(
                *(key, PurchaseState(state), project, path, variant, person),
                worker=worker if number in live else None,
                since=float(since),
                task=task,
                reserved=money_of(reserved),
                may=tuple(name for name, _, is_dead in known if not is_dead),
                is_sending=any(is_connected for _, is_connected, _ in known),
            )
        )
    return tuple(found)


def waiting_jobs(cursor: Cursor) -> dict[str, int]:
    """Return how many wanted jobs were not begun yet, by person."""
    cursor.execute(
        "SELECT person, count(*) FROM jobs WHERE NOT done AND NOT EXISTS "
        "(SELECT 1 FROM attempts WHERE attempts.key = jobs.key AND state = ANY(%s)) GROUP BY person",
        ([state.value for state in OPEN],),
    )
    return {str(person): int(count) for person, count in cursor.fetchall()}


def project_sums(cursor: Cursor) -> dict[str, tuple[Decimal, Decimal]]:
    """Return what is charged and what is reserved for each project, in US dollars."""
    cursor.execute(
        "SELECT project, coalesce(sum(counted) FILTER (WHERE charged IS NOT NULL), 0), "
        "coalesce(sum(counted) FILTER (WHERE charged IS NULL), 0) FROM attempts WHERE counted > 0 GROUP BY project"
    )
    return {str(project): (charged * _NANO, reserved * _NANO) for project, charged, reserved in cursor.fetchall()}


def purchase_sums(cursor: Cursor) -> tuple[PurchaseSum, ...]:
    """Return what was bought, by person, story and month."""
    cursor.execute(
        "SELECT person, project, path, variant, "
        "to_char(to_timestamp(opened_at) AT TIME ZONE 'UTC', 'YYYY-MM') AS month, count(*), "
        "coalesce(sum(counted) FILTER (WHERE charged IS NOT NULL), 0), "
        "coalesce(sum(counted) FILTER (WHERE charged IS NULL), 0) FROM attempts WHERE counted > 0 "
        "GROUP BY person, project, path, variant, month ORDER BY month, project, path, variant, person"
    )
    return tuple(
        PurchaseSum(person, project, path, variant, month, tasks, charged * _NANO, reserved * _NANO)
        for person, project, path, variant, month, tasks, charged, reserved in cursor.fetchall()
    )


def count_purchases(cursor: Cursor) -> int:
    """Return how many jobs were ever begun."""
    cursor.execute("SELECT count(DISTINCT key) FROM attempts WHERE state <> 'withdrawn'")
    row = cursor.fetchone()
    return 0 if row is None else int(row[0])
