"""The network itself: certificates, proxies, large and slow replies, over real sockets."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest
import trustme

from storyboard.providers.calls import HttpCall, HttpReply, NoReply, Reply
from storyboard.providers.kirin.gateway import Kirin
from storyboard.run.connecting import host_header, on_the_wire
from storyboard.run.effects import Cut, Download
from storyboard.run.http_client import HttpClient
from storyboard.run.reachability import look_at_gateway
from tests.support.waiting import PATIENCE

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\n\r\n{}"


@asynccontextmanager
async def listening(talk: Talk, trusted: ssl.SSLContext | None) -> AsyncIterator[str]:
    """A server that talks so on each connection, until the test is over; its host and port."""
    talks: set[asyncio.Task[None]] = set()

    async def kept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        this = asyncio.current_task()
        assert this is not None
        talks.add(this)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ssl.SSLError):
            await talk(reader, writer)
        writer.transport.abort()

    server = await asyncio.start_server(kept, "127.0.0.1", 0, ssl=trusted)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await asyncio.gather(*talks)
        await asyncio.sleep(0)


@asynccontextmanager
async def sending(answer: bytes, *, trusted: ssl.SSLContext | None = None, pause: float = 0) -> AsyncIterator[str]:
    """A server that gives each request the same bytes, or, with a pause, one byte after the other; its host and port."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if b"Content-Length: 2" in head:
                await reader.readexactly(2)
            for piece in [answer] if not pause else [answer[n : n + 1] for n in range(len(answer))]:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause)
            if b"close" in answer:
                return

    async with listening(talk, trusted) as place:
        yield place


