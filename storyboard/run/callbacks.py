"""Listen for the gateway's callbacks, so that a finished task is fetched at once. Their content is not trusted: it only
triggers a poll."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any

from storyboard.errors import MissingExtraError, UsageError
from storyboard.files.disk import record_doubt
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.run.admission import Wakeup

if TYPE_CHECKING:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

LARGEST = 1_000_000
"""Largest callback that is read, in bytes."""

_NAMES = lazy_pattern(r"(?:.*_)?id")
"""Names of fields with an id: a vendor may send its own, ours, or both."""
_DEPTH = 3


class Listener:
    """A server for callbacks, in the event loop that uses it. `url` is the address for tasks. Its path cannot be
    guessed; any other path is answered with 404.
    """

    def __init__(self, wakeup: Wakeup, host: str, port: int = 0, public: str | None = None) -> None:
        """Listen on `host` and `port` (0: any). `public` is the address under which others reach it. Raises
        `UsageError` if that is not possible.
        """
        record_doubt("callbacks were listened for")
        self._wakeup = wakeup
        self._socket = _bound(host, port)
        self._path = f"/{secrets.token_urlsafe(24)}"
        shown = f"[{host}]" if ":" in host else host
        base = public or f"http://{shown}:{self._socket.getsockname()[1]}"
        self.url = f"{base.rstrip('/')}{self._path}"

    async def __aenter__(self) -> Listener:
        try:
            from starlette.applications import Starlette
            from starlette.routing import Route
        except ModuleNotFoundError as missing:
            self._socket.close()
            raise MissingExtraError("--listen", "simulate") from missing
        self._server = _server(Starlette(routes=[Route(self._path, self._heard, methods=["POST"])]))
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        await self._task

    def close(self) -> None:
        """Release the address if the server never ran."""
        self._socket.close()

    async def _heard(self, request: Request) -> Response:
        from starlette.responses import Response

        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > LARGEST:
                return Response(status_code=413)
        self._wakeup.ring(names_in(bytes(body)))
        return Response(status_code=204)


def _server(app: Starlette) -> uvicorn.Server:
    import uvicorn

    class Quiet(uvicorn.Server):
        """A server that leaves Ctrl-C to the run."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    return Quiet(uvicorn.Config(app, log_level="critical", lifespan="off", access_log=False, server_header=False))


def names_in(body: bytes) -> tuple[str, ...]:
    """Return every id in a callback."""
    try:
        return tuple(_names(json.loads(body), _DEPTH))
    except (ValueError, RecursionError):
        return ()


def _names(value: Any, depth: int) -> Iterator[str]:
    if not isinstance(value, dict) or not depth:
        return
    for name, inner in value.items():
        if isinstance(inner, str) and _NAMES.fullmatch(name):
            yield inner
        yield from _names(inner, depth - 1)


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _in_the_way(host, port, error) from error
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen()
    except OSError as error:
        bound.close()
        raise _in_the_way(host, port, error) from error
    return bound


def _in_the_way(host: str, port: int, error: OSError) -> UsageError:
    return UsageError(f"--listen {host}:{port}: {error.strerror or error}")
