"""All that a run touches outside itself: time, the disk, the network, the processors. A test hands it another."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Protocol, TypeAlias, TypeVar

from storyboard.errors import StoreError
from storyboard.providers.calls import HttpCall, LocalCall, LocalNotice, LocalReply, Reply
from storyboard.run.bells import Bells
from storyboard.run.clock import Clock, SystemClock
from storyboard.run.download import Download

T = TypeVar("T")
Progress: TypeAlias = Callable[[int, int | None], None]
"""Told the bytes received and, where known, their total."""


class World(Protocol):
    """The door to everything that has an effect."""

    @property
    def clock(self) -> Clock:
        """Time."""
        ...

    @property
    def bells(self) -> Bells:
        """Who waits for word of which task."""
        ...

    async def disk(self, work: Callable[[], T]) -> T:
        """Does work on the store or the lock; its effect is durable when this returns."""
        ...

    async def make(self, call: LocalCall, target: Path) -> LocalReply:
        """Makes a clip on this machine at `target`."""
        ...

    async def ask(self, call: HttpCall) -> Reply:
        """Sends one request to the gateway, once."""
        ...

    async def listen(self, names: tuple[str, ...], seconds: float) -> None:
        """Lets time pass, but not after word has come of a task of one of those names."""
        ...

    async def get(self, url: str, target: Path, seconds: int, progress: Progress) -> Download:
        """Downloads a clip, going on where `target` ends, and verifies that it is one and lasts about so long."""
        ...


DISK = 8
"""Threads for the disk: most of them wait until it has written."""


class Client(Protocol):
    """The network's part of a world."""

    async def ask(self, call: HttpCall) -> Reply:
        """Sends one request to the gateway, once."""
        ...

    async def get(self, url: str, target: Path, seconds: int, progress: Progress) -> Download:
        """Downloads and verifies a clip."""
        ...

    async def aclose(self) -> None:
        """Closes its connections."""
        ...


class Machine:
    """The real world. Work on the disk and on clips is done in threads: meanwhile the waiting jobs go on waiting."""

    def __init__(self, client: Client | None = None, clock: Clock | None = None, bells: Bells | None = None) -> None:
        self.clock: Clock = clock or SystemClock()
        self.bells = bells or Bells()
        self._client = client
        self._disk = ThreadPoolExecutor(DISK, "disk")
        self._makers = ThreadPoolExecutor(os.cpu_count() or 1, "make")

    async def disk(self, work: Callable[[], T]) -> T:
        """In a thread of its own kind."""
        return await _in(self._disk, work)

    async def make(self, call: LocalCall, target: Path) -> LocalReply:
        """On as many processors as there are: the encoder lets go of the interpreter while it works."""
        return LocalReply(target, await _in(self._makers, lambda: _made(call, target)))

    async def ask(self, call: HttpCall) -> Reply:
        """Over HTTP."""
        assert self._client is not None
        return await self._client.ask(call)

    async def listen(self, names: tuple[str, ...], seconds: float) -> None:
        """Until one of the machine's `bells` rings."""
        await self.bells.wait(names, seconds, self.clock)

    async def get(self, url: str, target: Path, seconds: int, progress: Progress) -> Download:
        """Over HTTP, without the key."""
        assert self._client is not None
        return await self._client.get(url, target, seconds, progress)

    async def __aenter__(self) -> Machine:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            await self._client.aclose()
        self.__exit__(kind, error, trace)

    def __enter__(self) -> Machine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._makers.shutdown(wait=True, cancel_futures=True)
        self._disk.shutdown(wait=True)


def _made(call: LocalCall, target: Path) -> tuple[LocalNotice, ...]:
    try:
        return call.work(target)
    except OSError as error:
        raise StoreError(
            f"a clip cannot be written at {target}: {error.strerror or error}",
            help="make room or allow writing there, or name another store with --store",
        ) from error


async def _in(executor: Executor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(executor, work)
