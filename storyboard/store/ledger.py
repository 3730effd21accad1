"""The ledger in SQLite: write-ahead log, full synchronisation, one transaction an operation."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from threading import RLock

from storyboard.errors import StoreTrouble
from storyboard.store.attempt import Attempt
from storyboard.store.caps import Cap, CapReached
from storyboard.store.rows import SELECT, WRITE, from_row, to_row
from storyboard.store.schema import prepare

PATIENCE = 60.0
"""Seconds to wait for another process that is writing."""


class SqliteLedger:
    """One user's ledger. Several processes may have it open at once; threads of one process take turns."""

    def __init__(self, file: Path) -> None:
        """Opens or makes the ledger; raises `StoreTrouble` when it is newer, damaged or cannot be written."""
        self._file = file
        self._turn = RLock()
        with _trouble(file):
            file.touch(mode=0o600)
            self._connection = sqlite3.connect(file, PATIENCE, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            prepare(self._connection, file)

    def close(self) -> None:
        """Closes the file; everything written is already durable."""
        self._connection.close()

    def history(self, keys: Iterable[str]) -> Mapping[str, tuple[Attempt, ...]]:
        """All attempts at each key that has any, by number."""
        wanted = json.dumps(list(keys))
        found = defaultdict(list)
        with self._transaction("BEGIN") as connection:
            where = " WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key, number, opened_at"
            for row in connection.execute(SELECT + where, (wanted,)):
                attempt = from_row(row)
                found[attempt.key].append(attempt)
        return {key: tuple(attempts) for key, attempts in found.items()}

    def reserve(self, attempt: Attempt, caps: Iterable[Cap]) -> CapReached | None:
        """Writes the intent with its price, unless that would pass one of the caps: then nothing is written."""
        with self._transaction() as connection:
            for cap in caps:
                spent = self._spent(connection, cap, attempt)
                if attempt.reserved is None or spent + attempt.reserved > cap.limit:
                    return CapReached(cap, spent, attempt.reserved)
            connection.execute(WRITE, to_row(attempt))
        return None

    def record(self, attempt: Attempt) -> None:
        """Writes what is now known of an attempt; it is the same by its id and whose it is."""
        with self._transaction() as connection:
            connection.execute(WRITE, to_row(attempt))

    def clips(self) -> frozenset[str]:
        """The hashes of all clips that an attempt names."""
        with self._transaction("BEGIN") as connection:
            rows = connection.execute("SELECT DISTINCT clip FROM attempts WHERE clip IS NOT NULL")
            return frozenset(clip for (clip,) in rows)

    def _spent(self, connection: sqlite3.Connection, cap: Cap, coming: Attempt) -> Decimal:
        counted = cap.pruned
        for row in self._selected(connection, cap):
            attempt = from_row(row)
            if attempt.external_id != coming.external_id or attempt.whose != coming.whose:
                counted += attempt.costs
        return counted + sum(cost for cost in self._lacking(connection, cap.elsewhere))

    def _selected(self, connection: sqlite3.Connection, cap: Cap) -> Iterator[tuple[object, ...]]:
        if cap.run is not None:
            return connection.execute(f"{SELECT} WHERE run = ?", (cap.run,))
        if cap.story is not None:
            of = (cap.story.project, cap.story.path, cap.story.variant)
            return connection.execute(f"{SELECT} WHERE project = ? AND path = ? AND variant = ?", of)
        return connection.execute(f"{SELECT} WHERE project = ?", (cap.project,))

    def _lacking(self, connection: sqlite3.Connection, elsewhere: Mapping[str, Decimal]) -> Iterator[Decimal]:
        ids = json.dumps(list(elsewhere))
        query = "SELECT external_id FROM attempts WHERE external_id IN (SELECT value FROM json_each(?))"
        known = {found for (found,) in connection.execute(query, (ids,))}
        return (cost for external_id, cost in elsewhere.items() if external_id not in known)

    @contextmanager
    def _transaction(self, begin: str = "BEGIN IMMEDIATE") -> Iterator[sqlite3.Connection]:
        with self._turn, _trouble(self._file):
            self._connection.execute(begin)
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


@contextmanager
def _trouble(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreTrouble(
            f"the ledger {file} cannot be used: {error}",
            help="make room or allow writing there, or name another store with --store",
        ) from error
    except sqlite3.DatabaseError as error:
        raise StoreTrouble(
            f"the ledger {file} is damaged: {error}",
            help="nothing was bought; restore it from a backup, or name another store with --store",
        ) from error
    except OSError as error:
        raise StoreTrouble(
            f"the ledger {file} cannot be used: {error.strerror}",
            help="make room or allow writing there, or name another store with --store",
        ) from error
