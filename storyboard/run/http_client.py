"""The network: requests to the gateway, and downloads. Only `run` imports httpcore.

The key goes only to the gateway. A POST has its own connection, follows no redirect and is never repeated. Requests are
made in the event loop, each over a connection of httpcore's, without its queue: that is made for many hosts, and costs
more than the request. Downloads have threads of their own (`downloader.py`).
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpcore

from storyboard.providers.calls import HttpCall, HttpReply, NoReply, Reply
from storyboard.providers.protocol import Provider
from storyboard.providers.redact import redacted
from storyboard.run.asyncio_network import AsyncioNetwork
from storyboard.run.connecting import (
    KEPT_OPEN,
    NETWORK_ERRORS,
    TIMEOUTS,
    certificates,
    environment_proxy,
    host_header,
    on_the_wire,
    plain_words,
    set_up,
)
from storyboard.run.downloader import Downloader, WantedFile
from storyboard.run.effects import NOT_ALLOWED, Cut, Download, MaySend, Progress
from storyboard.run.url_policy import AddressRules, is_loopback

CONNECTIONS = 8
"""Simultaneous connections to the gateway."""

LARGEST_REPLY = 4_000_000
"""Largest reply that is read, in bytes, as sent and as decoded."""

LONGEST_REQUEST = 120.0
"""Seconds that a request to the gateway may take from the first byte to the last, and a download to its first."""

STALE = 0.5
"""Seconds after which a permission to send is asked for again."""

MOST_CODINGS = 3
AGENT = "storyboard"


class _NotAllowed(Exception):
    """Ends a request before its first byte."""


class _Sending:
    """Watches one request: whether it may be sent, and whether a part of it may have left."""

    def __init__(self, may_send: MaySend | None) -> None:
        self._may_send = may_send
        self.begun = False

    async def step(self, name: str, what: Mapping[str, Any]) -> None:
        """Take note of a step of httpcore's. Raises _NotAllowed if nothing may be sent any more.

        The permission is asked for on the open connection: opening one takes seconds on a slow network. What a proxy
        is asked for before is not part of the request.
        """
        if self.begun or not name.endswith(".send_request_headers.started") or what["request"].method == b"CONNECT":
            return
        if self._may_send is not None and not await _is_allowed_now(self._may_send):
            raise _NotAllowed
        self.begun = True


async def _is_allowed_now(may_send: MaySend) -> bool:
    """Ask in a thread, and again where the event loop came back to the answer late."""
    while True:
        allowed, answered = await asyncio.to_thread(lambda: (may_send(), time.monotonic()))
        if not allowed or time.monotonic() - answered < STALE:
            return allowed


class HttpClient:
    """One gateway's client; close it in the event loop that used it. `hosts` narrows the hosts that clips may come
    from."""

    def __init__(
        self, provider: Provider, key: str, hosts: tuple[str, ...] = (), longest: float = LONGEST_REQUEST
    ) -> None:
        """`longest` is how many seconds a request may take, however slowly its answer arrives.

        Raises AccessError where no connection can be set up with the proxies and certificates of this machine.
        """
        self._longest = longest
        self._provider = provider
        self._base_url = provider.base_url.rstrip("/")
        self._key = key
        self._network = AsyncioNetwork()
        with set_up():
            there = on_the_wire(self._base_url)
            trusted = certificates() if there.scheme == b"https" else None
            proxy = None if is_loopback(self._base_url) else environment_proxy(self._base_url, certificates)
            pool = httpcore.AsyncConnectionPool(
                trusted, proxy, keepalive_expiry=KEPT_OPEN, network_backend=self._network
            )
            self._connect = partial(pool.create_connection, there.origin)
            self._idle = [self._connect()]
        self._headers: dict[bytes | str, bytes | str] = {
            "Host": host_header(there),
            "User-Agent": AGENT,
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
        }
        self._turns = asyncio.Semaphore(CONNECTIONS)
        rules = AddressRules(self._base_url, hosts)
        self._downloader = Downloader(rules, partial(provider.authorise_download, key=key), AGENT, longest)

    async def aclose(self) -> None:
        """Close all connections, including those that a request waits on."""
        self._network.close()
        self._downloader.close()
        await asyncio.sleep(0)  # the event loop lets go of the sockets in its next round

    async def ask(self, call: HttpCall, may_send: MaySend | None = None) -> Reply:
        """Send one request to the gateway, once. When this returns, a POST's connection is closed.

        Nothing is sent where `may_send`, asked in a thread, says no.
        An address elsewhere, which a reply may have named, is not asked: the key goes to the gateway alone.
        """
        if not call.url.startswith(f"{self._base_url}/"):
            return NoReply(f"{call.url[:200]!r} is not an address of {self._base_url}, so it is not used", sent=False)
        sending = _Sending(may_send)
        async with self._turns:
            try:
                request = self._request(call, sending)
                async with asyncio.timeout(self._longest), self._connection(call) as connection:
                    response = await connection.handle_async_request(request)
                    body = await _read_body(response)
                headers = _headers_of(response)
                return HttpReply(response.status, decoded_body(body, headers), headers, self._key)
            except _NotAllowed:
                return NOT_ALLOWED
            except (*NETWORK_ERRORS, TimeoutError, UnreadableReply) as error:
                return NoReply(redacted(plain_words(error), self._key) or "", sent=sending.begun)

    def _request(self, call: HttpCall, sending: _Sending) -> httpcore.Request:
        content = b"" if call.body is None else json.dumps(call.body, ensure_ascii=False).encode()
        proof = self._provider.authorise(call, self._key, content)
        own: dict[bytes | str, bytes | str] = {**self._headers, "X-Request-Id": str(uuid.uuid4())}
        own.update(proof.items())
        if call.body is not None:
            own["Content-Length"] = str(len(content))
        extensions = {"timeout": TIMEOUTS, "trace": sending.step}
        return httpcore.Request(call.method, on_the_wire(call.url), headers=own, content=content, extensions=extensions)

    @asynccontextmanager
    async def _connection(self, call: HttpCall) -> AsyncIterator[httpcore.AsyncConnectionInterface]:
        """A connection for one request: its own, or for a GET one that has been used before."""
        keep = call.method == "GET"
        connection = await self._idle_connection() if keep else None
        connection = connection or self._connect()
        try:
            yield connection
        finally:
            if keep and connection.is_available():
                self._idle.append(connection)
            else:
                await connection.aclose()

    async def _idle_connection(self) -> httpcore.AsyncConnectionInterface | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_available() and not connection.has_expired():
                return connection
            await connection.aclose()
        return None

    async def get(self, url: str, target: Path, seconds: int, max_bytes: int | None, progress: Progress) -> Download:
        """Download a clip, resuming where `target` ends, and verify that it is one."""
        loop, fetch = asyncio.get_running_loop(), self._downloader

        def told(received: int, total: int | None) -> None:
            loop.call_soon_threadsafe(progress, received, total)

        found = await loop.run_in_executor(fetch.threads, fetch.get, url, WantedFile(target, seconds, max_bytes, told))
        return Cut(redacted(found.message, self._key) or "", found.received) if isinstance(found, Cut) else found


class UnreadableReply(Exception):
    """A reply in an unknown content encoding."""


async def _read_body(response: httpcore.Response) -> bytearray:
    """Read a reply's body, up to a limit."""
    body = bytearray()
    try:
        async for piece in response.aiter_stream():
            body += piece[: LARGEST_REPLY - len(body)]
            if len(body) >= LARGEST_REPLY:
                break
    finally:
        await response.aclose()
    return body


def _headers_of(response: httpcore.Response) -> dict[str, str]:
    """Return the headers of a reply, names in lower case; several of one name are joined."""
    headers: dict[str, str] = {}
    for name, value in response.headers:
        lower, text = name.decode("latin-1").lower(), value.decode("utf-8", "replace")
        headers[lower] = f"{headers[lower]}, {text}" if lower in headers else text
    return headers


def decoded_body(body: bytes | bytearray, headers: Mapping[str, str]) -> bytes:
    """Decode a reply's body, up to a limit; raises UnreadableReply for an unknown encoding."""
    codings = [coding.strip().lower() for coding in headers.get("content-encoding", "").split(",")]
    for coding in reversed([coding for coding in codings if coding not in ("", "identity")][:MOST_CODINGS]):
        body = _decoded(bytes(body), coding)
    return bytes(body)


def _decoded(body: bytes, coding: str) -> bytes:
    """Decode at most `LARGEST_REPLY` bytes."""
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise UnreadableReply(f"the reply has the content encoding {coding!r:.40}, which was not requested")
    for window in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        with suppress(zlib.error):
            return zlib.decompressobj(window).decompress(body, LARGEST_REPLY)
    raise UnreadableReply(f"the reply is labelled {coding}, but is not")
