"""The ledger on PostgreSQL: each method is one transaction, which has been committed when it returns."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from storyboard.cluster import burying, closing, holders, job_queue, telling
from storyboard.cluster.attempt_table import SELECT, AttemptWriter, from_selected
from storyboard.cluster.holders import HolderStatus
from storyboard.cluster.job_queue import JobPlace, TakenJob, WantedJob
from storyboard.cluster.machine_memory import LedgerMemory
from storyboard.cluster.reservation import (
    Barrier,
    ClaimLost,
    JoinBarred,
    Joining,
    LookUpFirst,
    SendPermission,
    SlotsTaken,
    TooSoon,
    join,
    lock_account,
)
from storyboard.cluster.session import CHANNEL, Cursor, LedgerSession
from storyboard.cluster.spending import lacking_of, spent_under
from storyboard.cluster.telling import MachineWord
from storyboard.cluster.troubles import LedgerBusy
from storyboard.errors import StoreError, StoryboardError
from storyboard.fast_dataclasses import dataclass, field_values, replace
from storyboard.fast_named_tuples import NamedTuple
from storyboard.forms import is_count, is_seconds, money_of
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.store.attempt import Attempt, StoryRef, Whose
from storyboard.store.attempt_changes import (
    HistoryChanged,
    SendersAlive,
    corrected,
    heard,
    left,
    same_attempt,
    settled,
    version_of,
)
from storyboard.store.gateway_traits import GatewayTraits, Lookup
from storyboard.store.spending_caps import Cap, CapReached

T = TypeVar("T")
TOLD_AT_ONCE = 100
"""Attempts that are told in one transaction, which keeps their accounts locked."""
_LEARN = """
INSERT INTO known (provider, base_url, dialect, account, lookup, unique_ids, longest)
VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (provider, base_url, dialect, account) DO UPDATE SET
  lookup = CASE WHEN 'seen' IN (known.lookup, excluded.lookup) THEN 'seen' ELSE excluded.lookup END,
  unique_ids = known.unique_ids OR excluded.unique_ids, longest = greatest(known.longest, excluded.longest)
