"""The transaction that lets a process send: all of its conditions hold at once, or nothing is written."""

from __future__ import annotations

import time
from dataclasses import astuple, dataclass, replace
from typing import TypeAlias
from uuid import UUID

from storyboard.cluster.recorded import RecordedAttempt, read_latest, write_attempt
from storyboard.cluster.session import Cursor, account_name
from storyboard.cluster.spending import change_purses, first_cap_passed, nanos
from storyboard.cluster.troubles import LedgerClosed
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.store.attempt import Attempt, Whose
from storyboard.store.spending_caps import Cap, CapReached

PERMISSION_SECONDS = 2.0
"""How old a permission to send may be when the first byte leaves."""
_ENDED = (PurchaseState.FAILED, PurchaseState.LOST, PurchaseState.ABANDONED)


@dataclass(frozen=True, slots=True)
class SendPermission:
    """A committed join. `session` is the session that committed it; `monotonic` and `wall` are when."""

    attempt: Attempt
    version: int
    session: int
    monotonic: float
    wall: float

    def is_fresh(self) -> bool:
        """Whether it is young enough by both clocks: a process that was paused, or a machine that slept, is not."""
        by_monotonic = time.monotonic() - self.monotonic
        by_wall = time.time() - self.wall
        return 0 <= by_monotonic <= PERMISSION_SECONDS and -PERMISSION_SECONDS <= by_wall <= PERMISSION_SECONDS


@dataclass(frozen=True, slots=True)
class AttemptChanged:
    """The record is not as it was when this was decided. `now` is what is there; decide again from that."""

    now: RecordedAttempt | None


@dataclass(frozen=True, slots=True)
class ClaimLost:
    """Another holder works on the job now, or nobody has said that it is wanted."""


@dataclass(frozen=True, slots=True)
class OthersMaySend:
    """Holders that are not known to be dead and may still send under the attempt's id."""

    holders: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class LookUpFirst:
    """The attempt before was joined more than once: a second task may exist that a look-up must rule out."""


@dataclass(frozen=True, slots=True)
class SlotsTaken:
    """The account runs as many tasks as it may."""

    open: int
    slots: int


@dataclass(frozen=True, slots=True)
class TooSoon:
    """The account's rate allows the next submit in so many seconds."""

    seconds: float


Barrier: TypeAlias = AttemptChanged | ClaimLost | OthersMaySend | LookUpFirst | SlotsTaken | TooSoon | CapReached


class JoinBarred(Exception):
    """Rolls the transaction back; carries why."""

    def __init__(self, barrier: Barrier) -> None:
        super().__init__()
        self.barrier = barrier


@dataclass(frozen=True, slots=True)
class Joining:
    """What a holder wants to reserve, and on what grounds.

    `seen` is the version of the key's latest attempt when this was decided; None where there was none. `looked_up`
    says that the attempt before was looked up through the whole wait. `unique_ids` is the operator's word that the
    gateway never makes a second task of an id. `task_life` is how long a task of unknown outcome fills a slot.
    """

    attempt: Attempt
    caps: tuple[Cap, ...]
    seen: int | None
    holder: UUID
    person: str
    looked_up: bool = False
    unique_ids: bool = False
    task_life: float = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class _Account:
    id: int
    slots: int | None
    seconds_between: float
    wait: float


def lock_account(cursor: Cursor, whose: Whose) -> _Account:
    """The account's row, locked until the commit: the first lock of every transaction that takes more than one."""
    query = (
        "SELECT id, slots, seconds_between, greatest(extract(epoch FROM next_at - clock_timestamp()), 0)::float8 "
        "FROM accounts WHERE provider = %s AND base_url = %s AND dialect = %s AND account = %s FOR UPDATE"
    )
    cursor.execute(query, astuple(whose))
    row = cursor.fetchone()
    if row is None:
        cursor.execute(
            "INSERT INTO accounts (provider, base_url, dialect, account) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            astuple(whose),
        )
        cursor.execute(query, astuple(whose))
        row = cursor.fetchone()
        assert row is not None
    return _Account(*row)