@asynccontextmanager
async def tunnelling(to: str, *, trusted: ssl.SSLContext | None = None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A proxy that opens a way to one server, whatever it is asked for; its address, and what it was asked."""
    asked: list[bytes] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, ssl.SSLError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.transport.abort()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        host, port = to.split(":")
        there = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))

    async with listening(talk, trusted) as place:
        yield place, asked


def certified(folder: Path, monkeypatch: pytest.MonkeyPatch, *names: str, known: bool = True) -> ssl.SSLContext:
    """A certificate for these names, by an authority that this machine trusts where it is `known`."""
    authority, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(context)
    (authority if known else trustme.CA()).cert_pem.write_to_path(folder / "trusted.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "trusted.pem"))
    return context


async def asked(base: str, method: str = "POST", longest: float = 20.0) -> Reply:
    client = HttpClient(Kirin(base), "sk-key", longest=longest)
    try:
        url = f"{base}/model"
        return await client.ask(HttpCall("POST", url, {}) if method == "POST" else HttpCall("GET", url))
    finally:
        await client.aclose()


async def test_encrypted_gateway_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with sending(OK, trusted=certified(tmp_path, monkeypatch, "127.0.0.1")) as place:
        for method in ("POST", "GET"):
            reply = await asked(f"https://{place}", method)
            assert isinstance(reply, HttpReply) and reply.body == b"{}"
        assert (await asyncio.to_thread(look_at_gateway, f"https://{place}")).clock is not None


@pytest.mark.parametrize(("name", "known"), [("127.0.0.1", False), ("other.test", True)])
async def test_gateway_with_a_wrong_certificate_is_sent_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, known: bool
) -> None:
    async with sending(OK, trusted=certified(tmp_path, monkeypatch, name, known=known)) as place:
        reply = await asked(f"https://{place}")
        look = await asyncio.to_thread(look_at_gateway, f"https://{place}")
    assert isinstance(reply, NoReply) and not reply.sent and "certificate" in reply.reason
    assert "certificate" in look.trouble


@pytest.mark.parametrize("encrypted", [False, True])
async def test_encrypted_gateway_is_asked_through_a_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encrypted: bool
) -> None:
    trusted = certified(tmp_path, monkeypatch, "gateway.test", "127.0.0.1")
    async with AsyncExitStack() as stack:
        place = await stack.enter_async_context(sending(OK, trusted=trusted))
        proxy, wanted = await stack.enter_async_context(tunnelling(place, trusted=trusted if encrypted else None))
        monkeypatch.setenv("HTTPS_PROXY", f"http{'s' * encrypted}://me:secret%21@{proxy}")
        for method in ("POST", "GET"):
            reply = await asked("https://gateway.test", method)
            assert isinstance(reply, HttpReply) and reply.body == b"{}"
    assert wanted[0].startswith(b"CONNECT gateway.test:443 ")
    assert b"Proxy-Authorization: Basic bWU6c2VjcmV0IQ==" in wanted[0]


async def test_host_without_a_proxy_is_asked_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
    async with sending(OK) as place:
        assert isinstance(await asked(f"http://{place}"), HttpReply)
        assert not (await asyncio.to_thread(look_at_gateway, f"http://{place}")).trouble


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"a" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Many: a\r\n" * 50_000 + b"\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["long header", "many headers", "another protocol", "two lengths", "bad chunk"],
)
async def test_reply_that_is_none_is_told_as_no_reply_to_what_was_sent(answer: bytes) -> None:
    async with sending(answer) as place:
        reply = await asked(f"http://{place}")
    assert isinstance(reply, NoReply) and reply.sent


async def test_reply_in_chunks_and_of_many_small_pieces_is_read() -> None:
    for answer, pause in (
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", 0.0),
        (OK, 0.001),
    ):
        async with sending(answer, pause=pause) as place:
            reply = await asked(f"http://{place}")
        assert isinstance(reply, HttpReply) and reply.body == b"{}"


async def test_connection_that_the_gateway_closed_meanwhile_is_not_used_again() -> None:
    """It says so with its reply, or closes it between two polls."""
    closing = OK.replace(b"Content-Length", b"Connection: close\r\nContent-Length")
    async with sending(closing) as place:
        client = HttpClient(Kirin(f"http://{place}"), "sk-key")
        for _ in range(3):
            assert isinstance(await client.ask(HttpCall("GET", f"http://{place}/task")), HttpReply)
        await client.aclose()


async def downloaded(place: str, target: Path, longest: float) -> Download:
    client = HttpClient(Kirin(f"http://{place}"), "sk-key", longest=longest)
    try:
        return await client.get(f"http://{place}/clip.mp4", target, 3, None, lambda received, total: None)
    finally:
        await client.aclose()


@pytest.mark.parametrize("beginning", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000])
async def test_download_whose_headers_do_not_end_is_given_up(tmp_path: Path, beginning: bytes) -> None:
    async with sending(beginning + b"a" * 1000, pause=0.02 if len(beginning) < 100 else 0) as place:
        assert isinstance(await asyncio.wait_for(downloaded(place, tmp_path / "a.part", 0.5), PATIENCE), Cut)
    assert not list(tmp_path.iterdir())  # noqa: ASYNC240


@pytest.mark.parametrize(
    ("url", "host", "target"),
    [
        ("https://Files.Test/a b.mp4", b"files.test", b"/a%20b.mp4"),
        ("https://files.test:443/%20?sign=a%2Fb+c&x=é", b"files.test", b"/%20?sign=a%2Fb+c&x=%C3%A9"),
        ("https://files.test:8443", b"files.test:8443", b"/"),
        ("http://[::1]:80/x#part", b"[::1]", b"/x"),
        ("https://bücher.test/x", b"xn--bcher-kva.test", b"/x"),
        ("https://files.test/a\r\nX: y", b"files.test", b"/aX:%20y"),
    ],
)
def test_address_is_requested_as_it_was_signed(url: str, host: bytes, target: bytes) -> None:
    there = on_the_wire(url)
    assert (host_header(there), there.target) == (host, target)


@pytest.mark.parametrize("url", ["ftp://files.test/x", "files.test/x", "https:///x", "https://[::1/x"])
def test_address_of_no_web_server_cannot_be_requested(url: str) -> None:
    with pytest.raises(ValueError):
        on_the_wire(url)


@contextmanager
def leading_nowhere(port: int) -> Iterator[str]:
    """An address of this machine where no connection is ever accepted, nor refused."""
    with socket.socket() as full:
        full.bind(("127.0.0.2", port))
        full.listen(0)
        with ExitStack() as waiting:
            for _ in range(3):
                one = waiting.enter_context(socket.socket())
                one.setblocking(False)
                one.connect_ex(("127.0.0.2", port))
            yield "127.0.0.2"


@pytest.mark.parametrize("proxied", [False, True])
@pytest.mark.posix("the system of Windows refuses at once what a full queue of Linux leaves waiting")
def test_an_address_that_leads_nowhere_does_not_hold_up_the_next(
    monkeypatch: pytest.MonkeyPatch, proxied: bool
) -> None:
    async def asked() -> Reply:
        async with sending(OK) as place:
            port = int(place.partition(":")[2])
            with leading_nowhere(port) as nowhere:
                both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in (nowhere, "127.0.0.1")]
                monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
                if proxied:
                    monkeypatch.setenv("HTTP_PROXY", f"http://proxy.test:{port}")
                base = f"http://gateway.test:{port}" if proxied else f"http://localhost:{port}"
                client = HttpClient(Kirin(base), "secret", longest=PATIENCE)
                try:
                    return await client.ask(HttpCall("GET", f"{base}/tasks/1"))
                finally:
                    await client.aclose()

    reply = asyncio.run(asked())
    assert isinstance(reply, HttpReply), reply
