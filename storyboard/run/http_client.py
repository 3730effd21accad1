"""The network: requests to the gateway, and downloads. Only `run` imports httpcore.

The key goes only to the gateway. A POST has its own connection, follows no redirect and is never repeated. Requests are
made in the event loop, each over a connection of ours, or through a proxy over one of httpcore's. Downloads have
threads of their own (`downloader.py`).
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import uuid
import zlib
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from weakref import WeakSet

import httpcore

from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.providers.calls import HttpCall, HttpReply, NoReply, Reply
from storyboard.providers.protocol import Provider
from storyboard.providers.redact import redacted
from storyboard.run.asyncio_network import AsyncioNetwork
from storyboard.run.connecting import (
    KEPT_OPEN,
    NETWORK_ERRORS,
    certificates,
    environment_proxy,
    host_header,
    on_the_wire,
    plain_words,
    set_up,
)
from storyboard.run.direct_connection import DirectConnection
from storyboard.run.downloader import Downloader, WantedFile
from storyboard.run.effects import NOT_ALLOWED, Cut, Download, MaySend, Progress
from storyboard.run.gateway_connection import (
    LARGEST_REPLY,
    GatewayConnection,
    GatewayReply,
    GatewayRequest,
    NotPermitted,
    Sending,
)
from storyboard.run.proxied_connection import ProxiedConnection
from storyboard.run.url_policy import AddressRules, is_loopback

CONNECTIONS, MOST_CONNECTIONS = 8, 32
"""Simultaneous connections to the gateway: at least, and at most where many jobs are in flight."""

JOBS_EACH = 8
"""Jobs in flight for which one connection is enough: most of their time they wait."""

LONGEST_REQUEST = 120.0
"""Seconds that a request to the gateway may take from the first byte to the last, and a download to its first."""

MOST_CODINGS = 3
_PLAIN_PATH = lazy_pattern(r"[-/0-9A-Za-z_.~]*")
_HEADER_TEXT = re.compile(rb"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?")
AGENT = "storyboard"


class HttpClient:
    """One gateway's client; close it in the event loop that used it. `hosts` narrows the hosts that clips may come
    from."""

    def __init__(
        self,
        provider: Provider,
        key: str,
        hosts: tuple[str, ...] = (),
        longest: float = LONGEST_REQUEST,
        together: int = 1,
    ) -> None:
        """`longest` is how many seconds a request may take, however slowly its answer arrives; `together` is how many
        jobs may be in flight.

        Raises AccessError where no connection can be set up with the proxies and certificates of this machine.
        """
        self._longest = longest
        self._provider = provider
        self._base_url = provider.base_url.rstrip("/")
        self._key = key
        self._network = AsyncioNetwork()
        self._direct: WeakSet[DirectConnection] = WeakSet()
        self._idle: list[GatewayConnection] = []
        self._closed = False
        with set_up():
            there = on_the_wire(self._base_url)
            self._origin = there.origin
            self._trusted = _for_http_1(certificates()) if there.scheme == b"https" else None
            proxy = None if is_loopback(self._base_url) else environment_proxy(self._base_url, certificates)
            self._proxied = None
            if proxy is not None:
                self._proxied = httpcore.AsyncConnectionPool(
                    self._trusted, proxy, keepalive_expiry=KEPT_OPEN, network_backend=self._network
                )
            self._connect()  # what the proxy lacks is said now, not at the first request
        plain = not {"?", "#"} & set(self._base_url)
        self._below = on_the_wire(f"{self._base_url}/").target[:-1] if plain else None
        self._headers: dict[str, bytes | str] = {
            "Host": host_header(there),
            "User-Agent": AGENT,
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
        }
        self._turns = asyncio.Semaphore(min(MOST_CONNECTIONS, max(CONNECTIONS, together // JOBS_EACH)))
        rules = AddressRules(self._base_url, hosts)
        self._downloader = Downloader(rules, partial(provider.authorise_download, key=key), AGENT, longest)

    async def aclose(self) -> None:
        """Close all connections, including those that a request waits on."""
        self._closed = True
        for connection in list(self._direct):
            connection.close()
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
        sending = Sending(may_send)
        async with self._turns:
            try:
                request = self._request(call)
                async with asyncio.timeout(self._longest):
                    reply = await self._exchanged(request, sending)
                return HttpReply(reply.status, decoded_body(reply.body, reply.headers), reply.headers, self._key)
            except NotPermitted:
                return NOT_ALLOWED
            except (*NETWORK_ERRORS, TimeoutError, UnreadableReply) as error:
                return NoReply(redacted(plain_words(error), self._key) or "", sent=sending.begun)

    def _request(self, call: HttpCall) -> GatewayRequest:
        """Raises httpcore.LocalProtocolError for headers that cannot be sent."""
        content = b"" if call.body is None else json.dumps(call.body, ensure_ascii=False).encode()
        proof = self._provider.authorise(call, self._key, content)
        own = {**self._headers, "X-Request-Id": str(uuid.uuid4()), **proof}
        if call.body is not None:
            own["Content-Length"] = str(len(content))
        headers = {_header_bytes(name): _header_bytes(value) for name, value in own.items()}
        return GatewayRequest(call.method, self._target(call.url), headers, content)

    def _target(self, url: str) -> bytes:
        """Return what is asked for at the gateway."""
        path = url.removeprefix(self._base_url)
        if self._below is not None and _PLAIN_PATH.fullmatch(path):
            return self._below + path.encode("ascii")
        return on_the_wire(url).target

    async def _exchanged(self, request: GatewayRequest, sending: Sending) -> GatewayReply:
        """Ask on a connection of its own, or for a GET on one that has been used before."""
        keep = request.method == "GET"
        connection = (await self._idle_connection() if keep else None) or self._connect()
        try:
            return await connection.exchange(request, sending)
        finally:
            if keep and connection.is_reusable:
                self._idle.append(connection)
            else:
                await connection.aclose()

    def _connect(self) -> GatewayConnection:
        """Return a connection that is not opened yet."""
        if self._proxied is not None:
            return ProxiedConnection(self._proxied.create_connection(self._origin), self._origin)
        connection = DirectConnection(self._origin.host.decode("ascii"), self._origin.port, self._trusted)
        self._direct.add(connection)
        if self._closed:
            connection.close()
        return connection

    async def _idle_connection(self) -> GatewayConnection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_reusable:
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


def _for_http_1(trusted: ssl.SSLContext) -> ssl.SSLContext:
    trusted.set_alpn_protocols(["http/1.1"])
    return trusted


def _header_bytes(text: bytes | str) -> bytes:
    """Raises httpcore.LocalProtocolError for a text that would break a header."""
    raw = text if isinstance(text, bytes) else text.encode("latin-1", "replace")
    if not _HEADER_TEXT.fullmatch(raw):
        raise httpcore.LocalProtocolError("a header that cannot be sent")
    return raw


class UnreadableReply(Exception):
    """A reply in an unknown content encoding."""


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
