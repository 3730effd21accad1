"""The ledger during a run: one transaction serves every job that waits for one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from storyboard.errors import StoryboardError
from storyboard.store.interface import Ledger

Work: TypeAlias = Callable[[], Any]


class LedgerBook:
    """Writes to one ledger; `disk` is where they are done."""

    def __init__(self, ledger: Ledger, disk: Callable[[Work], Awaitable[Any]]) -> None:
        self._ledger = ledger
        self._disk = disk
        self._waiting: list[tuple[Work, asyncio.Future[Any]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, work: Work) -> Any:
        """Whoever comes while another write is under way goes into the next one, together with all who wait, in order.

        Durable when it returns, also where it is cancelled: the job's claim is let go of after that, and what is
        written later could undo what the next holder wrote.
        """
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, answer))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
            self._writing.add_done_callback(_seen)
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            await asyncio.wait([answer])
            raise

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            works = [work for work, _ in batch]
            try:
                found = await self._disk(lambda: self._ledger.together(works))  # noqa: B023
            except BaseException as error:
                left, self._waiting = self._waiting, []
                for _, answer in (*batch, *left):
                    _fail(answer, error)
                raise
            for (_, answer), each in zip(batch, found, strict=True):
                _answer(answer, each)


def _seen(writing: asyncio.Task[None]) -> None:
    """Those who waited for it say what went wrong: nobody else need."""
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
