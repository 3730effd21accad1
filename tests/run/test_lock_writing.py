"""The lock during a run: jobs share writes, what is taken back leaves no trace, and others' writes are seen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.errors import StoreError
from storyboard.jobs.lock import Block, Lock
from storyboard.jobs.lockfile import read_lock, update_lock
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.run.journal import LockFile
from tests.support.hashes import hexed

INTENT = Block(
    shots=("s.a",),
    content=hexed("c0"),
    base=hexed("b0"),
    take=1,
    provider="kirin",
    base_url="https://gateway.test",
    dialect="generation",
    attempt=1,
    task=None,
    clip=None,
    seconds=8,
    cost=Decimal("0.84"),
    state=PurchaseState.INTENT,
    key=hexed("k0"),
)
FAILED = replace(INTENT, state=PurchaseState.FAILED, task="t1", cost=Decimal("0.1"))
SECOND = replace(INTENT, attempt=2)


def written(path: Path) -> int:
    return path.stat().st_mtime_ns


def block_the_way(path: Path) -> None:
    path.unlink()
    path.mkdir()


def clear_the_way(path: Path) -> None:
    path.rmdir()


async def together(*works: Awaitable[None]) -> list[BaseException | None]:
    return await asyncio.gather(*works, return_exceptions=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "n.story.lock"


def test_simultaneous_jobs_share_a_write(path: Path) -> None:
    async def writes() -> set[int]:
        book, seen = LockFile(path), set()

        async def job(number: int) -> None:
            for state in (PurchaseState.INTENT, PurchaseState.SUBMITTED, PurchaseState.DONE):
                task = None if state is PurchaseState.INTENT else f"t{number}"
                await book.write(
                    hexed(f"c{number}"), replace(INTENT, content=hexed(f"c{number}"), key="", state=state, task=task)
                )
                seen.add(written(path))

        await together(*(job(number) for number in range(50)))
        return seen

    assert len(asyncio.run(writes())) <= 6
    assert {block.state for block in read_lock(path).blocks.values()} == {"done"}


def test_lock_is_on_disk_when_write_returns(path: Path) -> None:
    async def states() -> list[PurchaseState]:
        book, found = LockFile(path), []
        for block in (INTENT, replace(INTENT, state=PurchaseState.SUBMITTED, task="t1"), FAILED):
            await book.write(hexed("c0"), block)
            found.append(read_lock(path).blocks[hexed("c0")].state)
        return found

    assert asyncio.run(states()) == ["intent", "submitted", "failed"]


@pytest.mark.parametrize("before", [None, FAILED])
def test_withdrawn_intent_counts_nothing(path: Path, before: Block | None) -> None:
    async def work() -> None:
        book = LockFile(path)
        if before is not None:
            await book.write(hexed("c0"), before)
        await book.write(hexed("c0"), SECOND)
        assert read_lock(path).blocks[hexed("c0")] == SECOND
        await book.write(hexed("c0"), before)

    asyncio.run(work())
    assert read_lock(path) == Lock({hexed("c0"): before} if before else {})


def test_lines_written_by_another_process_stay(path: Path) -> None:
    theirs, other = (
        replace(INTENT, attempt=3, task="t3", state=PurchaseState.SUBMITTED),
        replace(INTENT, content=hexed("c9"), key=hexed("k9")),
    )

    async def work() -> None:
        book = LockFile(path)
        await book.write(hexed("c0"), SECOND)
        update_lock(path, lambda lock: lock.with_blocks([theirs, other]))
        await book.write(hexed("c0"), None)
        await book.write(hexed("c1"), replace(INTENT, content=hexed("c1"), key=hexed("k1")))

    asyncio.run(work())
    lock = read_lock(path)
    assert set(lock.blocks) == {hexed("c0"), hexed("c1"), hexed("c9")} and lock.blocks[hexed("c0")] == theirs
    assert not lock.past


def test_failed_intent_is_not_written_later_but_outcomes_are(path: Path) -> None:
    async def work() -> list[BaseException | None]:
        book = LockFile(path)
        await book.write(hexed("c0"), INTENT)
        block_the_way(path)
        ended = replace(INTENT, state=PurchaseState.SUBMITTED, task="t1")
        troubles = await together(
            book.write(hexed("c0"), ended), book.write(hexed("c1"), replace(INTENT, content=hexed("c1")))
        )
        clear_the_way(path)
        await book.write(hexed("c2"), replace(INTENT, content=hexed("c2"), key=hexed("k2")))
        return troubles

    assert [type(trouble) for trouble in asyncio.run(work())] == [StoreError, StoreError]
    assert set(read_lock(path).blocks) == {hexed("c0"), hexed("c2")}


def test_cancelled_writer_does_not_block_the_others(path: Path) -> None:
    async def work() -> None:
        book = LockFile(path)
        first = asyncio.create_task(book.write(hexed("c0"), INTENT))
        second = asyncio.create_task(book.write(hexed("c1"), replace(INTENT, content=hexed("c1"), key=hexed("k1"))))
        await asyncio.sleep(0)
        first.cancel()
        await second

    asyncio.run(work())
    assert set(read_lock(path).blocks) == {hexed("c0"), hexed("c1")}
