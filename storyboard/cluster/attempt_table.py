"""The attempts of a shared ledger as rows, and the sums that change with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from storyboard.cluster.session import Cursor
from storyboard.cluster.spending import change_purses, counted_of
from storyboard.errors import StoreError
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.store.attempt import Attempt
from storyboard.store.attempt_changes import same_attempt
from storyboard.store.sqlite.rows import COLUMNS, IDENTITY, from_row, to_row

_EXTRA = ("may", "version", "person", "counted", "joins", "extract(epoch FROM joined_at)::float8")
SELECT = f"SELECT {', '.join((*COLUMNS, *_EXTRA))} FROM attempts"
_WRITTEN = (*COLUMNS, "may", "person", "counted", "joins")
_WRITE = (
    f"INSERT INTO attempts ({', '.join(_WRITTEN)}, version, joined_at) "
    f"VALUES ({', '.join(['%s'] * len(_WRITTEN))}, nextval('versions'), clock_timestamp()) "
    f"ON CONFLICT ({', '.join(IDENTITY)}) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _WRITTEN if name not in IDENTITY)
    + ", version = excluded.version, joined_at = CASE WHEN excluded.joins > attempts.joins "
    "THEN excluded.joined_at ELSE attempts.joined_at END RETURNING version"
)


@dataclass(frozen=True, slots=True)
class CountedAttempt:
    """An attempt with what only a shared ledger has of it: for whom it was bought, what it counts in the sums, in
    billionths of a US dollar, how often somebody joined it, and when last, in seconds since the epoch."""

    attempt: Attempt
    person: str
    counted: int
    joins: int
    joined_at: float = 0.0


def read_key(cursor: Cursor, key: str) -> tuple[CountedAttempt, ...]:
    """Return all attempts at a key, by number, locked until the commit."""
    cursor.execute(f"{SELECT} WHERE key = %s ORDER BY number, version FOR UPDATE", (key,))
    return tuple(from_selected(tuple(row)) for row in cursor.fetchall())


def from_selected(row: tuple[Any, ...]) -> CountedAttempt:
    """Return the attempt in a row of `SELECT`."""
    may, version, person, counted, joins, joined_at = row[len(COLUMNS) :]
    attempt = replace(from_row(row[: len(COLUMNS)]), may=tuple(may), version=version)
    return CountedAttempt(attempt, person, counted, joins, joined_at)


class AttemptWriter:
    """Writes attempts at one key, whose rows it has read and locked."""

    def __init__(self, cursor: Cursor, key: str, person: str) -> None:
        """Read and lock the rows of the key; `person` is whom a new attempt is for."""
        self._cursor = cursor
        self._person = person
        self._rows = list(read_key(cursor, key))

    @property
    def rows(self) -> tuple[CountedAttempt, ...]:
        """All attempts at the key as they are now, by number."""
        return tuple(self._rows)

    @property
    def history(self) -> tuple[Attempt, ...]:
        """All attempts at the key as they are now."""
        return tuple(row.attempt for row in self._rows)

    def row_of(self, attempt: Attempt) -> CountedAttempt | None:
        """Return the row of the same id and account."""
        found = same_attempt(self.history, attempt)
        return None if found is None else next(row for row in self._rows if row.attempt is found)

    def write(self, attempt: Attempt, *, joins: int = 0) -> tuple[Attempt, Mapping[tuple[str, str], int]]:
        """Write the attempt, which joined so many times more; returns it with its version, and the changed sums."""
        before = self.row_of(attempt)
        person = self._person if before is None else before.person
        counted = counted_of(self._cursor, attempt)
        spent = change_purses(
            self._cursor,
            old=None if before is None else (before.attempt, person, before.counted),
            new=(attempt, person, counted),
        )
        joined = (0 if before is None else before.joins) + joins
        values = (*to_row(attempt), list(attempt.may), person, counted, joined)
        try:
            self._cursor.execute(_WRITE, values)
        except UnicodeEncodeError:
            raise StoreError(
                f"a shared ledger cannot hold the path {attempt.story.path!a}: it is not UTF-8", help="rename the file"
            ) from None
        row = self._cursor.fetchone()
        assert row is not None
        written = replace(attempt, version=int(row[0]))
        self._rows = [each for each in self._rows if each is not before]
        self._rows.append(CountedAttempt(written, person, counted, joined))
        return written, spent

    def change(self, attempt: Attempt) -> Attempt:
        """Write the attempt unless it is as it was; returns it as it is now."""
        before = self.row_of(attempt)
        if before is not None and replace(attempt, version=before.attempt.version) == before.attempt:
            return before.attempt
        return self.write(attempt)[0]

    def change_all(self, attempts: Iterable[Attempt]) -> None:
        """Write each of the attempts."""
        for attempt in attempts:
            self.change(attempt)
