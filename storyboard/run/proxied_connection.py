"""A connection to the gateway through a proxy: httpcore opens it, sends and reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpcore

from storyboard.run.connecting import TIMEOUTS
from storyboard.run.gateway_connection import LARGEST_REPLY, GatewayReply, GatewayRequest, Sending, joined_headers


class ProxiedConnection:
    """A connection of httpcore's, without its queue."""

    def __init__(self, plain: httpcore.AsyncConnectionInterface, origin: httpcore.Origin) -> None:
        self._plain = plain
        self._origin = origin

    @property
    def is_reusable(self) -> bool:
        """Whether it can take another request."""
        return self._plain.is_available() and not self._plain.has_expired()

    async def exchange(self, request: GatewayRequest, sending: Sending) -> GatewayReply:
        """Send a request once `sending` lets it; return its reply. Raises one of `NETWORK_ERRORS`, or NotPermitted."""

        async def step(name: str, what: Mapping[str, Any]) -> None:
            """Take note of a step of httpcore's. What a proxy is asked for before is not part of the request."""
            first = name.endswith(".send_request_headers.started") and what["request"].method != b"CONNECT"
            if first and not sending.begun:
                await sending.begin()

        origin = self._origin
        there = httpcore.URL(scheme=origin.scheme, host=origin.host, port=origin.port, target=request.target)
        response = await self._plain.handle_async_request(
            httpcore.Request(
                request.method,
                there,
                headers=list(request.headers.items()),
                content=request.content,
                extensions={"timeout": TIMEOUTS, "trace": step},
            )
        )
        return GatewayReply(response.status, joined_headers(response.headers), await _read_body(response))

    async def aclose(self) -> None:
        """Close it; when this returns nothing more is sent through it."""
        await self._plain.aclose()


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
