"""What a proxy does before a request leaves is told apart from what happens to the request itself."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from storyboard.providers.calls import HttpCall, NoReply, Reply
from storyboard.providers.kirin.gateway import Kirin
from storyboard.run.http_client import HttpClient

Talk = Callable[[socket.socket], None]


@contextmanager
def proxy(talk: Talk) -> Iterator[str]:
    """A server that reads the beginning of each connection's first request, and then does as it is told."""

    def serve() -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            with line:
                line.recv(65536)
                talk(line)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


async def posted(base_url: str) -> Reply:
    client = HttpClient(Kirin(base_url), "sk-key", longest=2.0)
    try:
        return await client.ask(HttpCall("POST", f"{base_url}/model", {}))
    finally:
        await client.aclose()


def reset(line: socket.socket) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


BEFORE: dict[str, Talk] = {
    "closes": lambda line: None,
    "resets": reset,
    "refuses": lambda line: line.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"),
    "wants a password": lambda line: line.sendall(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n"),
    "is no proxy": lambda line: line.sendall(b"220 mail.test ESMTP\r\n"),
    "opens a way that leads nowhere": lambda line: line.sendall(b"HTTP/1.1 200 OK\r\n\r\n"),
    "opens a way to what speaks no TLS": lambda line: line.sendall(b"HTTP/1.1 200 OK\r\n\r\nHello there, welcome"),
}


@pytest.mark.parametrize("way", BEFORE)
async def test_blocking_proxy_has_sent_nothing(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy(BEFORE[way]) as address:
        monkeypatch.setenv("HTTPS_PROXY", address)
        reply = await posted("https://gateway.test")
    assert isinstance(reply, NoReply) and not reply.sent, reply


def hear_and_say_nothing(line: socket.socket) -> None:
    line.recv(1)


async def test_silent_proxy_has_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy(hear_and_say_nothing) as address:
        monkeypatch.setenv("HTTPS_PROXY", address)
        reply = await posted("https://gateway.test")
    assert isinstance(reply, NoReply) and not reply.sent, reply


@pytest.mark.parametrize("way", ["closes", "resets"])
async def test_proxy_that_received_the_request_may_have_sent_it(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy(BEFORE[way]) as address:
        monkeypatch.setenv("HTTP_PROXY", address)
        reply = await posted("http://gateway.test")
    assert isinstance(reply, NoReply) and reply.sent, reply
