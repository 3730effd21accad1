"""An attempt as a shared ledger has it: with who may still send, and its version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from storyboard.cluster.session import Cursor
from storyboard.errors import StoreError
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.store.attempt import Attempt, Whose
from storyboard.store.sqlite.rows import COLUMNS, IDENTITY, from_row, to_row

_EXTRA = ("person", "counted", "tasks", "may", "joins", "version")
SELECT = f"SELECT {', '.join((*COLUMNS, *_EXTRA))} FROM attempts"
_SAME = " AND ".join(f"{name} = %s" for name in IDENTITY)
_WRITTEN = (*COLUMNS, *_EXTRA[:-1])
_WRITE = (
    f"INSERT INTO attempts ({', '.join(_WRITTEN)}, version, joined_at) "
    f"VALUES ({', '.join(['%s'] * len(_WRITTEN))}, nextval('versions'), clock_timestamp()) "
    f"ON CONFLICT ({', '.join(IDENTITY)}) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _WRITTEN if name not in IDENTITY)
    + ", version = excluded.version, joined_at = CASE WHEN excluded.joins > attempts.joins "
    "THEN excluded.joined_at ELSE attempts.joined_at END RETURNING version"
)

AttemptId: TypeAlias = tuple[str, Whose]
"""What identifies an attempt: its external id and where it was bought."""

_RANKS = {state: rank for rank, state in enumerate(PurchaseState)}


@dataclass(frozen=True, slots=True)
class RecordedAttempt:
    """`may` names the holders that may still send under its id; `joins` counts how often one was added."""

    attempt: Attempt
    person: str
    counted: int
    tasks: tuple[str, ...]
    may: frozenset[UUID]
    joins: int
    version: int

    @property
    def id(self) -> AttemptId:
        """What identifies it."""
        return self.attempt.external_id, self.attempt.whose


def recorded_from(row: tuple[Any, ...]) -> RecordedAttempt:
    """The attempt in a row of `SELECT`."""
    person, counted, tasks, may, joins, version = row[len(COLUMNS) :]
    return RecordedAttempt(from_row(row[: len(COLUMNS)]), person, counted, tuple(tasks), frozenset(may), joins, version)


def read_latest(cursor: Cursor, key: str, lock: bool = False) -> RecordedAttempt | None:
    """The latest attempt at a key, under whatever account."""
    end = " FOR UPDATE" if lock else ""
    cursor.execute(f"{SELECT} WHERE key = %s ORDER BY number DESC, version DESC LIMIT 1{end}", (key,))
    row = cursor.fetchone()
    return None if row is None else recorded_from(tuple(row))


def lock_attempt(cursor: Cursor, attempt: Attempt) -> RecordedAttempt | None:
    """The row of that attempt, locked."""
    cursor.execute(f"{SELECT} WHERE {_SAME} FOR UPDATE", _identity(attempt))
    row = cursor.fetchone()
    return None if row is None else recorded_from(tuple(row))


def write_attempt(cursor: Cursor, recorded: RecordedAttempt) -> int:
    """Write the row and return its new version. The caller has the row locked and has changed the purses."""
    values = (*to_row(recorded.attempt), recorded.person, recorded.counted, list(recorded.tasks))
    try:
        cursor.execute(_WRITE, (*values, list(recorded.may), recorded.joins))
    except UnicodeEncodeError:
        raise StoreError(
            f"a shared ledger cannot hold the name of `{recorded.attempt.story.path!a}`: it is not UTF-8",
            help="rename the file",
        ) from None
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def is_further(state: PurchaseState, than: PurchaseState) -> bool:
    """Whether a state is later news than another one of the same attempt."""
    return _RANKS[state] > _RANKS[than]


def _identity(attempt: Attempt) -> tuple[str, ...]:
    whose = attempt.whose
    return attempt.external_id, whose.provider, whose.base_url, whose.dialect, whose.account
