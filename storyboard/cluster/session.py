"""One session of a process at a shared ledger: the only module that imports psycopg.

A single connection does every write and holds a single lock, on the holder's number; whoever sees that lock free knows
that this process can commit nothing any more. The server is checked before the session is used, and that it is still
the same connection is checked in every transaction.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from uuid import uuid4

from storyboard.cluster.holder import HolderIdentity
from storyboard.cluster.holder_lock import HolderLock
from storyboard.cluster.machine_memory import LedgerMemory, MachineMemory
from storyboard.cluster.schema import FORM, MIGRATIONS, SCHEMA
from storyboard.cluster.troubles import CommitUncertain, LedgerAway, LedgerClosed, UnfitServer
from storyboard.cluster.watchdog import Watchdog
from storyboard.errors import MissingExtraError, StoryboardError
from storyboard.fast_dataclasses import dataclass

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")
Cursor: TypeAlias = "psycopg.Cursor[Any]"

LOCK_CLASS = 0x53420001
"""The first number of every advisory lock of ours; the second is the holder's, 0 is for changing the tables."""
OLDEST_SERVER = 140_000
TRIES = 50
"""How often a transaction is repeated that the server broke off in favour of another."""
FORGOTTEN_VERSIONS = 100_000
"""How many versions are skipped where some may have been forgotten: none may mean two things."""
OLD_SESSION_SECONDS = 10
"""How long the server is given to end this process's session before the present one."""
CHANNEL = "storyboard"
"""Where a notice is given that jobs have changed."""
STUCK_SECONDS = 120.0
"""How long a transaction may take before its connection is cut: a server whose disk hangs answers nothing, for ever."""
_OPTIONS = (
    f"-c search_path={SCHEMA},pg_catalog -c default_transaction_isolation=read\\ committed -c synchronous_commit=on "
    "-c idle_session_timeout=0 -c lock_timeout=30s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s "
    "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=25000 "
    "-c timezone=UTC"
)
_KEEPALIVES = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,  # keepalives do not count while something that was sent is not acknowledged
}
_BEGIN = "BEGIN; SELECT pg_backend_pid(), current_setting('storyboard.holder', true)"
_POOLER = "a connection pooler is between this machine and the database"
_DIRECT = "give the address of the PostgreSQL server itself in `ledger`"


