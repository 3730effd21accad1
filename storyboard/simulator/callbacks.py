"""Tell a client's server that a task's status changed: one POST, once, in order."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import urlsplit

from storyboard.simulator.responses import Document
from storyboard.simulator.task import SimulatedTask

PATIENCE = 5.0
"""Timeout of a callback in seconds."""
MOST = 10_000
"""Longest queue of callbacks; later ones are dropped."""

Told: TypeAlias = Callable[[SimulatedTask, str, "int | str"], None]


class Callbacks:
    """Posts what is `put`, one after the other; `told` is called with each result: the task, its status, the answer."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._waiting: asyncio.Queue[tuple[SimulatedTask, Document]] = asyncio.Queue(MOST)

    def put(self, task: SimulatedTask, document: Document) -> None:
        """Queue a callback to the task's address."""
        if not self._waiting.full():
            self._waiting.put_nowait((task, document))

    async def run(self) -> None:
        """Post callbacks until cancelled."""
        while True:
            task, document = await self._waiting.get()
            self._told(task, str(document["status"]), await post(task.callback_url or "", document))


async def post(url: str, document: Document) -> int | str:
    """Post a callback; return the HTTP status of the answer, or what failed in a few words."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await _exchange(url, json.dumps(document).encode())
    except TimeoutError:
        return "no answer"
    except (OSError, ValueError, IndexError, asyncio.IncompleteReadError) as trouble:
        return type(trouble).__name__


async def _exchange(url: str, body: bytes) -> int:
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError(url)
    secure = ssl.create_default_context() if parts.scheme == "https" else None
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or (443 if secure else 80), ssl=secure)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        head = f"POST {target} HTTP/1.1\r\nHost: {parts.netloc.rpartition('@')[2]}\r\nConnection: close\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode("ascii") + body)
        await writer.drain()
        return int((await reader.readline()).split()[1])
    finally:
        writer.close()
        await writer.wait_closed()
