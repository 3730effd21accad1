"""The story's lock during a run: one write serves every job that waits for one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from storyboard.jobs.lock import Block, Lock
from storyboard.jobs.lockfile import update_lock


class LockBook(Protocol):
    """Where blocks are written."""

    async def write(self, content: str, block: Block | None) -> None:
        """Puts a block in, or takes it out; durable when it returns."""
        ...


class NoLock:
    """For providers that cost nothing, and for runs that write none."""

    async def write(self, content: str, block: Block | None) -> None:
        """Nothing to write."""


class LockFile:
    """The lock beside the story; `root` is the folder in which git is told how locks are merged."""

    def __init__(self, path: Path, root: Path | None = None) -> None:
        self._path = path
        self._root = root
        self._waiting: dict[str, Block | None] = {}
        self._writing = asyncio.Lock()

    async def write(self, content: str, block: Block | None) -> None:
        """Whoever comes while another write is under way goes into the next one, together with all who wait."""
        self._waiting[content] = block
        async with self._writing:
            blocks, self._waiting = self._waiting, {}
            try:
                if blocks:
                    await asyncio.to_thread(update_lock, self._path, lambda lock: with_blocks(lock, blocks), self._root)
            except BaseException:
                self._waiting = blocks | self._waiting
                raise


def with_blocks(lock: Lock, changes: Mapping[str, Block | None]) -> Lock:
    """The lock with those blocks in it, or without them where None."""
    kept = {content: block for content, block in lock.blocks.items() if changes.get(content, block) is not None}
    return replace(lock, blocks=kept).with_blocks(block for block in changes.values() if block is not None)
