"""Machines that share one ledger on a real server."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from storyboard import __version__
from storyboard.cluster.holder import HolderIdentity
from storyboard.cluster.job_queue import WantedJob
from storyboard.cluster.ledger import PostgresLedger
from storyboard.cluster.machine_memory import MachineMemory
from storyboard.cluster.reservation import SendPermission
from storyboard.cluster.session import LedgerSession, StandbyPolicy
from storyboard.store.attempt import Attempt
from tests.support.attempts import STORY, WHOSE
from tests.support.shop import SETTINGS, Shop


class Farm:
    """One database, and the machines that use it."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address = address
        self.folder = folder
        self.opened: list[PostgresLedger] = []
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None

    def machine(
        self,
        name: str = "mei@laptop",
        person: str = "mei",
        standby: StandbyPolicy = StandbyPolicy.NONE,
        address: str | None = None,
    ) -> PostgresLedger:
        """A new process on the machine of that name, which keeps what it remembers."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        holder = HolderIdentity(name, person, folder.name, __version__)
        ledger = PostgresLedger(LedgerSession(address or self.address, holder, MachineMemory(folder), standby))
        self.opened.append(ledger)
        return ledger

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database itself, over one connection: a test that waits asks often. A lost one is opened again."""
        kept = self._connection
        try:
            return self._asked(query, values)
        except psycopg.OperationalError:
            if kept is None or not kept.closed:
                raise
            return self._asked(query, values)

    def _asked(self, query: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self.address, autocommit=True)
        cursor = self._connection.execute(query, values)
        return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        for ledger in self.opened:
            ledger.close()


def wanted(*keys: str, person: str = "mei", seconds: float = 7, weight: float = 1) -> list[WantedJob]:
    return [WantedJob(key, WHOSE, person, STORY, seconds, weight, "run", f"order of {key}") for key in keys]


def take(ledger: PostgresLedger, project: str | None = None) -> str | None:
    """Take the fairest job; its key."""
    job = ledger.take(project=project)
    return None if job is None else job.key


def joined(ledger: PostgresLedger, attempt: Attempt, seen: int = 0) -> SendPermission:
    """Want, claim and join: for tests of what comes after."""
    ledger.want(wanted(attempt.key))
    assert ledger.claim(attempt.key)
    permission = ledger.join(attempt, (), seen)
    assert isinstance(permission, SendPermission), permission
    return permission


def latest(ledger: PostgresLedger, key: str = "k1") -> Attempt:
    """The last attempt at a key."""
    return ledger.history([key])[key][-1]


def check_sums(farm: Farm) -> None:
    """Every running sum is the sum of its rows."""
    rows = farm.sql("SELECT coalesce(sum(counted), 0)::bigint FROM storyboard.attempts")
    spent = farm.sql("SELECT coalesce(sum(spent), 0)::bigint FROM storyboard.purses WHERE kind = 'all'")
    assert spent == rows
    for kind, column in (("project", "project"), ("person", "person"), ("run", "run")):
        apart = farm.sql(
            f"SELECT name FROM storyboard.purses WHERE kind = %s AND spent <> (SELECT coalesce(sum(counted), 0) "
            f"FROM storyboard.attempts WHERE {column} = name)",
            kind,
        )
        assert apart == []


def another(shop: Shop, folder: Path, *names: str) -> Shop:
    """Another machine with the story alone, or these files, and an empty store."""
    other = shop.elsewhere(folder, *(names or ("lanterns.story",)))
    other.environment = dict(shop.environment)
    other.cli.write("storyboard.toml", f'project = "lantern"\n{SETTINGS}')
    return other


def charged(farm: Farm) -> Decimal:
    """What the ledger says was charged."""
    rows = farm.sql("SELECT charged FROM storyboard.attempts WHERE charged IS NOT NULL")
    return sum((Decimal(charged) for (charged,) in rows), Decimal(0))
