"""The gateway behind HTTP: requests become values, and answers are sent as their delivery says."""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from storyboard.fast_dataclasses import dataclass, field
from storyboard.simulator.account_book import Entry
from storyboard.simulator.admin_api import control_routes
from storyboard.simulator.callbacks import Callbacks
from storyboard.simulator.clock import GatewayClock
from storyboard.simulator.files import FILES
from storyboard.simulator.gateway import Gateway
from storyboard.simulator.handlers import GENERATION, QUEUE
from storyboard.simulator.messages import BEFORE, Answer, Dialect, IncomingRequest, Operation
from storyboard.simulator.responses import millis
from storyboard.simulator.task import SimulatedTask

CHUNK = 1 << 18
MOST_BYTES = 1 << 25
"""Largest body of a request, in bytes."""
_LONGEST_SLEEP = 60.0
_HARD = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Front:
    """Shared by all requests. `lines` are the open connections by client address; `stopping` ends stalls."""

    gateway: Gateway
    clock: GatewayClock
    lines: dict[tuple[str, int], asyncio.Transport] = field(default_factory=dict)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def line(self, client: Any) -> asyncio.Transport | None:
        """Return the connection to an address; None once it is closing."""
        line = self.lines.get(tuple(client)) if client else None
        return None if line is None or line.is_closing() else line

    def cut(self, client: Any, *, hard: bool) -> None:
        """Close a connection after flushing, or with a reset if `hard`."""
        line = self.line(client)
        if line is None:
            return
        if hard:
            line.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _HARD)
            line.abort()
        else:
            line.close()


def make_app(front: Front) -> Router:
    """Return the ASGI application."""
    gateway = front.gateway
    base = gateway.config.base_path
    queue = f"{base}{QUEUE}/{{model}}"
    one = f"{queue}/requests/{{handle}}"
    routes = [
        _route(f"{base}{GENERATION}/task/{{handle}}", "GET", _gateway(front, Operation.POLL, "generation")),
        _route(f"{one}/status", "GET", _gateway(front, Operation.POLL, "queue")),
        _route(f"{one}/status/stream", "GET", _gateway(front, Operation.STREAM, "queue")),
        _route(f"{one}/response", "GET", _gateway(front, Operation.RESULT, "queue")),
        _route(f"{one}/cancel", "PUT", _gateway(front, Operation.CANCEL, "queue")),
        _route(f"{base}{GENERATION}", "POST", _gateway(front, Operation.SUBMIT, "generation")),
        _route(queue, "POST", _gateway(front, Operation.SUBMIT, "queue")),
        _route(f"{FILES}/{{handle}}.mp4", "GET", _gateway(front, Operation.DOWNLOAD, None)),
        *control_routes(gateway, front.clock, front.news),
    ]
    return Router(routes, redirect_slashes=False, lifespan=lambda app: _living(front))


Endpoint = Callable[[Request], Awaitable[Response]]


def _route(path: str, method: str, endpoint: Endpoint) -> Route:
    return Route(path, endpoint, methods=[method])


def _gateway(front: Front, operation: Operation, dialect: Dialect | None) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            ask = await _ask(request, operation, dialect, front.gateway.origin)
        except ClientDisconnect:
            return Response(status_code=400)
        wanted = front.gateway.wanted_clip(ask)
        if wanted:
            await asyncio.to_thread(front.gateway.files.clips.prepare, *wanted)
        answer = front.gateway.handle(ask, front.clock.now())
        if operation in (Operation.SUBMIT, Operation.CANCEL):
            front.news.set()
        return _Delivered(front, answer)

    return endpoint


