"""The ledger in SQLite: write-ahead log, full synchronisation, one transaction per operation."""

from __future__ import annotations

import json
import os
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from threading import RLock
from typing import Any

from storyboard.errors import StoreError, StoryboardError
from storyboard.fast_dataclasses import field_values, replace
from storyboard.files.disk import look, record_empty
from storyboard.files.sha256 import sha256_hex
from storyboard.forms import is_count, is_seconds, money_of
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.store.attempt import Attempt, StoryRef, Whose
from storyboard.store.attempt_changes import (
    HistoryChanged,
    SendersAlive,
    corrected,
    heard,
    joined,
    left,
    same_attempt,
    settled,
    version_of,
)
from storyboard.store.gateway_traits import GatewayTraits, Lookup
from storyboard.store.spending_caps import Cap, CapReached
from storyboard.store.sqlite.opening import is_damage, note_damage, open_ledger, suspicion
from storyboard.store.sqlite.rows import SELECT, TRACES, WRITE, from_stored, to_stored

SALT_BYTES = 32
PATIENCE = 60.0
"""Seconds to wait for another process that is writing."""

REBUILT = (
    "nothing is bought until you run `storyboard resolve --rebuilt`. First check what is running, with the locks, "
    "lookups and the gateway's bill"
)

_NANO = Decimal(1).scaleb(-9)
_LEARN = """
INSERT INTO known (provider, base_url, dialect, account, lookup, unique_ids, longest) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
  lookup = CASE WHEN 'seen' IN (lookup, excluded.lookup) THEN 'seen' ELSE excluded.lookup END,
  unique_ids = max(unique_ids, excluded.unique_ids), longest = max(longest, excluded.longest)
"""
_LAST_VERSION = "SELECT coalesce(max(version), 0) FROM attempts WHERE key = ?"
_SUM = "SELECT coalesce(sum(max(counted, 0)), 0) FROM attempts"
_OF_WHOSE = "provider = ? AND base_url = ? AND dialect = ? AND account = ?"


