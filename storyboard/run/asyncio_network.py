"""Connections of the event loop for httpcore, which otherwise opens them through a second library."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, cast
from weakref import WeakSet

import httpcore

from storyboard.run.connecting import NEXT_ADDRESS

MOST_UNREAD = 1 << 18
"""Bytes that may wait for their reader; then the other side has to wait."""


class AsyncioStream(asyncio.Protocol, httpcore.AsyncNetworkStream):
    """One connection. Closing it drops what was not sent yet."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._unread = bytearray()
        self._paused = self._ended = False
        self._trouble: Exception | None = None
        self._news = asyncio.Event()
        self._may_write = asyncio.Event()
        self._may_write.set()

    # What the event loop reports.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        self._news.set()
        if len(self._unread) > MOST_UNREAD and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def eof_received(self) -> None:
        self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc)

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def _end(self, trouble: Exception | None) -> None:
        self._ended, self._trouble = True, self._trouble or trouble
        self._news.set()
        self._may_write.set()

    # What httpcore asks for.

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what has arrived, b"" at the end."""
        if not self._unread and not self._ended:
            self._news.clear()
            try:
                async with asyncio.timeout(timeout):
                    await self._news.wait()
            except TimeoutError as error:
                raise httpcore.ReadTimeout from error
        if not self._unread and self._trouble is not None:
            raise httpcore.ReadError(str(self._trouble))
        data = bytes(self._unread[:max_bytes])
        del self._unread[:max_bytes]
        if self._paused and not self._ended and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send it, or leave it to the system."""
        if self._ended or self._transport is None:
            raise httpcore.WriteError(str(self._trouble or "the connection is closed"))
        self._transport.write(buffer)
        if not self._may_write.is_set():
            try:
                async with asyncio.timeout(timeout):
                    await self._may_write.wait()
            except TimeoutError as error:
                raise httpcore.WriteTimeout from error
            if self._trouble is not None:
                raise httpcore.WriteError(str(self._trouble))

    async def aclose(self) -> None:
        """Close it."""
        self.abort()

    def abort(self) -> None:
        """Close it at once; what waits for it is told, and when this returns nothing more is sent through it."""
        if self._transport is not None:
            hang_up(self._transport)
        self._end(None)

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> AsyncioStream:
        """Encrypt it; nothing that arrived before counts as encrypted."""
        if self._unread or self._ended or self._transport is None:
            self.abort()
            raise httpcore.ConnectError("the other side does not begin an encrypted connection")
        plain, loop = self._transport, asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                encrypted = await loop.start_tls(plain, self, ssl_context, server_hostname=server_hostname)
                if encrypted is None or self._ended:
                    raise ConnectionAbortedError("the connection was closed while it was being encrypted")
                self._transport = encrypted
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        finally:
            if self._transport is plain:
                hang_up(plain)
        return self

    def get_extra_info(self, info: str) -> Any:
        """Tell httpcore how the connection is encrypted, and whether an idle one has ended."""
        if info == "is_readable":
            return bool(self._unread) or self._ended
        return self._transport.get_extra_info(info) if self._transport is not None else None


class AsyncioNetwork(httpcore.AsyncNetworkBackend):
    """Opens connections in the running event loop, and can close all of them."""

    def __init__(self) -> None:
        self._streams: WeakSet[AsyncioStream] = WeakSet()
        self._closed = False

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> AsyncioStream:
        """Open a connection."""
        try:
            async with asyncio.timeout(timeout):
                _, stream = await asyncio.get_running_loop().create_connection(
                    AsyncioStream, host, port, happy_eyeballs_delay=NEXT_ADDRESS
                )
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        if self._closed:
            stream.abort()
            raise httpcore.ConnectError("stopped")
        self._streams.add(stream)
        return stream

    def close(self) -> None:
        """Close all connections, and those that are being opened."""
        self._closed = True
        for stream in list(self._streams):
            stream.abort()


def hang_up(transport: asyncio.Transport) -> None:
    """End a connection now: the event loop closes its socket only in its next round."""
    with suppress(OSError):
        transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
    transport.abort()
