"""A real server on this machine that answers with exactly the bytes it is told to, and hangs up as it is told to."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """What was asked, names of headers in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """Bytes of the answer. `reset` ends the connection as a crash does; `body` may be shorter than `length` says."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    reset: bool = False
    silent: bool = False


@dataclass
class Wire:
    """The server: where it listens, and all it was asked."""

    base: str
    requests: list[Request] = field(default_factory=list)
    connections: int = 0


@asynccontextmanager
async def serving(answer: Callable[[Request], Answer]) -> AsyncIterator[Wire]:
    """Answers each request of each connection until the other side, or the answer, ends it."""
    wire = Wire("")

    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        this = asyncio.current_task()
        assert this is not None
        talks.add(this)
        wire.connections += 1
        while (request := await _read(reader)) is not None:
            wire.requests.append(request)
            given = answer(request)
            if not given.silent:
                writer.write(_head(given) + given.body)
                await writer.drain()
            if given.reset or given.silent or given.length is not None:
                if given.reset:
                    linger = struct.pack("ii", 1, 0)
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                break
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    wire.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:
        server.close()
        await asyncio.gather(*talks)


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.decode().rstrip().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    method, path, _ = first.split(" ")
    return Request(method, path, headers, body)


def _head(answer: Answer) -> bytes:
    length = len(answer.body) if answer.length is None else answer.length
    headers = {"content-length": str(length), **answer.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {answer.status} Said\r\n{lines}\r\n".encode()
