"""The transaction that lets a process send: all of its conditions hold at once, or nothing is written."""

from __future__ import annotations

from typing import TypeAlias
from uuid import UUID

from storyboard.cluster.attempt_table import AttemptWriter
from storyboard.cluster.closing import check_open
from storyboard.cluster.session import Cursor, account_name
from storyboard.cluster.spending import first_cap_passed
from storyboard.fast_dataclasses import dataclass, field_values
from storyboard.store.attempt import Attempt, Whose
from storyboard.store.attempt_changes import HistoryChanged, SendersAlive, joined, same_attempt, version_of
from storyboard.store.send_permission import Moment, is_fresh, this_moment
from storyboard.store.spending_caps import Cap, CapReached


@dataclass(frozen=True, slots=True)
class SendPermission:
    """A committed join: the attempt as it is recorded since. `session` is the session that committed it; `monotonic`
    and `wall` are when."""

    attempt: Attempt
    session: int
    monotonic: float
    wall: float

    def is_fresh(self) -> bool:
        """Whether it is young enough by both clocks: a process that was paused, or a machine that slept, is not."""
        return is_fresh(Moment(self.monotonic, self.wall), this_moment())


@dataclass(frozen=True, slots=True)
class ClaimLost:
    """Another holder works on the job now, or it is no longer recorded as wanted."""


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


Barrier: TypeAlias = HistoryChanged | SendersAlive | ClaimLost | LookUpFirst | SlotsTaken | TooSoon | CapReached


class JoinBarred(Exception):
    """Rolls the transaction back, with the reason."""

    def __init__(self, barrier: Barrier) -> None:
        super().__init__()
        self.barrier = barrier


@dataclass(frozen=True, slots=True)
class Joining:
    """What a holder wants to reserve, and on what grounds.

    `seen` is the version of the key's history that this was decided on, 0 for none. `looked_up`
    says that the attempt before was looked up through the whole wait. `unique_ids` is the operator's word that the
    gateway never makes a second task of an id. `task_life` is how long a task of unknown outcome fills a slot.
    """

    attempt: Attempt
    caps: tuple[Cap, ...]
    seen: int
    holder: UUID
    sender: str
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
    """Return the account's row, locked until the commit: the first lock of every transaction that takes more than
    one."""
    query = (
        "SELECT id, slots, seconds_between, greatest(extract(epoch FROM next_at - clock_timestamp()), 0)::float8 "
        "FROM accounts WHERE provider = %s AND base_url = %s AND dialect = %s AND account = %s FOR UPDATE"
    )
    cursor.execute(query, field_values(whose))
    row = cursor.fetchone()
    if row is None:
        cursor.execute(
            "INSERT INTO accounts (provider, base_url, dialect, account) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            field_values(whose),
        )
        cursor.execute(query, field_values(whose))
        row = cursor.fetchone()
        assert row is not None
    return _Account(*row)


def join(cursor: Cursor, wish: Joining) -> tuple[Attempt, int, str]:
    """Write the intent with the holder in `may`, or raise JoinBarred or LedgerClosed.

    Returns the attempt as it is recorded, how many reservations the account has had, and the account's name.
    """
    attempt = wish.attempt
    account = lock_account(cursor, attempt.whose)
    check_open(cursor)
    cursor.execute("SELECT holder, tag FROM jobs WHERE key = %s FOR UPDATE", (attempt.key,))
    job = cursor.fetchone()
    if job is None or job[0] != wish.holder:
        raise JoinBarred(ClaimLost())
    writer = AttemptWriter(cursor, attempt.key, wish.person)
    allowed = _allowed(cursor, wish, writer)
    _check_slots(cursor, wish, account)
    if account.wait > 0:
        raise JoinBarred(TooSoon(account.wait))
    written, spent = writer.write(allowed, joins=1)
    if (cap := first_cap_passed(cursor, wish.caps, written, spent)) is not None:
        raise JoinBarred(cap)
    cursor.execute(
        "UPDATE accounts SET next_at = clock_timestamp() + make_interval(secs => seconds_between), "
        "virtual_time = greatest(virtual_time, %s), reservations = reservations + 1 WHERE id = %s "
        "RETURNING reservations",
        (job[1], account.id),
    )
    row = cursor.fetchone()
    assert row is not None
    return written, int(row[0]), account_name(*field_values(attempt.whose))


def _allowed(cursor: Cursor, wish: Joining, writer: AttemptWriter) -> Attempt:
    """Return the row to write. Raises JoinBarred if the rules do not let the holder join."""
    history = writer.history
    if version_of(history) != wish.seen:
        raise JoinBarred(HistoryChanged())
    allowed = joined(history, wish.attempt, wish.sender, dead=_dead_among(cursor, history), unique_ids=wish.unique_ids)
    if isinstance(allowed, SendersAlive):
        raise JoinBarred(allowed)
    before = same_attempt(history, wish.attempt)
    if before is None and history and not wish.looked_up:
        last = writer.row_of(history[-1])
        if last is not None and last.joins > 1:
            raise JoinBarred(LookUpFirst())
    return allowed


def _dead_among(cursor: Cursor, history: tuple[Attempt, ...]) -> frozenset[str]:
    """Return the senders that are recorded as dead. A session that ended is not a death."""
    senders = sorted({sender for attempt in history for sender in attempt.may})
    if not senders:
        return frozenset()
    cursor.execute("SELECT sender FROM holders WHERE sender = ANY(%s) AND dead_by IS NOT NULL", (senders,))
    return frozenset(str(found) for (found,) in cursor.fetchall())


def _check_slots(cursor: Cursor, wish: Joining, account: _Account) -> None:
    if account.slots is None:
        return
    cursor.execute(
        "SELECT count(*) FROM attempts WHERE provider = %s AND base_url = %s AND dialect = %s AND account = %s "
        "AND state IN ('intent', 'submitted') AND external_id <> %s "
        "AND (state = 'submitted' OR joined_at > clock_timestamp() - make_interval(secs => %s))",
        (*field_values(wish.attempt.whose), wish.attempt.external_id, wish.task_life),
    )
    row = cursor.fetchone()
    assert row is not None
    if row[0] >= account.slots:
        raise JoinBarred(SlotsTaken(row[0], account.slots))
