"""Opening the ledger's file: it is brought to this version's form, and moved aside if it is damaged."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from itertools import count
from pathlib import Path

from storyboard.errors import StoreError
from storyboard.files.lock import alone_in
from storyboard.store.sqlite.schema import prepare

_CORRUPT, _NO_DATABASE = 11, 26


def open_ledger(file: Path, patience: float) -> sqlite3.Connection:
    """Return the connection; if the file is damaged, one to an empty ledger that replaces it and says so. `patience` is
    how many seconds to wait for another process that is writing.

    In a store that this process may only read, the ledger is only read; if there is none, an empty one in memory
    replaces it.
    """
    if is_read_only(file.parent):
        return _opened_to_read(file, patience)
    try:
        return _opened(file, patience)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
    with alone_in(file.parent):  # who comes second finds the new ledger, and must not set that aside
        try:
            return _opened(file, patience)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
        _set_aside(file)
        connection = _opened(file, patience)
        connection.execute("INSERT OR IGNORE INTO facts VALUES ('rebuilt', x'01')")
        return connection


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is broken, and not only unreachable."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in (_CORRUPT, _NO_DATABASE)


def note_damage(file: Path) -> None:
    """Make the next process that opens the ledger check every page: damage in the middle of a file shows late."""
    with suppress(OSError):  # a store that is only read keeps no note
        suspicion(file).touch(mode=0o600)


def is_read_only(folder: Path) -> bool:
    """Whether the folder exists and this process may not write in it."""
    return folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK)


def _opened_to_read(file: Path, patience: float) -> sqlite3.Connection:
    """Return the connection to a ledger in a folder that cannot be written.

    SQLite can read a log that is not empty only with its index beside it; without a log, the file is complete.
    """
    if not file.exists():
        connection = sqlite3.connect(":memory:", timeout=patience, isolation_level=None, check_same_thread=False)
    else:
        log = file.with_name(f"{file.name}-wal")
        has_log = log.exists() and log.stat().st_size > 0
        how = "mode=ro" if has_log else "mode=ro&immutable=1"
        address = f"{file.absolute().as_uri()}?{how}"
        connection = sqlite3.connect(address, timeout=patience, isolation_level=None, check_same_thread=False, uri=True)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        if suspicion(file).exists():
            _look_through(connection)
        prepare(connection, file)
    except BaseException:
        connection.close()
        raise
    return connection


def _opened(file: Path, patience: float) -> sqlite3.Connection:
    if not file.exists():  # else who only reads would leave a trace
        file.touch(mode=0o600)
    if not file.is_file():
        raise StoreError(f"{file} is not a file", help="choose another store with --store or STORYBOARD_STORE")
    connection = sqlite3.connect(file, timeout=patience, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if suspicion(file).exists():
            _look_through(connection)
            suspicion(file).unlink(missing_ok=True)
        prepare(connection, file)
    except BaseException:
        connection.close()
        raise
    return connection


def _look_through(connection: sqlite3.Connection) -> None:
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        error = sqlite3.DatabaseError(found)
        error.sqlite_errorcode = _CORRUPT
        raise error


def suspicion(file: Path) -> Path:
    """Return the file whose existence says that a ledger must be checked."""
    return file.with_name(f"{file.name}.suspect")


def _set_aside(file: Path) -> None:
    """Move a ledger away with all files that belong to it, without replacing what was moved aside before."""
    number = next(n for n in count(1) if not file.with_name(f"{file.name}.damaged{n}").exists())
    for suffix in ("", "-wal", "-shm"):
        part = file.with_name(f"{file.name}{suffix}")
        if part.exists():
            part.replace(file.with_name(f"{file.name}.damaged{number}{suffix}"))
    suspicion(file).unlink(missing_ok=True)