class StandbyPolicy(StrEnum):
    """What the configuration says about the server's standbys."""

    NONE = "none"
    """There are none."""
    SYNCHRONOUS = "synchronous"
    """Each commit waits for one, and only one that has every commit is ever promoted."""
    MAY_LOSE = "may-lose"
    """One that is promoted may lack the last commits."""


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a server says about itself."""

    system: str
    timeline: int


class LedgerSession:
    """A session that is open, or can be opened again. Threads of the process take turns."""

    def __init__(
        self,
        address: str,
        holder: HolderIdentity,
        memory: MachineMemory,
        standby: StandbyPolicy = StandbyPolicy.NONE,
        patience: float = STUCK_SECONDS,
    ) -> None:
        """Connect and check the server; raises LedgerAway and UnfitServer. A server that says nothing for `patience`
        seconds counts as away."""
        self.holder = holder
        self.memory = memory
        self._address = address
        self._standby = standby
        self._turn = RLock()
        self._watchdog = Watchdog(patience)
        self._lock: HolderLock | None = None
        self._connection: psycopg.Connection[Any] | None = None
        self._cursor: Cursor | None = None
        self._notices: list[str] = []
        self._after_commit: list[Callable[[], object]] = []
        self._backend: tuple[int, Any] | None = None
        self.number = 0
        """How often it was opened: what was decided in an earlier one is decided anew."""
        self.lock_number = 0
        self.ledger_id = ""
        self.connect()

    @property
    def is_open(self) -> bool:
        """Whether the connection has not been seen to be lost."""
        return self._connection is not None

    def connect(self) -> None:
        """Open the session, again where it was lost; ends the lost one on the server first."""
        with self._turn:
            self._drop()
            connection = self._open()
            try:
                with self._watchdog.over(connection.fileno()):
                    self._prepare(connection)
            except BaseException:
                self._drop()
                raise
            self.number += 1

    def drop(self) -> None:
        """Count the connection as lost."""
        with self._turn:
            self._drop()

    def speak(self) -> None:
        """Write that this process is there, for people to see."""
        self.transaction(
            lambda cursor: cursor.execute(
                "UPDATE holders SET spoke_at = clock_timestamp() WHERE id = %s", (self.holder.id,)
            )
        )

    def open_listener(self) -> psycopg.Connection[Any]:
        """Open a second connection, on which notices arrive. It has no lock and writes nothing. Raises
        psycopg.Error."""
        listener = self._connect()
        listener.execute(f"LISTEN {CHANNEL}")
        return listener

    def close(self) -> None:
        """End the session and free its lock."""
        with self._turn:
            may_send = True
            if self._connection is not None:
                with suppress(StoryboardError):
                    may_send = self.transaction(self._end)
            self._drop()
            self._watchdog.end()
            if self._lock is not None:
                self._lock.release(remove_file=not may_send)
                self._lock = None

    def _end(self, cursor: Cursor) -> bool:
        """End the session: record that it ended, and free its lock before the server notices. Return whether it is
        still named among those who may send."""
        cursor.execute("SET LOCAL synchronous_commit = local")  # a note for people, which need not wait for a standby
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM attempts WHERE may <> '{}' AND %s = ANY(may))", (self.holder.sender,)
        )
        (may_send,) = _only(cursor)
        cursor.execute("UPDATE holders SET ended_at = clock_timestamp() WHERE id = %s", (self.holder.id,))
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", (LOCK_CLASS, self.lock_number))
        return bool(may_send)

    def transaction(self, work: Callable[[Cursor], T]) -> T:
        """Do the work in one transaction and return what it gives; inside another one, as a part that can fail alone.

        Raises LedgerAway where the connection is lost before the commit: then nothing was written. Raises
        CommitUncertain where the commit does not count. What the server breaks off in favour of another transaction
        is done again, so the work must not have effects elsewhere.
        """
        import psycopg

        with self._turn:
            if self._cursor is not None:
                with self._part(self._cursor):
                    return work(self._cursor)
            for attempt in range(TRIES):
                try:
                    return self._once(work)
                except (
                    psycopg.errors.SerializationFailure,
                    psycopg.errors.DeadlockDetected,
                    psycopg.errors.LockNotAvailable,
                ) as error:
                    if attempt == TRIES - 1:
                        raise LedgerAway(
                            f"the ledger is too busy: {_line(error)}", help="run the same command again"
                        ) from error
                    time.sleep(random.uniform(0, 0.01 * (attempt + 1)))  # noqa: S311
        raise AssertionError("unreachable")

    def after_commit(self, work: Callable[[], object]) -> None:
        """Do that once the transaction that is open now has been committed, and not at all where it is not."""
        self._after_commit.append(work)

    def _once(self, work: Callable[[Cursor], T]) -> T:
        import psycopg

        connection = self._connection
        if connection is None:
            raise LedgerAway("the connection to the ledger is lost")
        self._notices.clear()
        self._after_commit.clear()
        try:
            with self._watchdog.over(connection.fileno()), connection.cursor() as cursor:
                self._begin(cursor)
                self._cursor = cursor
                try:
                    answer = work(cursor)
                finally:
                    self._cursor = None
                self._commit(cursor)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if isinstance(error, psycopg.errors.LockNotAvailable | psycopg.errors.TransactionRollback):
                self._roll_back()
                raise
            self._drop()
            raise LedgerAway(f"the connection to the ledger was lost: {_line(error)}") from error
        except CommitUncertain:
            raise
        except BaseException:
            self._roll_back()
            raise
        for work_after in self._after_commit:
            work_after()
        return answer

    def _begin(self, cursor: Cursor) -> None:
        """Begin, and see that the connection is the one that was checked."""
        cursor.execute(_BEGIN, prepare=False)
        cursor.nextset()
        pid, holder = _only(cursor)
        if self._backend is None or pid != self._backend[0] or holder != str(self.holder.id):
            self._drop()
            raise UnfitServer(_POOLER, help=_DIRECT)

    def _commit(self, cursor: Cursor) -> None:
        import psycopg

        try:
            cursor.execute("COMMIT", prepare=False)
        except psycopg.Error as error:
            if isinstance(error, psycopg.errors.SerializationFailure | psycopg.errors.DeadlockDetected):
                raise
            self._drop()
            raise CommitUncertain(f"the ledger did not answer a commit: {_line(error)}") from error
        if cursor.statusmessage != "COMMIT" or self._notices:
            why = self._notices[0] if self._notices else f"it answered {cursor.statusmessage}"
            raise CommitUncertain(
                f"the ledger did not keep a commit safely: {why}", help="check that its standby is running"
            )

    @contextmanager
    def _part(self, cursor: Cursor) -> Iterator[None]:
        import psycopg

        cursor.execute("SAVEPOINT part")
        deferred = len(self._after_commit)
        try:
            yield
        except (psycopg.OperationalError, psycopg.InterfaceError):
            raise  # the whole transaction is over
        except BaseException:
            del self._after_commit[deferred:]
            cursor.execute("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part")
            raise
        cursor.execute("RELEASE SAVEPOINT part")

    def _roll_back(self) -> None:
        import psycopg

        if self._connection is None:
            return
        try:
            self._connection.execute("ROLLBACK")
        except psycopg.Error:
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> psycopg.Connection[Any]:
        import psycopg
        from psycopg.conninfo import conninfo_to_dict, make_conninfo

        given = conninfo_to_dict(self._address)
        options = f"{given.get('options') or ''} -c storyboard.holder={self.holder.id} {_OPTIONS}".strip()
        told: dict[str, Any] = {"connect_timeout": 10, **given, **_KEEPALIVES, "options": options}
        told.setdefault("application_name", "storyboard")
        return psycopg.connect(make_conninfo("", **told), autocommit=True)

    def _open(self) -> psycopg.Connection[Any]:
        try:
            import psycopg
        except ImportError:
            raise MissingExtraError("a ledger on PostgreSQL", "cluster") from None
        try:
            connection = self._connect()
        except psycopg.ProgrammingError as error:
            raise UnfitServer(f"`ledger` is not an address of PostgreSQL: {_line(error)}") from error
        except psycopg.OperationalError as error:
            if "unsupported startup parameter" in str(error):
                raise UnfitServer(_POOLER, help=_DIRECT) from error
            raise LedgerAway(
                f"the ledger cannot be reached: {_line(error)}",
                help="nothing is bought until the database answers; what is running keeps running",
            ) from error
        connection.add_notice_handler(
            lambda notice: self._notices.append(f"{notice.severity}: {notice.message_primary}")
        )
        self._connection = connection
        return connection

    def _prepare(self, connection: psycopg.Connection[Any]) -> None:
        import psycopg

        try:
            with connection.cursor() as cursor:
                start = self._check_direct(connection, cursor)
                self._end_old_session(cursor)
                self._backend = (connection.info.backend_pid, start)
                facts = self._check_server(cursor)
                self._check_standby(cursor)
                _bring_to_form(cursor)
                ledger = _fact(cursor, "id")
                if self.ledger_id not in ("", ledger):
                    raise UnfitServer("another ledger is at this address now", help="run the same command again")
                self.ledger_id = ledger
                if self._lock is None:  # before others can know of this holder
                    self._lock = HolderLock(self.memory.folder, ledger, self.holder.id)
                self._take_lock(cursor)
                self._compare(cursor, facts)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise LedgerAway(f"the connection to the ledger was lost: {_line(error)}") from error
        except psycopg.errors.InsufficientPrivilege as error:
            raise UnfitServer(
                f"the database does not allow what a ledger needs: {_line(error)}",
                help="its role needs to create a schema in its database, or to own the schema `storyboard`",
            ) from error

    def _check_direct(self, connection: psycopg.Connection[Any], cursor: Cursor) -> Any:
        cursor.execute("SELECT pg_backend_pid(), current_setting('storyboard.holder', true)")
        pid, holder = _only(cursor)
        if pid != connection.info.backend_pid or holder != str(self.holder.id):
            raise UnfitServer(_POOLER, help=_DIRECT)
        cursor.execute("SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()")
        return _only(cursor)[0]

    def _end_old_session(self, cursor: Cursor) -> None:
        """End this process's session before: what it has sent may still be committed while it lives."""
        if self._backend is None:
            return
        query = "SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity WHERE pid = %s AND backend_start = %s"
        cursor.execute(query, (OLD_SESSION_SECONDS * 1000, *self._backend))
        row = cursor.fetchone()
        if row is not None and not row[0]:
            raise LedgerAway(
                "this process's last session is still open on the ledger's server",
                help="it ends within half a minute; then run the same command again",
            )

    def _check_server(self, cursor: Cursor) -> ServerFacts:
        cursor.execute("SELECT current_setting('server_version_num')::int, pg_is_in_recovery()")
        version, in_recovery = _only(cursor)
        if version < OLDEST_SERVER:
            raise UnfitServer(
                f"the ledger's server is PostgreSQL {version // 10_000}; 14 is the oldest that will do",
                help="update the server, or name another one in `ledger`",
            )
        if in_recovery:
            raise UnfitServer("the ledger's server is a standby", help="give the address of the primary in `ledger`")
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            cursor.execute("SELECT current_setting(%s)", (setting,))
            (value,) = _only(cursor)
            if value not in ("on", "remote_apply"):
                raise UnfitServer(
                    f"`{setting}` is `{value}` on the ledger's server: it can lose what it has confirmed",
                    help=f"turn `{setting}` on",
                )
        cursor.execute("SELECT system_identifier::text, pg_walfile_name(pg_current_wal_lsn()) FROM pg_control_system()")
        system, file = _only(cursor)
        return ServerFacts(system, int(file[:8], 16))

    def _check_standby(self, cursor: Cursor) -> None:
        cursor.execute("SELECT current_setting('synchronous_standby_names')")
        (names,) = _only(cursor)
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')), "
            "count(*) FILTER (WHERE state IS NULL) FROM pg_stat_replication WHERE state IS DISTINCT FROM 'backup'"
        )
        seen, synchronous, hidden = _only(cursor)
        way_out = 'say `standby = "none"`, `"synchronous"` or `"may-lose"`, as the server is set up'
        if self._standby is StandbyPolicy.NONE and (names or seen):
            raise UnfitServer('the ledger\'s server has a standby, and `standby` is `"none"`', help=way_out)
        if self._standby is not StandbyPolicy.SYNCHRONOUS:
            return
        if not names:
            raise UnfitServer(
                '`standby` is `"synchronous"`, but no commit waits for a standby: `synchronous_standby_names` is empty',
                help=way_out,
            )
        if hidden:
            raise UnfitServer("the ledger's role may not see the standbys", help="grant it the role `pg_monitor`")
        if not synchronous:
            raise LedgerAway(
                "no synchronous standby of the ledger's server is connected",
                help="nothing is bought until one is: start it, or check the network between the two",
            )

    def _take_lock(self, cursor: Cursor) -> None:
        cursor.execute("BEGIN")
        assert self._backend is not None
        cursor.execute(
            "INSERT INTO holders (id, sender, name, person, store, host, pid, client, form, began_at, spoke_at, "
            "backend_pid, backend_start) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp(), clock_timestamp(), %s, %s) "
            "ON CONFLICT (id) DO UPDATE SET spoke_at = excluded.spoke_at, backend_pid = excluded.backend_pid, "
            "backend_start = excluded.backend_start RETURNING number, dead_by",
            (
                *(self.holder.id, self.holder.sender, self.holder.name, self.holder.person, self.holder.store),
                *(self.holder.host, self.holder.pid, self.holder.client, FORM, *self._backend),
            ),
        )
        self.lock_number, dead_by = _only(cursor)
        if dead_by is not None:
            cursor.execute("ROLLBACK")
            raise LedgerClosed(
                f"`{dead_by}` told the ledger that this process is dead", help="start it again: it gets a new identity"
            )
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", (LOCK_CLASS, self.lock_number))
        (held,) = _only(cursor)
        cursor.execute("COMMIT" if held else "ROLLBACK")
        if not held:
            raise LedgerAway(
                "this process's last session still holds its lock on the ledger's server",
                help="it ends within half a minute; then run the same command again",
            )

    def _compare(self, cursor: Cursor, server: ServerFacts) -> None:
        """Close the ledger where it may know less than it did."""
        remembered = self.memory.of(self.ledger_id)
        cursor.execute("BEGIN")
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", (LOCK_CLASS,))
        timeline, epoch = int(_fact(cursor, "timeline")), int(_fact(cursor, "epoch"))
        counts = _reservations(cursor)
        if server.timeline < remembered.timeline and _fact(cursor, "system") == server.system:
            cursor.execute("ROLLBACK")
            raise LedgerAway(
                f"an old primary of the ledger is back (timeline {server.timeline}, {remembered.timeline} was seen)",
                help="take it off the network, and give the address of the server that replaced it",
            )
        why = None
        if epoch < remembered.epoch:
            why = "it was reopened, and does not know that any more"
        elif epoch == remembered.epoch and any(
            counts.get(name, 0) < count for name, count in remembered.reservations.items()
        ):
            why = "it has fewer reservations than this machine has seen"
        elif _fact(cursor, "system") != server.system:
            why = "it is on another server than before"
        elif timeline != server.timeline and self._standby is not StandbyPolicy.SYNCHRONOUS:
            why = "its server was replaced by a standby or restored"
        if why is not None:
            epoch = max(epoch, remembered.epoch) + 1
            _set_fact(cursor, "closed", why)
            cursor.execute("DELETE FROM told")  # what was told to a server that is gone may be forgotten again
            cursor.execute("SELECT setval('versions', nextval('versions') + %s)", (FORGOTTEN_VERSIONS,))
        for name, value in (("system", server.system), ("timeline", server.timeline), ("epoch", epoch)):
            _set_fact(cursor, name, str(value))
        cursor.execute("COMMIT", prepare=False)
        self.memory.add(self.ledger_id, LedgerMemory(server.timeline, epoch, counts))