def join(cursor: Cursor, wish: Joining) -> tuple[int, int, str]:
    """Write the intent with the holder's name in `may`, or raise JoinBarred or LedgerClosed.

    Returns the attempt's version, how many reservations the account has had, and the account's name.
    """
    attempt = wish.attempt
    account = lock_account(cursor, attempt.whose)
    cursor.execute("SELECT value FROM facts WHERE name = 'closed'")
    if (row := cursor.fetchone()) is not None:
        raise closed(str(row[0]))
    cursor.execute("SELECT holder, tag FROM jobs WHERE key = %s FOR UPDATE", (attempt.key,))
    job = cursor.fetchone()
    if job is None or job[0] != wish.holder:
        raise JoinBarred(ClaimLost())
    latest = read_latest(cursor, attempt.key, lock=True)
    before = _checked(cursor, wish, latest)
    _check_slots(cursor, wish, account)
    if account.wait > 0:
        raise JoinBarred(TooSoon(account.wait))
    joined = RecordedAttempt(
        attempt=replace(attempt, state=PurchaseState.INTENT),
        person=wish.person if before is None else before.person,
        counted=nanos(replace(attempt, state=PurchaseState.INTENT).costs),
        tasks=() if before is None else before.tasks,
        may=frozenset({wish.holder}) | (before.may if before is not None and wish.unique_ids else frozenset()),
        joins=1 if before is None else before.joins + 1,
        version=0,
    )
    had = 0 if before is None else before.counted
    spent = change_purses(cursor, attempt, joined.person, joined.counted - had)
    if (cap := first_cap_passed(cursor, wish.caps, attempt, spent, joined.counted)) is not None:
        raise JoinBarred(cap)
    version = write_attempt(cursor, joined)
    cursor.execute(
        "UPDATE accounts SET next_at = clock_timestamp() + make_interval(secs => seconds_between), "
        "virtual_time = greatest(virtual_time, %s), reservations = reservations + 1 WHERE id = %s "
        "RETURNING reservations",
        (job[1], account.id),
    )
    row = cursor.fetchone()
    assert row is not None
    return version, int(row[0]), account_name(*astuple(attempt.whose))


def closed(why: str) -> LedgerClosed:
    """The error that a closed ledger raises."""
    return LedgerClosed(
        f"the ledger is closed: {why}",
        help="nothing is bought until every machine has told what it knows and a person reopens the ledger",
    )


def living_others(cursor: Cursor, may: frozenset[UUID], holder: UUID) -> tuple[UUID, ...]:
    """The others in `may` whose death nobody has written down. A session that ended is no death."""
    others = sorted(may - {holder})
    if not others:
        return ()
    cursor.execute("SELECT id FROM holders WHERE id = ANY(%s) AND dead_by IS NOT NULL", (others,))
    dead = {found for (found,) in cursor.fetchall()}
    return tuple(other for other in others if other not in dead)


def _checked(cursor: Cursor, wish: Joining, latest: RecordedAttempt | None) -> RecordedAttempt | None:
    """The row that is joined, None for a new one. Raises JoinBarred where the rules do not let the holder join."""
    if (None if latest is None else latest.version) != wish.seen:
        raise JoinBarred(AttemptChanged(latest))
    if latest is None:
        return None
    attempt, known = wish.attempt, latest.attempt
    others = living_others(cursor, latest.may, wish.holder)
    if (attempt.external_id, attempt.whose) == latest.id:
        if known.state not in (PurchaseState.INTENT, PurchaseState.WITHDRAWN):
            raise JoinBarred(AttemptChanged(latest))
        if others and not wish.unique_ids:
            raise JoinBarred(OthersMaySend(others))
        return latest
    if known.state is PurchaseState.WITHDRAWN and attempt.number >= known.number:
        if others:
            raise JoinBarred(OthersMaySend(others))
        return None
    if attempt.number <= known.number or known.state not in _ENDED:
        raise JoinBarred(AttemptChanged(latest))
    if others:
        raise JoinBarred(OthersMaySend(others))
    if latest.joins > 1 and not wish.looked_up:
        raise JoinBarred(LookUpFirst())
    return None


def _check_slots(cursor: Cursor, wish: Joining, account: _Account) -> None:
    if account.slots is None:
        return
    cursor.execute(
        "SELECT count(*) FROM attempts WHERE provider = %s AND base_url = %s AND dialect = %s AND account = %s "
        "AND state IN ('intent', 'submitted') AND external_id <> %s "
        "AND (state = 'submitted' OR joined_at > clock_timestamp() - make_interval(secs => %s))",
        (*astuple(wish.attempt.whose), wish.attempt.external_id, wish.task_life),
    )
    row = cursor.fetchone()
    assert row is not None
    if row[0] >= account.slots:
        raise JoinBarred(SlotsTaken(row[0], account.slots))