class SqliteLedger:
    """One user's ledger. Several processes may open it at once; threads of one process take turns."""

    def __init__(self, file: Path) -> None:
        """Open the ledger, or create it; raises `StoreError` if it is newer or cannot be written.

        A damaged one is moved aside and replaced by an empty one, with which nothing is bought until `trust` is called.
        """
        self.file = file
        self._turn = RLock()
        self._salt: bytes | None = None
        with _trouble(file):
            self._connection = open_ledger(file, PATIENCE)

    @property
    def name(self) -> str:
        """What distinguishes this ledger from another one at the same path."""
        return sha256_hex(b"name" + self.salt())

    @property
    def sender(self) -> str:
        """The name of this ledger's processes in `may`; within one store, claims decide which of them sends."""
        return self.name

    def record_file(self) -> None:
        """Record the whole ledger as what an answer depends on: SQLite opens its files itself."""
        with _trouble(self.file):
            look(self.file)
            record_empty(self.file.with_name(f"{self.file.name}-wal"))
            record_empty(suspicion(self.file))

    def close(self) -> None:
        """Close the file; everything written is already durable."""
        self._connection.close()

    def together(self, works: Sequence[Callable[[], Any]]) -> list[Any]:
        """Run functions that use this ledger in one transaction, in order; return the result of each, or the exception
        it raised.

        A function that raises leaves nothing behind and does not affect the others.
        """
        if len(works) > 1:
            try:
                with self._transaction() as connection:
                    return [_tried(work, connection) for work in works]
            except StoryboardError:
                pass  # a full disk takes all of it back: one alone may still have room
        return [_tried(work) for work in works]

    def history(self, keys: Iterable[str]) -> Mapping[str, tuple[Attempt, ...]]:
        """Return all attempts at each key, by number; keys without any are left out."""
        wanted = json.dumps(list(keys))
        found = defaultdict(list)
        with self._transaction("BEGIN") as connection:
            where = " WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key, number, opened_at"
            for row in connection.execute(SELECT + where, (wanted,)):
                attempt = from_stored(row)
                found[attempt.key].append(attempt)
        return {key: tuple(attempts) for key, attempts in found.items()}

    def reserve(
        self, attempt: Attempt, caps: Iterable[Cap], seen: int
    ) -> Attempt | CapReached | HistoryChanged | SendersAlive:
        """Record the intent with its price, unless a cap, another sender or a change since `seen` forbids it."""
        with self._transaction() as connection:
            if connection.execute("SELECT 1 FROM facts WHERE name = 'rebuilt'").fetchone() is not None:
                raise StoreError(f"the ledger {self.file} was damaged and set aside", help=REBUILT)
            rows = _rows_of(connection, attempt.key)
            if version_of(rows) != seen:
                return HistoryChanged()
            row = joined(rows, attempt, self.sender)
            if isinstance(row, SendersAlive):
                return row
            for cap in caps:
                spent = _spent(connection, cap, attempt)
                if attempt.reserved is None or spent + attempt.reserved > cap.limit:
                    return CapReached(cap, spent, attempt.reserved)
            return _write(connection, row)

    def heard(self, attempt: Attempt) -> Attempt:
        """Record that `attempt.task` belongs to this attempt; a second task of the id is kept in a row of its own."""
        with self._transaction() as connection:
            rows = _rows_of(connection, attempt.key)
            written = [_write(connection, row) for row in heard(rows, attempt, self.sender)]
            now = same_attempt([*written, *rows], attempt)
            assert now is not None
            return now

    def leave(self, attempt: Attempt, *, nothing_created: bool = False) -> Attempt | None:
        """Record that this ledger's sender will send no more under the id."""
        with self._transaction() as connection:
            row = same_attempt(_rows_of(connection, attempt.key), attempt)
            if row is None:
                return None
            return _change(connection, row, left(row, self.sender, nothing_created=nothing_created))

    def settle(self, attempt: Attempt) -> Attempt:
        """Record what became of an attempt; a state goes forward only."""
        with self._transaction() as connection:
            row = same_attempt(_rows_of(connection, attempt.key), attempt)
            return _change(connection, row, settled(row, attempt, self.sender))

    def correct(self, attempt: Attempt) -> Attempt | HistoryChanged:
        """Write a whole row over that of `attempt.version` (0: none yet)."""
        with self._transaction() as connection:
            row = same_attempt(_rows_of(connection, attempt.key), attempt)
            now = corrected(row, attempt)
            return now if isinstance(now, HistoryChanged) else _write(connection, now)

    def spent(self, cap: Cap) -> Decimal:
        """Return what counts against a cap now, in US dollars."""
        with self._transaction("BEGIN") as connection:
            return _spent(connection, cap)

    def narrowed(self, caps: Iterable[Cap]) -> tuple[Cap, ...]:
        """Return the caps without the outside spending that this ledger already counts: cheaper to reserve under."""
        with self._transaction("BEGIN") as connection:
            return tuple(replace(cap, elsewhere=_lacking(connection, cap)) for cap in caps)

    def known(self, whose: Whose) -> GatewayTraits:
        """Return what was learned about a gateway."""
        with self._transaction("BEGIN") as connection:
            query = f"SELECT lookup, unique_ids, longest FROM known WHERE {_OF_WHOSE}"
            row = connection.execute(query, field_values(whose)).fetchone()
        if row is None:
            return GatewayTraits()
        lookup, unique, longest = row
        if lookup not in tuple(Lookup) or not is_count(unique) or not is_seconds(longest):
            raise _damaged_table(self.file, "known")
        return GatewayTraits(Lookup(lookup), bool(unique), longest)

    def learn(self, whose: Whose, known: GatewayTraits) -> None:
        """Record what was learned about a gateway; what was proven before stays proven."""
        with self._transaction() as connection:
            row = (*field_values(whose), known.lookup.value, known.unique_ids, known.longest)
            connection.execute(_LEARN, row)

    def dearest(self, rate: str) -> Decimal | None:
        """Return the highest price ever charged per second for a job of that rate, in US dollars; None if there was
        none."""
        with self._transaction("BEGIN") as connection:
            query = "SELECT charged, seconds FROM attempts WHERE rate = ? AND charged IS NOT NULL AND seconds >= 1"
            rows = [*connection.execute(query, (rate,))]
        return max((self._amount(charged) / seconds for charged, seconds in rows), default=None)

    def charges(self, rate: str, latest: int = 50) -> tuple[tuple[int, Decimal], ...]:
        """Return what jobs of that rate were charged, latest first: pairs of a job's length in the film, in seconds,
        and US dollars."""
        with self._transaction("BEGIN") as connection:
            query = "SELECT seconds, charged FROM attempts WHERE rate = ? AND CAST(charged AS REAL) > 0"
            rows = connection.execute(f"{query} ORDER BY opened_at DESC LIMIT ?", (rate, latest))
            return tuple((seconds, self._amount(charged)) for seconds, charged in rows)

    def durations(self, rate: str, latest: int = 50) -> tuple[tuple[int, float], ...]:
        """Return how long jobs of that rate took, latest first: pairs of a job's length in the film and the time it
        took, both in seconds."""
        with self._transaction("BEGIN") as connection:
            query = "SELECT seconds, took FROM attempts WHERE rate = ? AND took IS NOT NULL"
            rows = connection.execute(f"{query} ORDER BY ended_at DESC LIMIT ?", (rate, latest))
            return tuple((seconds, took) for seconds, took in rows if is_count(seconds, 1) and is_seconds(took))

    def keys_of(self, task: str, whose: Whose) -> tuple[str, ...]:
        """Return the keys of all attempts that have this task."""
        with self._transaction("BEGIN") as connection:
            query = f"SELECT DISTINCT key FROM attempts WHERE task = ? AND {_OF_WHOSE}"
            return tuple(key for (key,) in connection.execute(query, (task, *field_values(whose))))

    def all(self) -> tuple[Attempt, ...]:
        """Return every attempt, in the order they were begun."""
        return self._select("ORDER BY opened_at, external_id")

    def of_story(self, story: StoryRef, provider: str | None = None) -> tuple[Attempt, ...]:
        """Return the attempts that builds of a story reserved, in the order they were begun: with any provider, or with
        this one."""
        where = "WHERE project = ? AND path = ? AND variant = ? AND provider = coalesce(?, provider)"
        return self._select(f"{where} ORDER BY opened_at, external_id", *story.identity, provider)

    def name_project(self, folder: str, name: str) -> None:
        """Record the name of the project in a folder: what was bought under the folder's path belongs to it from now
        on."""
        with self._transaction("BEGIN") as connection:
            if connection.execute("SELECT 1 FROM attempts WHERE project = ?", (folder,)).fetchone() is None:
                return
        with self._transaction() as connection:
            connection.execute("UPDATE attempts SET project = ? WHERE project = ?", (name, folder))

    def of_project(self, project: str) -> tuple[Attempt, ...]:
        """Return the attempts that builds of a project's stories reserved, in the order they were begun."""
        return self._select("WHERE project = ? ORDER BY opened_at, external_id", project)

    def traces(self, project: str, provider: str) -> Mapping[tuple[str, str], str]:
        """Return, for each path and variant of a project's stories, a text that changes whenever an attempt with this
        provider changes."""
        with self._transaction("BEGIN") as connection:
            rows = connection.execute(TRACES, (project, provider)).fetchall()
        return {(path, variant): sha256_hex(repr(trace).encode()) for path, variant, trace in rows}

    def spending(self) -> tuple[Attempt, ...]:
        """Return the attempts that cost something, or whose price is not known, each task once, in the order they were
        begun."""
        unpriced = "reserved IS NULL AND charged IS NULL AND state <> 'withdrawn'"
        return self._select(f"WHERE counted > 0 OR ({unpriced}) ORDER BY opened_at, external_id")

    def beginning(self, prefix: str) -> tuple[Attempt, ...]:
        """Return the attempts whose key begins with this text."""
        return self._select("WHERE substr(key, 1, ?) = ? ORDER BY key, number", len(prefix), prefix)

    def in_states(self, *states: PurchaseState) -> tuple[Attempt, ...]:
        """Return the attempts in any of those states, in the order they were begun."""
        wanted = json.dumps([state.value for state in states])
        return self._select("WHERE state IN (SELECT value FROM json_each(?)) ORDER BY opened_at, external_id", wanted)

    def relabel(self, attempt: Attempt, account: str) -> None:
        """Reassign an attempt to the account of a rotated key."""
        with self._transaction() as connection:
            (last,) = connection.execute(_LAST_VERSION, (attempt.key,)).fetchone()
            query = f"UPDATE OR REPLACE attempts SET account = ?, version = ? WHERE external_id = ? AND {_OF_WHOSE}"
            connection.execute(query, (account, last + 1, attempt.external_id, *field_values(attempt.whose)))

    @property
    def rebuilt(self) -> bool:
        """Whether this ledger replaces a damaged one, and nobody has allowed buying with it yet."""
        with self._transaction("BEGIN") as connection:
            return connection.execute("SELECT 1 FROM facts WHERE name = 'rebuilt'").fetchone() is not None

    def trust(self) -> None:
        """Allow buying with a rebuilt ledger."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM facts WHERE name = 'rebuilt'")

    def salt(self) -> bytes:
        """Return this store's own salt, created once."""
        if self._salt is not None:
            return self._salt
        read = "SELECT value FROM facts WHERE name = 'salt'"
        with self._turn:
            lasting = not self._connection.in_transaction  # else it may be taken back
        with self._transaction("BEGIN") as connection:
            row = connection.execute(read).fetchone()
        if row is None:
            with self._transaction() as connection:
                connection.execute("INSERT OR IGNORE INTO facts VALUES ('salt', ?)", (os.urandom(SALT_BYTES),))
                row = connection.execute(read).fetchone()
        (salt,) = row
        if not isinstance(salt, bytes) or len(salt) != SALT_BYTES:
            raise _damaged_table(self.file, "facts")
        self._salt = salt if lasting else None
        return salt

    def _amount(self, text: object) -> Decimal:
        amount = money_of(text)
        if amount is None:
            raise _damaged_table(self.file, "attempts")
        return amount

    def _select(self, rest: str, *values: object) -> tuple[Attempt, ...]:
        with self._transaction("BEGIN") as connection:
            return tuple(from_stored(row) for row in connection.execute(f"{SELECT} {rest}", values))

    @contextmanager
    def _transaction(self, begin: str = "BEGIN IMMEDIATE") -> Iterator[sqlite3.Connection]:
        """Begin a transaction; inside `together`, become a part of the one that this thread has begun."""
        with self._turn, _trouble(self.file):
            part = self._connection.in_transaction
            self._connection.execute("SAVEPOINT part" if part else begin)
            try:
                yield self._connection
                self._connection.execute("RELEASE part" if part else "COMMIT")
            except BaseException:
                self._roll_back(part)
                raise

    def _roll_back(self, part: bool) -> None:
        """Roll back; if the disk is full, SQLite has already done so by itself."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK TO part" if part else "ROLLBACK")
            if part:
                self._connection.execute("RELEASE part")


def _tried(work: Callable[[], Any], within: sqlite3.Connection | None = None) -> Any:
    """Return what a function returns, or the exception it raised; raise it if it ended the transaction around it."""
    try:
        return work()
    except StoryboardError as trouble:
        if within is not None and not within.in_transaction:
            raise
        return trouble


def _rows_of(connection: sqlite3.Connection, key: str) -> tuple[Attempt, ...]:
    return tuple(from_stored(row) for row in connection.execute(f"{SELECT} WHERE key = ?", (key,)))


def _change(connection: sqlite3.Connection, row: Attempt | None, now: Attempt) -> Attempt:
    """Write a row if it has changed; return it as it is now."""
    return now if row == now else _write(connection, now)


def _write(connection: sqlite3.Connection, attempt: Attempt) -> Attempt:
    """Write a row as the key's next version, and return it. Each task is counted once, in its first row."""
    (last,) = connection.execute(_LAST_VERSION, (attempt.key,)).fetchone()
    attempt = replace(attempt, version=last + 1)
    connection.execute(
        WRITE, (*to_stored(attempt), 0 if _counted_already(connection, attempt) else _nanos(attempt.costs))
    )
    return attempt


