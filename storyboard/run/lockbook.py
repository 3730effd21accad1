"""The story's lock during a run: one write serves every job that waits for one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from storyboard.errors import StoryboardError
from storyboard.jobs.lock import Block, Lock
from storyboard.jobs.lockfile import KeptLock


class LockBook(Protocol):
    """Where blocks are written."""

    async def write(self, content: str, block: Block | None) -> None:
        """Puts a block in; where that is none, or one of an earlier attempt, the intent before it is taken back.

        Durable when it returns.
        """
        ...


class NoLock:
    """For providers that cost nothing, and for runs that write none."""

    async def write(self, content: str, block: Block | None) -> None:
        """Nothing to write."""


class LockFile:
    """The lock beside the story; `root` is the folder in which git is told how locks are merged."""

    def __init__(self, path: Path, root: Path | None = None) -> None:
        self._file = KeptLock(path, root)
        self._waiting: dict[str, Block | None] = {}
        self._intents: dict[str, Block] = {}
        self._next: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()

    async def write(self, content: str, block: Block | None) -> None:
        """Whoever comes while another write is under way goes into the next one, together with all who wait."""
        self._waiting[content] = block
        if self._next is None:
            self._next = asyncio.create_task(self._write())
        await asyncio.shield(self._next)

    async def _write(self) -> None:
        async with self._writing:
            self._next = None
            changes, self._waiting = self._waiting, {}
            intents = [intent for content, block in changes.items() if (intent := self._taken_back(content, block))]
            try:
                await asyncio.to_thread(self._file.update, lambda lock: changed(lock, changes, intents))
            except StoryboardError:
                happened = {content: block for content, block in changes.items() if not _is_intent(block)}
                self._waiting = happened | self._waiting
                raise
            for content, block in changes.items():
                self._intents.pop(content, None)
                if block is not None and _is_intent(block):
                    self._intents[content] = block

    def _taken_back(self, content: str, block: Block | None) -> Block | None:
        """The intent of this run that nothing came of, if this says so."""
        intent = self._intents.get(content)
        return intent if intent is not None and (block is None or block.attempt < intent.attempt) else None


def changed(lock: Lock, changes: Mapping[str, Block | None], taken_back: Iterable[Block] = ()) -> Lock:
    """The lock with those blocks in it, and without the intents that were taken back, of which nothing is to count."""
    gone = {intent.content: intent for intent in taken_back}
    if gone:
        nothing = {intent.purchase for intent in gone.values()}
        blocks = {content: block for content, block in lock.blocks.items() if gone.get(content) != block}
        past = {purchase: paid for purchase, paid in lock.past.items() if purchase not in nothing}
        lock = replace(lock, blocks=blocks, past=past)
    return lock.with_blocks(block for block in changes.values() if block is not None)


def _is_intent(block: Block | None) -> bool:
    return block is not None and block.state == "open" and block.task is None