def _bring_to_form(cursor: Cursor) -> None:
    """Make the tables, or bring them forward, in one transaction, while no holder of another form lives."""
    cursor.execute("BEGIN")
    try:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", (LOCK_CLASS,))
        form = _form(cursor)
        if form > FORM:
            raise UnfitServer(
                f"the ledger was made by a newer storyboard (form {form}, this one knows {FORM})",
                help="update storyboard",
            )
        if 0 < form < FORM:
            cursor.execute("SELECT name FROM holders WHERE number = ANY(%s)", (live_numbers(cursor),))
            if living := sorted({str(name) for (name,) in cursor.fetchall()}):
                raise LedgerAway(
                    f"the ledger must be brought to a newer form, and {', '.join(living)} still uses the old one",
                    help="end these first, then run the same command again",
                )
        if form < FORM:
            if form == 0:
                cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            for script in MIGRATIONS[form:]:
                cursor.execute(script)
            if form == 0:
                first = {"id": uuid4().hex, "salt": (uuid4().hex + uuid4().hex), "epoch": "0"}
                cursor.execute(
                    "SELECT system_identifier::text, pg_walfile_name(pg_current_wal_lsn()) FROM pg_control_system()"
                )
                system, file = _only(cursor)
                for name, value in {**first, "system": system, "timeline": str(int(file[:8], 16))}.items():
                    _set_fact(cursor, name, value)
            _set_fact(cursor, "form", str(FORM))
        cursor.execute("COMMIT", prepare=False)
    except BaseException:
        cursor.execute("ROLLBACK")
        raise


