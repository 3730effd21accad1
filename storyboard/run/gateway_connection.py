"""What a connection to the gateway does, direct or through a proxy: one request and its reply at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Protocol

from storyboard.fast_dataclasses import dataclass
from storyboard.run.effects import MaySend

LARGEST_REPLY = 4_000_000
"""Largest reply that is read, in bytes, as sent and as decoded."""

STALE = 0.5
"""Seconds after which a permission to send is asked for again."""


class NotPermitted(Exception):
    """Ends a request before its first byte."""


class Sending:
    """Watches one request: whether it may be sent, and whether a part of it may have left."""

    def __init__(self, may_send: MaySend | None) -> None:
        self._may_send = may_send
        self.begun = False

    async def begin(self) -> None:
        """Let the first byte leave. Raises NotPermitted if nothing may be sent any more.

        The permission is asked for on the open connection: opening one takes seconds on a slow network.
        """
        if self._may_send is not None and not await _is_allowed_now(self._may_send):
            raise NotPermitted
        self.begun = True


async def _is_allowed_now(may_send: MaySend) -> bool:
    """Ask in a thread, and again where the event loop came back to the answer late."""
    while True:
        allowed, answered = await asyncio.to_thread(lambda: (may_send(), time.monotonic()))
        if not allowed or time.monotonic() - answered < STALE:
            return allowed


@dataclass(frozen=True, slots=True)
class GatewayRequest:
    """A request as it goes on the wire."""

    method: str
    target: bytes
    headers: Mapping[bytes, bytes]
    content: bytes


@dataclass(frozen=True, slots=True)
class GatewayReply:
    """A complete reply, or its first `LARGEST_REPLY` bytes. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes | bytearray


class GatewayConnection(Protocol):
    """One connection. It is opened with its first request."""

    @property
    def is_reusable(self) -> bool:
        """Whether it can take another request."""
        ...

    async def exchange(self, request: GatewayRequest, sending: Sending) -> GatewayReply:
        """Send a request once `sending` lets it; return its reply. Raises one of `NETWORK_ERRORS`, or NotPermitted."""
        ...

    async def aclose(self) -> None:
        """Close it; when this returns nothing more is sent through it."""
        ...


def joined_headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the headers of a reply, names in lower case; several of one name are joined."""
    headers: dict[str, str] = {}
    for name, value in raw:
        lower, text = name.decode("latin-1").lower(), value.decode("utf-8", "replace")
        headers[lower] = f"{headers[lower]}, {text}" if lower in headers else text
    return headers