def _counted_already(connection: sqlite3.Connection, attempt: Attempt) -> bool:
    query = f"SELECT 1 FROM attempts WHERE task = ? AND {_OF_WHOSE} AND external_id <> ? AND counted > 0"
    of = (attempt.task, *field_values(attempt.whose), attempt.external_id)
    return attempt.task is not None and connection.execute(query, of).fetchone() is not None


def _spent(connection: sqlite3.Connection, cap: Cap, coming: Attempt | None = None) -> Decimal:
    """Return what an attempt counts: charged, else reserved; nothing for `coming`."""
    where, values = _selection(cap)
    (spent,) = connection.execute(f"{_SUM} WHERE {where}", values).fetchone()
    if coming is not None:
        query = f"{_SUM} WHERE {where} AND external_id = ? AND {_OF_WHOSE}"
        spent -= connection.execute(query, (*values, coming.external_id, *field_values(coming.whose))).fetchone()[0]
    lacking = _lacking(connection, cap)
    return Decimal(spent) * _NANO + cap.pruned + sum(lacking.values(), Decimal(0))


def _selection(cap: Cap) -> tuple[str, tuple[str, ...]]:
    if cap.run is not None:
        return "run = ?", (cap.run,)
    if cap.story is not None:
        return "project = ? AND path = ? AND variant = ?", cap.story.identity
    return ("project = ?", (cap.project,)) if cap.project is not None else ("TRUE", ())


