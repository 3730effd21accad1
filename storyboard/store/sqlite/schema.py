"""The ledger's form on disk, numbered by SQLite's `user_version`, and the way from each form to the next."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path

from storyboard.errors import StoreError

_FIRST = """
CREATE TABLE attempts (
  key TEXT NOT NULL, number INTEGER NOT NULL, external_id TEXT NOT NULL,
  provider TEXT NOT NULL, base_url TEXT NOT NULL, dialect TEXT NOT NULL, account TEXT NOT NULL,
  project TEXT NOT NULL, path TEXT NOT NULL, variant TEXT NOT NULL,
  state TEXT NOT NULL, content TEXT NOT NULL, addresses TEXT NOT NULL, seconds INTEGER NOT NULL,
  model TEXT NOT NULL, request TEXT NOT NULL, run TEXT NOT NULL, opened_at REAL NOT NULL,
  take INTEGER NOT NULL, base TEXT NOT NULL, sends INTEGER NOT NULL, submitted_at REAL, ended_at REAL,
  task TEXT, clip TEXT, reserved TEXT, charged TEXT, error TEXT, rate TEXT NOT NULL, took REAL, said TEXT,
  may TEXT NOT NULL, version INTEGER NOT NULL,
  counted INTEGER NOT NULL,
  PRIMARY KEY (external_id, provider, base_url, dialect, account)
) WITHOUT ROWID;
CREATE INDEX attempts_by_key ON attempts (key, number);
CREATE INDEX attempts_by_story ON attempts (project, path, variant, counted);
CREATE INDEX attempts_by_run ON attempts (run, counted);
CREATE INDEX attempts_by_task ON attempts (task);
CREATE INDEX attempts_by_rate ON attempts (rate, ended_at);
CREATE INDEX attempts_by_state ON attempts (state);
CREATE TABLE known (
  base_url TEXT NOT NULL, dialect TEXT NOT NULL, account TEXT NOT NULL, provider TEXT NOT NULL,
  lookup TEXT NOT NULL, unique_ids INTEGER NOT NULL, longest REAL NOT NULL,
  PRIMARY KEY (provider, base_url, dialect, account)
) WITHOUT ROWID;
CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""

_FOLDERS = """
ALTER TABLE attempts ADD COLUMN folder TEXT NOT NULL DEFAULT '';
UPDATE attempts SET folder = project;
"""
"""A project is known by its name where it has one; until then, each was known by its folder."""

UNRELEASED = 3
"""The last form that no release has written: its rows have other fields, and it is not read."""

MIGRATIONS = (_FIRST, _FOLDERS)
"""What leads from each form to the next, beginning with the first released one. A released form is never edited."""


def prepare(connection: sqlite3.Connection, file: Path, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Bring a ledger to this version's form, in one transaction, after making a copy.

    Raises `StoreError` for a newer form, for one that was never released, and for a file with anything in it that
    storyboard did not create: a trigger or a view in a ledger from a stranger could change what is counted.
    """
    form, known = _form(connection), UNRELEASED + len(migrations)
    if 0 < form <= UNRELEASED:
        raise StoreError(
            f"the ledger {file} was written by a storyboard that was never released",
            help="name another store with --store, or move this one away",
        )
    if form > known:
        raise StoreError(
            f"the ledger {file} was written by a newer storyboard (form {form}, this one knows {known})",
            help="update storyboard, or name another store with --store",
        )
    _check_schema(connection, file, tuple(migrations[: max(form - UNRELEASED, 0)]))
    if form == known:
        return
    if form > 0:
        _copy(connection, file.with_name(f"{file.name}.form{form}"))
    _migrate(connection, migrations)


def _check_schema(connection: sqlite3.Connection, file: Path, migrations: tuple[str, ...]) -> None:
    """Raise StoreError where the schema is not exactly what these migrations make."""
    found, ours = _schema_of(connection), _expected_schema(migrations)
    if found == ours or (not migrations and _form(connection) > 0):  # another process has just made it
        return
    foreign = sorted(name for name in found if found[name] != ours.get(name))
    what = "tables are missing"
    if foreign:
        kind, name = foreign[0]
        what = f"its {kind} `{name:.100}` was not made by storyboard"
    raise StoreError(
        f"{file} is not a ledger of storyboard: {what}", help="name another store with --store or STORYBOARD_STORE"
    )


@cache
def _expected_schema(migrations: tuple[str, ...]) -> Mapping[tuple[str, str], str]:
    with closing(sqlite3.connect(":memory:")) as connection:
        for script in migrations:
            connection.executescript(script)
        return _schema_of(connection)


def _schema_of(connection: sqlite3.Connection) -> Mapping[tuple[str, str], str]:
    """Return the definition of everything in a database, by kind and name."""
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    return {(str(kind), str(name)): f"{table}: {sql}" for kind, name, table, sql in rows}


def _form(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _copy(connection: sqlite3.Connection, target: Path) -> None:
    copy = sqlite3.connect(target)
    try:
        connection.backup(copy)
    finally:
        copy.close()


def _migrate(connection: sqlite3.Connection, migrations: Sequence[str]) -> None:
    """Apply all steps or none; another process may have done it first."""
    connection.execute("BEGIN EXCLUSIVE")
    try:
        for script in migrations[max(_form(connection) - UNRELEASED, 0) :]:
            for statement in filter(str.strip, script.split(";")):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {UNRELEASED + len(migrations)}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
