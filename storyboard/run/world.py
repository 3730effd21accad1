"""Everything a run uses outside itself: time, the disk, the network, the processors. Tests replace it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextvars import copy_context
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, TypeVar

from storyboard.errors import StoreError
from storyboard.files.disk import record_doubt
from storyboard.providers.calls import HttpCall, LocalCall, LocalNotice, LocalReply, Reply
from storyboard.providers.protocol import Provider
from storyboard.run.admission import Clock, SystemClock
from storyboard.run.effects import Download, MaySend, Progress

if TYPE_CHECKING:
    from storyboard.run.http_client import HttpClient

T = TypeVar("T")


class World(Protocol):
    """Everything outside that a run acts on."""

    @property
    def clock(self) -> Clock:
        """The run's clock."""
        ...

    async def disk(self, work: Callable[[], T]) -> T:
        """Do work on the store or the lock; its effect is durable when this returns."""
        ...

    async def share(self, work: Callable[[], T]) -> T:
        """Do work on the record that a team shares, over the network."""
        ...

    async def make(self, call: LocalCall, target: Path) -> LocalReply:
        """Make a clip on this machine at `target`."""
        ...

    async def ask(self, call: HttpCall, may_send: MaySend | None = None) -> Reply:
        """Send one request to the gateway, once; nothing where `may_send` says no."""
        ...

    async def get(self, url: str, target: Path, seconds: int, max_bytes: int | None, progress: Progress) -> Download:
        """Download a clip, going on where `target` ends, and verify it."""
        ...


SHARERS = 32
"""Threads for the record that a team shares: most of them wait for one swap of the purse that they share."""
DISK = 8
"""Threads for the disk: most of them wait until it has written."""


class Transport(Protocol):
    """The network part of a world."""

    async def ask(self, call: HttpCall, may_send: MaySend | None = None) -> Reply:
        """Send one request to the gateway, once; nothing where `may_send` says no."""
        ...

    async def get(self, url: str, target: Path, seconds: int, max_bytes: int | None, progress: Progress) -> Download:
        """Download and verify a clip."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...


class LazyTransport:
    """An `HttpClient` that is created with the first request: a build that finds everything in the store needs none."""

    def __init__(
        self, provider: Provider, key: Callable[[], str], hosts: tuple[str, ...] = (), together: int = 1
    ) -> None:
        """`key` returns the key, or raises AccessError if it may not be sent there; `together` is how many jobs may be
        in flight.
        """
        self._provider = provider
        self._key = key
        self._hosts = hosts
        self._together = together

    @cached_property
    def _client(self) -> HttpClient:
        from storyboard.run.http_client import HttpClient

        record_doubt("a gateway was asked")
        return HttpClient(self._provider, self._key(), self._hosts, together=self._together)

    async def ask(self, call: HttpCall, may_send: MaySend | None = None) -> Reply:
        """Send one request to the gateway, once, unless it is not allowed any more."""
        return await self._client.ask(call, may_send)

    async def get(self, url: str, target: Path, seconds: int, max_bytes: int | None, progress: Progress) -> Download:
        """Download and verify a clip."""
        return await self._client.get(url, target, seconds, max_bytes, progress)

    async def aclose(self) -> None:
        """Close what was opened."""
        if "_client" in self.__dict__:
            await self._client.aclose()


class Machine:
    """The real world. Work on the disk and on clips is done in threads, so that waiting jobs continue to wait."""

    def __init__(self, transport: Transport | None = None, clock: Clock | None = None) -> None:
        self.clock: Clock = clock or SystemClock()
        self._transport = transport
        self._disk = ThreadPoolExecutor(DISK, "disk")
        self._sharers: ThreadPoolExecutor | None = None
        self._makers = ThreadPoolExecutor(os.cpu_count() or 1, "make")

    async def disk(self, work: Callable[[], T]) -> T:
        """Run it in the thread for the disk."""
        return await _in(self._disk, work)

    async def share(self, work: Callable[[], T]) -> T:
        """Do work on the record that a team shares, in a thread: several at once, and none in the way of the disk."""
        if self._sharers is None:
            self._sharers = ThreadPoolExecutor(SHARERS, "share")
        return await _in(self._sharers, work)

    async def make(self, call: LocalCall, target: Path) -> LocalReply:
        """Render on as many processors as there are: the encoder releases the interpreter while it works."""
        return LocalReply(target, await _in(self._makers, lambda: _made(call, target)))

    async def ask(self, call: HttpCall, may_send: MaySend | None = None) -> Reply:
        """Send it over HTTP."""
        assert self._transport is not None
        return await self._transport.ask(call, may_send)

    async def get(self, url: str, target: Path, seconds: int, max_bytes: int | None, progress: Progress) -> Download:
        """Download over HTTP, without the key."""
        assert self._transport is not None
        return await self._transport.get(url, target, seconds, max_bytes, progress)

    async def __aenter__(self) -> Machine:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._transport is not None:
            await self._transport.aclose()
        self.__exit__(kind, error, trace)

    def __enter__(self) -> Machine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._makers.shutdown(wait=True, cancel_futures=True)
        self._disk.shutdown(wait=True)
        if self._sharers is not None:
            self._sharers.shutdown(wait=True)


def _made(call: LocalCall, target: Path) -> tuple[LocalNotice, ...]:
    try:
        return call.work(target)
    except OSError as error:
        raise StoreError(
            f"a clip cannot be written at {target}: {error.strerror or error}",
            help="free up space or allow writing there, or choose another store with --store",
        ) from error


async def _in(executor: Executor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(executor, copy_context().run, work)
