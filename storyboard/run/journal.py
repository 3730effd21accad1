"""The records of a run: the ledger and the story's lock. One write serves every waiting job."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from storyboard.errors import StoryboardError, UsageError
from storyboard.fast_dataclasses import replace
from storyboard.jobs.lock import NO_RECORD, Block, Lock, TeamRecord
from storyboard.jobs.lockfile import KeptLock
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.store.interface import Ledger

T = TypeVar("T")
Work: TypeAlias = Callable[[], Any]
Disk: TypeAlias = Callable[[Work], Awaitable[Any]]


class GroupCommit(Generic[T]):
    """Collects the items that arrive during a write, and writes them together next, in order."""

    def __init__(self, commit: Callable[[Sequence[T]], Awaitable[Sequence[Any]]]) -> None:
        """`commit` writes all items at once, durably; it returns an answer, or a StoryboardError, for each."""
        self._commit = commit
        self._waiting: list[tuple[T, asyncio.Future[Any]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, item: T) -> Any:
        """Write the item, together with all waiting ones, and return its answer. It is durable on return, even if
        cancelled: the job's claim is released after that, and a later write could undo what the next holder wrote.
        """
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
            self._writing.add_done_callback(_retrieve)
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            await asyncio.wait([answer])
            raise

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                found = await self._commit([item for item, _ in batch])
            except StoryboardError as trouble:
                found = [trouble] * len(batch)
            except BaseException as error:
                left, self._waiting = self._waiting, []
                for _, answer in (*batch, *left):
                    _fail(answer, error)
                raise
            for (_, answer), each in zip(batch, found, strict=True):
                _answer(answer, each)


def _retrieve(writing: asyncio.Task[None]) -> None:
    """Mark the task's error as seen: its waiters report it."""
    if not writing.cancelled():
        writing.exception()


def _answer(answer: asyncio.Future[Any], found: Any) -> None:
    if isinstance(found, StoryboardError):
        _fail(answer, found)
    elif not answer.done():
        answer.set_result(found)


def _fail(answer: asyncio.Future[Any], error: BaseException) -> None:
    if not answer.done():
        answer.set_exception(error)


class LockWriter(Protocol):
    """Writes blocks to a lock."""

    async def write(self, content: str, block: Block | None) -> None:
        """Write a block, durably. None, or a block of an earlier attempt, withdraws the intent before it."""
        ...


class NoLock:
    """The lock writer of runs without a lock: free providers, and `--locked`."""

    async def write(self, content: str, block: Block | None) -> None:
        """Write nothing."""


class LockFile:
    """The lock beside the story; `root` is the folder whose `.gitattributes` tell git how locks are merged.

    `record` is the team's record that this run buys with. An intent is written only into a lock of the same record, or
    of none; a lock of none names it from the first block on, whoever bought that.
    """

    def __init__(self, path: Path, root: Path | None = None, record: TeamRecord = NO_RECORD) -> None:
        self.record = record
        self._path = path
        self._file = KeptLock(path, root)
        self._commits = GroupCommit(self._commit)
        self._unwritten: dict[str, Block | None] = {}
        self._intents: dict[str, Block] = {}

    async def write(self, content: str, block: Block | None) -> None:
        """Write a block, together with all waiting ones."""
        await self._commits.write((content, block))

    async def _commit(self, items: Sequence[tuple[str, Block | None]]) -> Sequence[None]:
        """Write the blocks. Outcomes that could not be written go into the next write; an intent does not, because
        nothing is sent for it."""
        changes = self._unwritten | dict(items)
        intents = [intent for content, block in changes.items() if (intent := self._withdrawn(content, block))]
        try:
            await asyncio.to_thread(self._file.update, lambda lock: self._changed(lock, changes, intents))
        except StoryboardError:
            self._unwritten = {content: block for content, block in changes.items() if not _is_intent(block)}
            raise
        self._unwritten = {}
        for content, block in changes.items():
            self._intents.pop(content, None)
            if block is not None and _is_intent(block):
                self._intents[content] = block
        return [None] * len(items)

    def _changed(self, lock: Lock, changes: Mapping[str, Block | None], intents: Sequence[Block]) -> Lock:
        if any(map(_is_intent, changes.values())):
            check_record(lock, self._path, self.record)
            lock = replace(lock, record=self.record)
        return changed(with_record(lock, self.record), changes, intents)

    def _withdrawn(self, content: str, block: Block | None) -> Block | None:
        """Return the intent of this run that this block withdraws, if any."""
        intent = self._intents.get(content)
        return intent if intent is not None and (block is None or block.attempt < intent.attempt) else None


def with_record(lock: Lock, record: TeamRecord) -> Lock:
    """Return a lock that names no record yet with that of the team whose purchases it gets."""
    return replace(lock, record=record) if lock.record == NO_RECORD else lock


def check_record(lock: Lock, path: Path, record: TeamRecord) -> None:
    """Raise UsageError if purchases for a lock are written down in another place than those of this build."""
    for place, its, own in zip(("bucket", "ledger"), lock.record, record, strict=True):
        if its and its != own:
            setting = "`clips` or STORYBOARD_CLIPS" if place == "bucket" else "`ledger` or STORYBOARD_LEDGER"
            here = f"this build uses another one ({own:.12})" if own else f"this build has no {place}"
            raise UsageError(
                f"{path.name} was bought with a team's {place} ({its:.12}), and {here}, so nothing is bought",
                help=f"set {setting} to the team's {place}; if the team has given it up for good, remove "
                f"`{place}` from the first line of the lock",
            )


def changed(lock: Lock, changes: Mapping[str, Block | None], withdrawn: Iterable[Block] = ()) -> Lock:
    """Return the lock with these blocks and without withdrawn intents, which do not count."""
    gone = {intent.content: intent for intent in withdrawn}
    if gone:
        nothing = {intent.purchase for intent in gone.values()}
        blocks = {content: block for content, block in lock.blocks.items() if gone.get(content) != block}
        past = {purchase: paid for purchase, paid in lock.past.items() if purchase not in nothing}
        lock = replace(lock, blocks=blocks, past=past)
    return lock.with_blocks(block for block in changes.values() if block is not None)


def _is_intent(block: Block | None) -> bool:
    return block is not None and block.state is PurchaseState.INTENT and block.task is None


class Journal:
    """The ledger and the lock of one run."""

    def __init__(self, ledger: Ledger, disk: Disk, lock: LockWriter) -> None:
        """`disk` runs the ledger's transactions."""
        self._ledger = ledger
        self._disk = disk
        self._transactions = GroupCommit(self._transact)
        self.lock = lock

    async def ledger(self, work: Work) -> Any:
        """Do work on the ledger, in one transaction with all waiting work."""
        return await self._transactions.write(work)

    async def _transact(self, works: Sequence[Work]) -> Sequence[Any]:
        found: Sequence[Any] = await self._disk(lambda: self._ledger.together(works))
        return found