async def _ask(request: Request, operation: Operation, dialect: Dialect | None, origin: str) -> IncomingRequest:
    names, host = request.path_params, request.headers.get("host")
    return IncomingRequest(
        operation,
        dialect,
        key=_key(request.headers.get("authorization"), dialect),
        model=names.get("model", ""),
        handle=names.get("handle", ""),
        body=await _body(request) if operation is Operation.SUBMIT else b"",
        request_id=request.headers.get("x-request-id") or secrets.token_hex(8),
        origin=f"{request.url.scheme}://{host}" if host else origin,
        query=request.query_params if operation in (Operation.DOWNLOAD, Operation.SUBMIT) else {},
        byte_range=request.headers.get("range", ""),
    )


async def _body(request: Request) -> bytes:
    """Read the body up to the limit; a longer one is cut, and then invalid JSON."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            break
    return bytes(body[:MOST_BYTES])


def _key(authorization: str | None, dialect: Dialect | None) -> str | None:
    """Return the key of a Bearer header, or of a Key header on the queue; empty if the header has none, None without a
    header."""
    if authorization is None:
        return None
    scheme, _, key = authorization.partition(" ")
    schemes = ("bearer", "key") if dialect == "queue" else ("bearer",)
    return key.strip() if scheme.lower() in schemes else ""


class _Delivered(Response):
    """Sends an answer, with everything that its delivery says."""

    def __init__(self, front: Front, answer: Answer) -> None:
        super().__init__(background=None)
        self._front, self._answer = front, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        delivery = self._answer.delivery
        if delivery.stall:
            await _nap(self._front.stopping, delivery.stall)
        if delivery.cut_at != BEFORE:
            await self._begin(send)
        if delivery.cut_at is None and await self._padded(send, scope.get("client")):
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        self._front.cut(scope.get("client"), hard=delivery.reset)
        while (await receive())["type"] != "http.disconnect":
            pass

    async def _begin(self, send: Send) -> None:
        """Send the head and as much of the body as the delivery says."""
        body, delivery = self._answer.body(), self._answer.delivery
        length = len(body) + self._answer.padding
        await send({"type": "http.response.start", "status": self._answer.status, "headers": self._head(length)})
        said = body[: delivery.cut_at]
        if delivery.pause:
            await _say(send, said[: delivery.pause_at])
            await _nap(self._front.stopping, delivery.pause)
            said = said[delivery.pause_at :]
        await _say(send, said)

    async def _padded(self, send: Send, client: Any) -> bool:
        """Send the padding; return whether the client stayed. Sending to a closed connection never blocks, so it is
        checked repeatedly."""
        left = self._answer.padding
        while left and self._front.line(client):
            left, part = max(0, left - CHUNK), min(left, CHUNK)
            await _say(send, bytes(part))
            await asyncio.sleep(0)
        return not left

    def _head(self, length: int) -> list[tuple[bytes, bytes]]:
        told = {"content-type": self._answer.media_type, "content-length": str(length)} | dict(self._answer.headers)
        return [(name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in told.items()]


async def _say(send: Send, part: bytes) -> None:
    await send({"type": "http.response.body", "body": part, "more_body": True})


async def _nap(stopping: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return


@asynccontextmanager
async def _living(front: Front) -> AsyncIterator[None]:
    """Advance tasks and send callbacks while the server runs."""
    callbacks = Callbacks(lambda task, status, answer: _told(front, task, status, answer))
    front.gateway.call_back = callbacks.put
    async with asyncio.TaskGroup() as group:
        work = [group.create_task(_tick(front)), group.create_task(callbacks.run())]
        try:
            yield
        finally:
            for each in work:
                each.cancel()


async def _tick(front: Front) -> None:
    while True:
        now = front.clock.now()
        front.gateway.advance(now)
        front.news.clear()
        await _nap(front.news, min(_LONGEST_SLEEP, max(0.001, front.gateway.next_due - now)))


def _told(front: Front, task: SimulatedTask, status: str, answer: int | str) -> None:
    at = millis(front.clock.now())
    front.gateway.book.write(Entry(at, "callback", task.account, task=task.id, answer=answer, detail=status))