"""
_OF_WHOSE = "provider = %s AND base_url = %s AND dialect = %s AND account = %s"


class AccountLimits(NamedTuple):
    """What all machines together keep for an account: tasks at once, None for any number, and the least seconds between
    two submits."""

    slots: int | None
    seconds_between: float


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """The latest attempt at a key. `joins` counts how often a holder was let send it, `joined_at` is the last time, in
    seconds since the epoch. `others` are the other senders that may still send any attempt at the key, by name;
    `only_mine`: only processes of this store were ever let to. `version` is that of all attempts at the key."""

    attempt: Attempt
    joins: int
    joined_at: float
    person: str
    others: tuple[str, ...]
    only_mine: bool
    version: int


class PostgresLedger:
    """The ledger of many machines. Its verbs only add or go forward: an older state never replaces a later one."""

    def __init__(self, session: LedgerSession) -> None:
        self._session = session

    @property
    def session(self) -> LedgerSession:
        """The session that it writes through."""
        return self._session

    @property
    def name(self) -> str:
        """What distinguishes this ledger from another one."""
        return self._session.ledger_id

    def close(self) -> None:
        """End the session."""
        self._session.close()

    def together(self, works: Sequence[Callable[[], Any]]) -> list[Any]:
        """Do works that use this ledger in one transaction, in order; returns what each gives, or its trouble.

        One with trouble leaves nothing behind and takes no other with it, unless the connection is lost.
        """

        def all_of_them(_: Cursor) -> list[Any]:
            return [self._tried(work) for work in works]

        return self._session.transaction(all_of_them)

    # ---- who wants what, and who works on it

    def want(self, jobs: Sequence[WantedJob]) -> None:
        """Put jobs of one account and person in line."""

        def work(cursor: Cursor) -> None:
            job_queue.want(cursor, jobs)
            cursor.execute(f"NOTIFY {CHANNEL}")

        self._do(work)

    def take(
        self, whose: Whose | None = None, project: str | None = None, *, running_only: bool = False
    ) -> TakenJob | None:
        """Claim the fairest job that a worker can buy and no living holder has; None where there is none.

        `running_only` takes those alone whose task is known.
        """
        return self._do(lambda cursor: job_queue.take(cursor, self._me, whose, project, running_only=running_only))

    def claim(self, key: str) -> bool:
        """Claim a job that is wanted; False while another living holder has it."""
        return self._do(lambda cursor: job_queue.claim(cursor, key, self._me))

    def place_of(self, key: str) -> JobPlace | None:
        """Return the place of a wanted job; None if nobody wants it."""
        return self._do(lambda cursor: job_queue.place_of(cursor, key, self._me))

    def release(self, key: str, *, done: bool = False, seconds: float = 0, outcome: str = "", blame: int = 0) -> None:
        """Let others have a job, after so many seconds; `done` takes it out of the line, `outcome` says why without a
        clip, `blame` is the exit code for it."""

        def work(cursor: Cursor) -> None:
            job_queue.release(cursor, key, self._me, done=done, seconds=seconds, outcome=outcome, blame=blame)
            cursor.execute(f"NOTIFY {CHANNEL}")

        self._do(work)

    def keep_claims(self, keys: Collection[str]) -> None:
        """Let others have every job of this process but these."""
        self._do(lambda cursor: job_queue.keep_claims(cursor, keys, self._me))

    def unwant(self, run: str) -> None:
        """Take what a build wants and nobody else works on out of the line."""
        self._do(lambda cursor: job_queue.unwant(cursor, run, self._me))

    def set_limits(self, whose: Whose, slots: int | None, seconds_between: float = 0) -> None:
        """Set how many tasks an account may run at once, and the least time between two submits."""

        def work(cursor: Cursor) -> None:
            account = lock_account(cursor, whose)
            query = "UPDATE accounts SET slots = %s, seconds_between = %s WHERE id = %s"
            cursor.execute(query, (slots, seconds_between, account.id))

        self._do(work)

    def limits(self, whose: Whose) -> AccountLimits:
        """Return how many tasks an account may run at once, None for any number, and the least seconds between two
        submits."""
        rows = self._rows(f"SELECT slots, seconds_between FROM accounts WHERE {_OF_WHOSE}", *field_values(whose))
        return AccountLimits(*rows[0]) if rows else AccountLimits(None, 0.0)

    # ---- purchases

    def reserve(
        self, attempt: Attempt, caps: Iterable[Cap], seen: int
    ) -> Attempt | CapReached | HistoryChanged | SendersAlive:
        """Write the intent to send once more, as `Ledger` has it; raises LedgerBusy for what `join` answers besides."""
        answer = self.join(attempt, caps, seen)
        if isinstance(answer, SendPermission):
            return answer.attempt
        if isinstance(answer, CapReached | HistoryChanged | SendersAlive):
            return answer
        raise LedgerBusy(f"{', '.join(attempt.addresses)} cannot be sent now: {_in_words(answer)}")

    def join(
        self,
        attempt: Attempt,
        caps: Iterable[Cap],
        seen: int,
        *,
        looked_up: bool = False,
        unique_ids: bool = False,
        person: str | None = None,
    ) -> SendPermission | Barrier:
        """Reserve the price and put this holder into `may`, or say what bars it: then nothing was written.

        `seen` is the version of the key's history that the decision was made on. It is needed before every POST, and
        lasts for two seconds. `looked_up` and `unique_ids` as in `Joining`. `person` is for whom it is bought, unless
        for the one who runs this process.
        """
        holder = self._session.holder
        wish = Joining(
            *(attempt, tuple(caps), seen, holder.id, holder.sender, person or holder.person),
            looked_up=looked_up,
            unique_ids=unique_ids,
        )

        def work(cursor: Cursor) -> SendPermission:
            written, reservations, account = join(cursor, wish)
            self._session.after_commit(lambda: self._remember(account, reservations))
            return SendPermission(written, self._session.number, time.monotonic(), time.time())

        try:
            return self._do(work)
        except JoinBarred as barred:
            return barred.barrier

    def may_send(self, permission: SendPermission) -> bool:
        """Whether a POST may leave now, on a connection that was opened after the permission was given."""
        return self._session.is_open and permission.session == self._session.number and permission.is_fresh()

    def renew(self, permission: SendPermission) -> SendPermission | None:
        """Return a permission as of now if the record is as this session left it; None if it must be decided again.

        It is as old as the reading of the record: if that took long, it is not fresh either.
        """

        def work(cursor: Cursor) -> SendPermission | None:
            monotonic, wall = time.monotonic(), time.time()  # before it is read: a pause after that must count
            if permission.session != self._session.number:
                return None
            cursor.execute("SELECT holder FROM jobs WHERE key = %s", (permission.attempt.key,))
            row = cursor.fetchone()
            now = AttemptWriter(cursor, permission.attempt.key, self._session.holder.person).history
            if row is None or row[0] != self._me or version_of(now) != permission.attempt.version:
                return None
            return replace(permission, monotonic=monotonic, wall=wall)

        return self._do(work)

    def heard(self, attempt: Attempt) -> Attempt:
        """Write that `attempt.task` is this attempt's, whoever heard it, and take this holder out of `may`."""

        def work(writer: AttemptWriter) -> Attempt:
            writer.change_all(heard(writer.history, attempt, self._sender))
            now = same_attempt(writer.history, attempt)
            assert now is not None
            return now

        return self._change(attempt, work)

    def leave(self, attempt: Attempt, *, nothing_created: bool = False) -> Attempt | None:
        """Write that this holder sends no more under the id; returns the row as it is now, None where there is none."""

        def work(writer: AttemptWriter) -> Attempt | None:
            row = same_attempt(writer.history, attempt)
            return None if row is None else writer.change(left(row, self._sender, nothing_created=nothing_created))

        return self._change(attempt, work)

    def settle(self, attempt: Attempt) -> Attempt:
        """Write how the attempt has gone on: forward only, a cost once. Returns the row as it is now."""

        def work(writer: AttemptWriter) -> Attempt:
            return writer.change(settled(same_attempt(writer.history, attempt), attempt, self._sender))

        return self._change(attempt, work)

    def correct(self, attempt: Attempt) -> Attempt | HistoryChanged:
        """Write a row whole, over the row of `attempt.version` (0: over none): a person's word, or a copied row."""

        def work(writer: AttemptWriter) -> Attempt | HistoryChanged:
            now = corrected(same_attempt(writer.history, attempt), attempt)
            return now if isinstance(now, HistoryChanged) else writer.write(now)[0]

        return self._change(attempt, work)

    def read(self, key: str) -> LedgerEntry | None:
        """Return the latest attempt at a key, with what decides who may send it; None if there is none.

        Of the others who may send it, those that this store can prove dead are buried first.
        """
        entry = self._read(key)
        return self._read(key) if entry is not None and entry.others and self.bury_ended() else entry

    def _read(self, key: str) -> LedgerEntry | None:
        def work(cursor: Cursor) -> LedgerEntry | None:
            rows = AttemptWriter(cursor, key, self._session.holder.person).rows
            if not rows:
                return None
            latest = [row for row in rows if row.attempt.state is not PurchaseState.TWICE][-1]
            senders = holders.senders_among(cursor, [name for row in rows for name in row.attempt.may])
            others = tuple(name for sender, name in senders.items() if sender != self._sender)
            stores = holders.stores_of(cursor, latest.attempt.may)
            only_mine = latest.joins == 1 and stores == {self._session.holder.store}
            version = version_of(row.attempt for row in rows)
            return LedgerEntry(
                latest.attempt, latest.joins, latest.joined_at, latest.person, others, only_mine, version
            )

        return self._do(work)

    # ---- the processes, and a ledger that may have lost something

    def holders(self) -> tuple[HolderStatus, ...]:
        """Return every process that has not ended properly, or that may still send."""
        return self._do(holders.list_holders)

    def bury(self, holder: UUID, why: str) -> None:
        """Write down that a process is dead; raises UsageError while its session is open."""
        self._do(lambda cursor: holders.bury(cursor, holder, self._session.holder.person, why))

    def bury_ended(self) -> int:
        """Bury the processes of this store that have ended; returns how many."""
        return burying.bury_ended(self._session)

    def bury_namesakes(self) -> int:
        """Bury the earlier processes of this one's name, which a person gave; raises UsageError where one is open."""
        return burying.bury_namesakes(self._session)

    def bury_named(self, name: str, why: str) -> int:
        """Bury the processes of a name on a person's word; raises UsageError where none of them has ended."""
        return burying.bury_named(self._session, name, why)

    @property
    def closed(self) -> str | None:
        """Why nothing is reserved; None where the ledger is open."""

        def work(cursor: Cursor) -> str | None:
            cursor.execute("SELECT value FROM facts WHERE name = 'closed'")
            row = cursor.fetchone()
            return None if row is None else str(row[0])

        return self._do(work)

    def open_keys(self, project: str | None = None) -> tuple[str, ...]:
        """Return the keys with an attempt that has not ended, of one project or of all."""
        states = [state.value for state in (PurchaseState.INTENT, PurchaseState.SUBMITTED, PurchaseState.FINISHED)]
        query = "SELECT DISTINCT key FROM attempts WHERE state = ANY(%s) AND (%s::text IS NULL OR project = %s)"
        return tuple(str(key) for (key,) in self._rows(query, states, project, project))

    @property
    def rebuilt(self) -> bool:
        """Whether nobody has allowed buying with this ledger yet."""
        return self.closed is not None

    def tell(self, attempts: Iterable[Attempt], sending: Collection[str] = (), *, whole: bool = True) -> int:
        """Write down what this machine's journal has and the ledger lacks; returns how many attempts that changed.

        `sending` are the keys that this process may be sending now; of the others its machine sends nothing any more.
        `whole` says that the journal has no more to tell.
        """
        changed, journal = 0, list(attempts)
        for at in range(0, len(journal), TOLD_AT_ONCE):
            part = journal[at : at + TOLD_AT_ONCE]
            changed += self._do(partial(telling.tell, attempts=part, teller=self._session.holder, sending=sending))
        if whole:
            self._do(partial(telling.has_told, teller=self._session.holder))
        return changed

    def machines(self) -> tuple[MachineWord, ...]:
        """Return the machines that may know what a closed ledger forgot, and which of them have told it."""
        return self._do(telling.list_machines)

    def told(self) -> tuple[str, ...]:
        """Return the names of the machines that have told what they know since the ledger was closed."""
        return tuple(machine.name for machine in self.machines() if machine.told_at is not None)

    def trust(self) -> None:
        """Reopen the ledger: a person has seen every machine tell that could still send."""

        self._do(lambda cursor: closing.reopen(cursor, self._session.holder.person))

    def close_for_move(self) -> None:
        """Let nobody reserve any more: its purchases are about to be moved to this machine's store.

        Raises UsageError while another process works with it, LedgerClosed where it is closed for another reason.
        """
        me, number = self._session.holder, self._session.lock_number
        self._do(partial(closing.close_for_move, store=me.store, name=me.name, me=number))

    def reopen_after_move(self) -> None:
        """Let one reserve again: its purchases come back from the store that they were moved to.

        Raises UsageError where that is not this machine's store.
        """
        self._do(partial(closing.reopen_after_move, store=self._session.holder.store))

    def dead_senders(self) -> frozenset[str]:
        """Return the senders that are known never to send again."""
        return frozenset(
            str(sender) for (sender,) in self._rows("SELECT sender FROM holders WHERE dead_by IS NOT NULL")
        )

    @property
    def waits_at_first_look(self) -> bool:
        """Whether it was reopened once: then a first look-up that finds nothing counts only after the whole wait."""

        def work(cursor: Cursor) -> bool:
            cursor.execute("SELECT 1 FROM facts WHERE name = 'reopened_by'")
            return cursor.fetchone() is not None

        return self._do(work)

    # ---- what is known

    def history(self, keys: Iterable[str]) -> Mapping[str, tuple[Attempt, ...]]:
        """Return all attempts at each key, by number; keys without any are left out."""
        found: dict[str, list[Attempt]] = defaultdict(list)
        for attempt in self._select("WHERE key = ANY(%s) ORDER BY key, number, opened_at", list(keys)):
            found[attempt.key].append(attempt)
        return {key: tuple(attempts) for key, attempts in found.items()}

    def spent(self, cap: Cap) -> Decimal:
        """Return what counts against a cap now, in US dollars."""
        return self._do(lambda cursor: spent_under(cursor, cap))

    def narrowed(self, caps: Iterable[Cap]) -> tuple[Cap, ...]:
        """Return the caps without the outside spending that this ledger already counts: cheaper to reserve under."""
        return self._do(lambda cursor: tuple(replace(cap, elsewhere=lacking_of(cursor, cap)) for cap in caps))

    def known(self, whose: Whose) -> GatewayTraits:
        """Return what was learned about a gateway."""
        rows = self._rows(f"SELECT lookup, unique_ids, longest FROM known WHERE {_OF_WHOSE}", *field_values(whose))
        if not rows:
            return GatewayTraits()
        lookup, unique, longest = rows[0]
        if lookup not in tuple(Lookup) or not is_seconds(longest):
            raise _damaged("known")
        return GatewayTraits(Lookup(lookup), bool(unique), longest)

    def learn(self, whose: Whose, known: GatewayTraits) -> None:
        """Write what has been learned; what was proven before stays so."""
        row = (*field_values(whose), known.lookup.value, known.unique_ids, known.longest)
        self._do(lambda cursor: cursor.execute(_LEARN, row))

    def dearest(self, rate: str) -> Decimal | None:
        """Return the highest price ever charged per second for a job of that rate, in US dollars; None if there was
        none."""
        query = "SELECT charged, seconds FROM attempts WHERE rate = %s AND charged IS NOT NULL AND seconds >= 1"
        return max((_amount(charged) / seconds for charged, seconds in self._rows(query, rate)), default=None)

    def durations(self, rate: str, latest: int = 50) -> tuple[tuple[int, float], ...]:
        """Return how long jobs of that rate took, latest first: pairs of a job's length in the film and the time it
        took, both in seconds."""
        query = (
            "SELECT seconds, took FROM attempts WHERE rate = %s AND took IS NOT NULL ORDER BY ended_at DESC LIMIT %s"
        )
        rows = self._rows(query, rate, latest)
        return tuple((seconds, took) for seconds, took in rows if is_count(seconds, 1) and is_seconds(took))

    def keys_of(self, task: str, whose: Whose) -> tuple[str, ...]:
        """Return the keys of all attempts that have this task."""
        query = f"SELECT DISTINCT key FROM attempts WHERE task = %s AND {_OF_WHOSE}"
        return tuple(str(key) for (key,) in self._rows(query, task, *field_values(whose)))

    def all(self) -> tuple[Attempt, ...]:
        """Return every attempt, in the order they were begun."""
        return self._select("ORDER BY opened_at, external_id")

    def of_story(self, story: StoryRef) -> tuple[Attempt, ...]:
        """Return the attempts that a story's builds reserved, in the order they were begun."""
        where = "WHERE project = %s AND path = %s AND variant = %s ORDER BY opened_at, external_id"
        return self._select(where, *story.identity)

    def of_project(self, project: str) -> tuple[Attempt, ...]:
        """Return the attempts that builds of a project's stories reserved, in the order they were begun."""
        return self._select("WHERE project = %s ORDER BY opened_at, external_id", project)

    def in_states(self, *states: PurchaseState) -> tuple[Attempt, ...]:
        """Return the attempts in any of those states, in the order they were begun."""
        return self._select("WHERE state = ANY(%s) ORDER BY opened_at, external_id", [state.value for state in states])

    def salt(self) -> bytes:
        """Return the salt that all machines share."""
        ((salt,),) = self._rows("SELECT value FROM facts WHERE name = 'salt'")
        return hashlib.sha256(str(salt).encode()).digest()

    def check_open(self) -> None:
        """Raise LedgerClosed where nothing may be reserved."""
        self._do(closing.check_open)

    @property
    def _sender(self) -> str:
        return self._session.holder.sender

    @property
    def _me(self) -> UUID:
        return self._session.holder.id

    def _do(self, work: Callable[[Cursor], T]) -> T:
        return self._session.transaction(work)

    def _tried(self, work: Callable[[], Any]) -> Any:
        try:
            return self._session.transaction(lambda _: work())
        except StoryboardError as trouble:
            if not self._session.is_open:
                raise
            return trouble

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        def work(cursor: Cursor) -> list[tuple[Any, ...]]:
            cursor.execute(query, values)
            return [tuple(row) for row in cursor.fetchall()]

        return self._do(work)

    def _select(self, rest: str, *values: object) -> tuple[Attempt, ...]:
        return tuple(from_selected(row).attempt for row in self._rows(f"{SELECT} {rest}", *values))

    def _change(self, attempt: Attempt, work: Callable[[AttemptWriter], T]) -> T:
        """Change rows of the attempt's key in one transaction."""

        def change(cursor: Cursor) -> T:
            lock_account(cursor, attempt.whose)
            return work(AttemptWriter(cursor, attempt.key, self._session.holder.person))

        return self._do(change)

    def _remember(self, account: str, reservations: int) -> None:
        """Remember the state on this machine's own disk, before anything is sent on the strength of it."""
        session = self._session
        known = session.memory.of(session.ledger_id)
        session.memory.add(
            session.ledger_id, LedgerMemory(known.timeline, known.epoch, {**known.reservations, account: reservations})
        )


def _in_words(barrier: ClaimLost | LookUpFirst | SlotsTaken | TooSoon) -> str:
    match barrier:
        case ClaimLost():
            return "another process works on it"
        case LookUpFirst():
            return "the attempt before must be looked up first"
        case SlotsTaken(running, slots):
            return f"the account runs {running} tasks, and may run {slots}"
        case TooSoon(seconds):
            return f"the account's rate allows the next submit in {seconds:.0f} s"


def _amount(text: object) -> Decimal:
    amount = money_of(text)
    if amount is None:
        raise _damaged("attempts")
    return amount


def _damaged(table: str) -> StoreError:
    return StoreError(
        f"the shared ledger is damaged: a row of {table} is not valid in a ledger", help="restore it from a backup"
    )
