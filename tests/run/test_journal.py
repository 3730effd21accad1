from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from storyboard.errors import StoreError
from storyboard.run.journal import Journal, NoLock
from storyboard.store.sqlite.ledger import SqliteLedger
from tests.support.waiting import PATIENCE


class Disk:
    """Does work when it is told to; `turns` are how often it was asked."""

    def __init__(self) -> None:
        self.turns = 0
        self.free = asyncio.Event()

    async def __call__(self, work: Callable[[], Any]) -> Any:
        self.turns += 1
        await self.free.wait()
        return work()


def test_writes_requested_meanwhile_share_the_next_commit(tmp_path: Path) -> None:
    async def go() -> tuple[list[int], list[int], int]:
        disk = Disk()
        done: list[int] = []

        def write(number: int) -> int:
            done.append(number)
            return number

        journal = Journal(SqliteLedger(tmp_path / "ledger"), disk, NoLock())
        writes = [asyncio.create_task(journal.ledger(partial(write, number))) for number in range(10)]
        await asyncio.sleep(0)
        disk.free.set()
        return await asyncio.gather(*writes), done, disk.turns

    answers, done, turns = asyncio.run(go())
    assert answers == done == list(range(10))
    assert turns <= 2


def test_error_reaches_its_own_caller(tmp_path: Path) -> None:
    def full() -> None:
        raise StoreError("full")

    async def go() -> list[Any]:
        disk = Disk()
        disk.free.set()
        journal = Journal(SqliteLedger(tmp_path / "ledger"), disk, NoLock())
        works: list[Callable[[], Any]] = [lambda: 1, full, lambda: 3]
        found = await asyncio.gather(*map(journal.ledger, works), return_exceptions=True)
        return [*found, *await asyncio.gather(journal.ledger(full), journal.ledger(lambda: 5), return_exceptions=True)]

    first, second, third, fourth, fifth = asyncio.run(go())
    assert (first, third, fifth) == (1, 3, 5)
    assert isinstance(second, StoreError)
    assert isinstance(fourth, StoreError)


def test_internal_error_reaches_every_waiter(tmp_path: Path) -> None:
    async def go() -> list[Any]:
        disk = Disk()
        disk.free.set()
        journal = Journal(SqliteLedger(tmp_path / "ledger"), disk, NoLock())
        works: list[Callable[[], Any]] = [lambda: 1, lambda: 1 // 0]
        return await asyncio.gather(*map(journal.ledger, works), return_exceptions=True)

    assert [type(each) for each in asyncio.run(go())] == [ZeroDivisionError, ZeroDivisionError]


async def test_cancelled_caller_leaves_after_its_write_is_done(tmp_path: Path) -> None:
    disk, written = Disk(), list[str]()
    journal = Journal(SqliteLedger(tmp_path / "ledger"), disk, NoLock())
    first = asyncio.create_task(journal.ledger(lambda: written.append("first")))
    await asyncio.sleep(0)
    second = asyncio.create_task(journal.ledger(lambda: written.append("second")))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait([second], timeout=0.05)
    assert not second.done()
    disk.free.set()
    with pytest.raises(asyncio.CancelledError):
        await second
    await first
    assert written == ["first", "second"]


async def test_waiters_end_when_the_writer_ends(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(work: Callable[[], Any]) -> Any:
        await asyncio.sleep(0)
        raise RuntimeError("a mistake")

    journal = Journal(SqliteLedger(tmp_path / "ledger"), broken, NoLock())
    first = asyncio.create_task(journal.ledger(lambda: None))
    await asyncio.sleep(0)
    second = asyncio.create_task(journal.ledger(lambda: None))
    found = await asyncio.wait_for(asyncio.gather(first, second, return_exceptions=True), PATIENCE)
    assert [str(each) for each in found] == ["a mistake", "a mistake"]
    assert not caplog.records