def _lacking(connection: sqlite3.Connection, cap: Cap) -> dict[str, Decimal]:
    """Return what was spent elsewhere, less what already counts against the cap here; rows of other stories do not."""
    if not cap.elsewhere:
        return {}
    where, values = _selection(cap)
    query = f"SELECT external_id FROM attempts WHERE {where} AND state <> 'withdrawn'"
    among = " AND external_id IN (SELECT value FROM json_each(?))"
    known = {found for (found,) in connection.execute(query + among, (*values, json.dumps(list(cap.elsewhere))))}
    return {external_id: cost for external_id, cost in cap.elsewhere.items() if external_id not in known}


def _nanos(money: Decimal) -> int:
    """Return billionths of a dollar, rounded up: the unit in which caps are counted."""
    return int((money / _NANO).to_integral_value(ROUND_CEILING))


@contextmanager
def _trouble(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            note_damage(file)
            raise StoreError(
                f"the ledger {file} is damaged: {error}",
                help="run the same command again: it sets the ledger aside, and nothing is bought until you allow it",
            ) from error
        if not isinstance(error, sqlite3.OperationalError):
            raise
        raise _unusable(file, error) from error
    except OSError as error:
        raise _unusable(file, error.strerror or error) from error


def _damaged_table(file: Path, table: str) -> StoreError:
    return StoreError(
        f"the ledger {file} is damaged: a row of {table} is not valid in a ledger",
        help="restore the store from a backup, or choose another one with --store or STORYBOARD_STORE",
    )


def _unusable(file: Path, why: object) -> StoreError:
    return StoreError(
        f"the ledger {file} cannot be used: {why}",
        help="free up space or allow writing there, or choose another store with --store",
    )
