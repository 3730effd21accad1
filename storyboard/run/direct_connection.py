"""A connection to the gateway without a proxy between, in the event loop."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, cast

import httpcore

from storyboard.run.asyncio_network import hang_up
from storyboard.run.connecting import KEPT_OPEN, NEXT_ADDRESS, TIMEOUTS
from storyboard.run.gateway_connection import LARGEST_REPLY, GatewayReply, GatewayRequest, Sending
from storyboard.run.reply_parser import ReplyParser


class DirectConnection(asyncio.Protocol):
    """One connection, opened with its first request. What was not sent yet when it is closed is dropped."""

    def __init__(self, host: str, port: int, trusted: ssl.SSLContext | None) -> None:
        """It is encrypted where there are certificates to check the other side's against."""
        self._host = host
        self._port = port
        self._trusted = trusted
        self._transport: asyncio.Transport | None = None
        self._parser: ReplyParser | None = None
        self._replied: asyncio.Future[None] | None = None
        self._watching: asyncio.TimerHandle | None = None
        self._heard_at = 0.0
        self._trouble: Exception | None = None

    # What the event loop reports.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if self._trouble is not None:
            hang_up(self._transport)

    def data_received(self, data: bytes) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        if self._parser is None or self._parser.complete:
            self._end(httpcore.RemoteProtocolError("a reply to nothing"))
            return
        try:
            complete = self._parser.feed(data)
        except httpcore.RemoteProtocolError as error:
            self._end(error)
        else:
            if complete:
                self._settle(None)

    def eof_received(self) -> None:
        self._end(self._ended())

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(self._ended() if exc is None else httpcore.ReadError(str(exc)))

    def _ended(self) -> Exception | None:
        """Let the parser know of the end; return what is wrong with a reply that ends so."""
        if self._parser is None or self._parser.complete:
            return None
        try:
            self._parser.end()
        except httpcore.RemoteProtocolError as error:
            return error
        return None

    def _end(self, trouble: Exception | None) -> None:
        if self._trouble is None:
            self._trouble = trouble or httpcore.RemoteProtocolError("the connection was closed")
            self._settle(trouble)

    def _settle(self, trouble: Exception | None) -> None:
        if self._replied is None or self._replied.done():
            return
        if trouble is None:
            self._replied.set_result(None)
        else:
            self._replied.set_exception(trouble)

    # What the client asks for.

    @property
    def is_reusable(self) -> bool:
        """Whether it can take another request."""
        if self._trouble is not None or self._parser is None or not self._parser.reusable:
            return False
        return asyncio.get_running_loop().time() < self._heard_at + KEPT_OPEN

    async def exchange(self, request: GatewayRequest, sending: Sending) -> GatewayReply:
        """Send a request once `sending` lets it; return its reply. Raises one of `NETWORK_ERRORS`, or NotPermitted."""
        if self._transport is None:
            await self._open()
        await sending.begin()
        loop = asyncio.get_running_loop()
        parser = self._parser = ReplyParser(LARGEST_REPLY)
        self._replied = loop.create_future()
        self._heard_at = loop.time()
        if self._trouble is not None or self._transport is None:
            raise httpcore.WriteError(str(self._trouble or "the connection is closed"))
        self._transport.write(_on_the_wire(request))
        self._watch(loop)
        try:
            await self._replied
        finally:
            if self._watching is not None:
                self._watching.cancel()
        return GatewayReply(parser.status, parser.headers, parser.body)

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        encrypting: dict[str, Any] = {}
        if self._trusted is not None:
            encrypting = {"ssl": self._trusted, "ssl_handshake_timeout": TIMEOUTS["connect"]}
        try:
            async with asyncio.timeout(TIMEOUTS["connect"] * (2 if encrypting else 1)):
                await loop.create_connection(
                    lambda: self, self._host, self._port, happy_eyeballs_delay=NEXT_ADDRESS, **encrypting
                )
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        if self._trouble is not None:
            raise httpcore.ConnectError(str(self._trouble))

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """End a wait in which nothing has arrived for too long."""
        left = self._heard_at + TIMEOUTS["read"] - loop.time()
        if left <= 0:
            self._settle(httpcore.ReadTimeout())
        else:
            self._watching = loop.call_later(left, self._watch, loop)

    def close(self) -> None:
        """Close it at once; what waits for it is told, and when this returns nothing more is sent through it."""
        if self._transport is not None:
            hang_up(self._transport)
        self._end(httpcore.ReadError("stopped"))

    async def aclose(self) -> None:
        """Close it; when this returns nothing more is sent through it."""
        self.close()


def _on_the_wire(request: GatewayRequest) -> bytes:
    """Return the bytes of a request."""
    headers = b"".join(b"%b: %b\r\n" % header for header in request.headers.items())
    return b"%b %b HTTP/1.1\r\n%b\r\n%b" % (request.method.encode(), request.target, headers, request.content)
