"""A store that may only be read, as a cache in CI or a team's share, serves what it has; nothing is bought with it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.support.cli import Done
from tests.support.shop import Shop
from tests.support.waiting import PATIENCE

pytestmark = [
    pytest.mark.posix("a folder there has no bits that say who may write in it"),
    pytest.mark.skipif(
        hasattr(os, "getuid") and os.getuid() == 0 and shutil.which("setpriv") is None,
        reason="root may write everywhere",
    ),
]


@pytest.fixture
def reader(shop: Shop) -> Iterator[Shop]:
    """A person who has bought, and from then on may only read their store."""
    yield shop
    for path in [shop.store, *shop.store.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)


def lock_up(shop: Shop) -> None:
    """Let nobody write to the store."""
    for path in [shop.store, *shop.store.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)


def run(shop: Shop, *arguments: str) -> Done:
    """As a person for whom permissions hold: root gives up that they do not."""
    command = [sys.executable, "-m", "storyboard", *arguments]
    if os.getuid() == 0:
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    environment = {**shop.cli.environment, **shop.env}
    done = subprocess.run(
        command, cwd=shop.cli.folder, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    return Done(done.returncode, done.stdout, done.stderr)


def state_of(shop: Shop) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(shop.store.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("has_log", [True, False])
def test_locked_build_works_with_a_read_only_store(has_log: bool, reader: Shop) -> None:
    reader.build("--yes", "--only", "street")
    with closing(sqlite3.connect(reader.store / "ledger.sqlite3")) as connection:
        connection.execute("SELECT * FROM sqlite_master").fetchall()  # while it is open, the log of others stays
        reader.build("--yes")
        left = {file: file.read_bytes() for file in reader.store.glob("ledger.sqlite3*")}
    if has_log:  # as a process leaves it that was killed
        for file, data in left.items():
            file.write_bytes(data)
    log = reader.store / "ledger.sqlite3-wal"
    assert (log.exists() and log.stat().st_size > 0) == has_log
    shutil.rmtree(reader.cli.folder / "build")
    lock_up(reader)
    before = state_of(reader)
    for command in (["build", "--locked"], ["plan"], ["status"], ["costs"], ["store", "ls"], ["store", "verify"]):
        done = run(reader, *command)
        assert done.code == 0, (command, done)
    assert (reader.cli.folder / "build/lanterns/lanterns.mp4").exists()
    assert state_of(reader) == before


@pytest.mark.parametrize("gone", ["ledger.sqlite3", "claims", "scratch", "damaged", "locks", "claims-proven"])
def test_partial_store_from_a_ci_cache_is_enough(gone: str, reader: Shop) -> None:
    reader.build("--yes")
    for path in reader.store.glob(f"{gone}*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    lock_up(reader)
    reader.key = ""
    done = run(reader, "build", "--locked")
    assert done.code == 0, done


def test_read_only_store_buys_nothing_and_says_what_to_do(reader: Shop) -> None:
    reader.build("--yes", "--only", "street")
    lock_up(reader)
    done = run(reader, "build", "--yes")
    assert done.code == 3 and "--store" in done.err and "Traceback" not in done.err, done
    assert reader.posts == 1
    done = run(reader, "build", "--locked")
    assert done.code == 4 and "not in the lock" in done.out, done
    assert reader.posts == 1


def test_damaged_ledger_in_a_read_only_store_is_reported(reader: Shop) -> None:
    reader.build("--yes")
    for file in reader.store.glob("ledger.sqlite3-*"):
        file.unlink()
    (reader.store / "ledger.sqlite3").write_bytes(b"no database at all, and longer than a header" * 40)
    lock_up(reader)
    done = run(reader, "build", "--locked")
    assert done.code == 3 and "damaged" in done.err and "Traceback" not in done.err, done