def live_numbers(cursor: Cursor) -> list[int]:
    """Return the numbers of all holders whose session is open."""
    cursor.execute(
        "SELECT objid::int FROM pg_locks WHERE locktype = 'advisory' AND classid = %s::int::oid AND objsubid = 2 "
        "AND granted AND objid > 0 "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        (LOCK_CLASS,),
    )
    return [number for (number,) in cursor.fetchall()]


def _form(cursor: Cursor) -> int:
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (f"{SCHEMA}.facts",))
    return int(_fact(cursor, "form")) if _only(cursor)[0] else 0


def _fact(cursor: Cursor, name: str) -> str:
    cursor.execute("SELECT value FROM facts WHERE name = %s", (name,))
    row = cursor.fetchone()
    if row is None:
        raise UnfitServer(f"the schema `{SCHEMA}` of that database is not a ledger of storyboard: no fact `{name}`")
    return str(row[0])


def _set_fact(cursor: Cursor, name: str, value: str) -> None:
    cursor.execute(
        "INSERT INTO facts VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value "
        "WHERE facts.value <> excluded.value",
        (name, value),
    )


def _reservations(cursor: Cursor) -> dict[str, int]:
    cursor.execute("SELECT provider, base_url, dialect, account, reservations FROM accounts")
    return {account_name(*whose): count for *whose, count in cursor.fetchall()}


def account_name(provider: str, base_url: str, dialect: str, account: str) -> str:
    """Return the name of an account in purses and memories, as one word."""
    return " ".join((provider, base_url or "-", dialect or "-", account or "-"))


def _only(cursor: Cursor) -> tuple[Any, ...]:
    row = cursor.fetchone()
    assert row is not None
    return tuple(row)


def _line(error: BaseException) -> str:
    """Return the first line of a message of the server or libpq; neither ever has the password in it."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
