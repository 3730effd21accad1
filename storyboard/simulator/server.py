"""A simulated gateway on a real socket, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Any, TypeVar

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from storyboard.errors import UsageError
from storyboard.simulator.account_book import Book, Totals
from storyboard.simulator.app import Front, make_app
from storyboard.simulator.clips import SimulatedClips
from storyboard.simulator.clock import GatewayClock
from storyboard.simulator.config import SimulatorConfig
from storyboard.simulator.faults import FaultRule, rules_from
from storyboard.simulator.gateway import Gateway
from storyboard.simulator.state import Simulator

T = TypeVar("T")

PATIENCE = 30.0
"""Timeout for calls into the server's thread, in seconds."""
_AT_THE_DOOR = 0.01
"""Seconds to wait for a connection that is being accepted."""

_TASKS_END = 2.0
"""Seconds that requests have to end after their connections were closed."""


def serve(config: SimulatorConfig | None = None, *, clips: SimulatedClips | None = None) -> RunningSimulator:
    """Start a gateway that is ready when this returns. Use it in a `with` statement, or `stop` it.

    Raises `UsageError` if the address cannot be listened at, `OSError` if a certificate cannot be read.
    """
    gateway = Gateway(config or SimulatorConfig(), clips=clips)
    try:
        return RunningSimulator(gateway)
    except (OSError, UsageError):
        gateway.book.close()
        raise


class RunningSimulator:
    """`url` is what `STORYBOARD_BASE_URL` takes."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.clock = GatewayClock()
        config = gateway.config
        self._front = Front(gateway, self.clock)
        self._server = _Server(self._front, _settings(self._front, config))
        self._socket = _listening(config.host, config.port)
        port = self._socket.getsockname()[1]
        scheme = "https" if config.certificate else "http"
        self.origin = f"{scheme}://{_reached_at(config.host)}:{port}"
        self.url = f"{self.origin}{config.base_path}"
        gateway.origin = self.origin
        self._up: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(target=self._run, name=f"simulator:{port}", daemon=True)
        self._thread.start()
        self._loop = self._up.result()

    @property
    def simulator(self) -> Simulator:
        """Its accounts and tasks, for inspection."""
        return self.gateway.simulator

    @property
    def book(self) -> Book:
        """Its account book."""
        return self.gateway.book

    def totals(self) -> Totals:
        """Return the book's totals, up to now."""
        self._do(lambda: self.gateway.advance(self.clock.now()))
        return self.book.totals

    def stage(self, *rules: FaultRule | dict[str, Any]) -> None:
        """Stage faults: rules, or their JSON form."""
        read = [rule if isinstance(rule, FaultRule) else rules_from(rule)[0] for rule in rules]
        self._do(lambda: self.gateway.faults.stage(read))

    def jump(self, seconds: float) -> None:
        """Advance the gateway's clock."""
        self.clock.jump(seconds)
        self._do(self._front.news.set)
        self.totals()

    def configure(self, config: SimulatorConfig) -> None:
        """Change the behaviour from now on; address, faults and book stay."""
        self._do(lambda: setattr(self.gateway, "config", config))

    def stop(self) -> None:
        """Close every connection and stop, leaving nothing behind. Can be called again."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._server.end.set)
            self._thread.join()
        self.book.close()

    def _do(self, work: Callable[[], T]) -> T:
        """Run a function in the server's thread, between requests; or here, once that has ended."""
        if not self._thread.is_alive():
            return work()

        async def done() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(PATIENCE)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._up.set_result(asyncio.get_running_loop())
        await self._server.serve(sockets=[self._socket])

    def __enter__(self) -> RunningSimulator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(uvicorn.Server):
    """A server that stops immediately."""

    def __init__(self, front: Front, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._front = front
        self.end = asyncio.Event()

    async def main_loop(self) -> None:
        while not self.end.is_set():
            await self.on_tick(0)
            try:
                async with asyncio.timeout(1):
                    await self.end.wait()
            except TimeoutError:
                continue
        await self._hang_up()

    async def _hang_up(self) -> None:
        """Stop listening, wait for connections being accepted (asyncio loses one that it is accepting while its server
        closes), then close every connection."""
        loop = asyncio.get_running_loop()
        for listening in [each for server in self.servers for each in server.sockets]:
            loop.remove_reader(listening)
        await asyncio.sleep(_AT_THE_DOOR)
        self._front.stopping.set()
        for line in list(self._front.lines.values()):
            line.abort()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Shut down as uvicorn does, without its pauses for connections: all are closed already."""
        for each in (*self.servers, *(sockets or ())):
            each.close()
        if self.server_state.tasks:
            _, late = await asyncio.wait(self.server_state.tasks, timeout=_TASKS_END)
            for task in late:
                task.cancel()
        await self.lifespan.shutdown()


def _settings(front: Front, config: SimulatorConfig) -> uvicorn.Config:
    settings = uvicorn.Config(
        make_app(front),
        http=_protocol(front),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ssl_certfile=config.certificate,
        ssl_keyfile=config.private_key,
    )
    settings.load()
    return settings


def _protocol(front: Front) -> type[H11Protocol]:
    class FaultyProtocol(H11Protocol):
        """Gives faults access to the connection."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if self.client:
                front.lines[self.client] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            if self.client:
                front.lines.pop(self.client, None)
            super().connection_lost(exc)

    return FaultyProtocol


def _listening(host: str, port: int) -> socket.socket:
    """Return a listening socket marked as TCP: only then does asyncio send small answers immediately."""
    listening = socket.socket(_family(host), socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as trouble:
        listening.close()
        raise UsageError(f"cannot listen at {host}:{port}: {trouble.strerror}", help="another --port") from trouble
    return listening


def _reached_at(host: str) -> str:
    """Return the host for the gateway's URL; a wildcard address is reached on the loopback interface."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"[{shown}]" if ":" in shown else shown


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
