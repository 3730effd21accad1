"""Paths that no real gateway has: to read the book, stage faults and move the clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from math import inf
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from storyboard.errors import UsageError
from storyboard.simulator.clock import GatewayClock
from storyboard.simulator.faults import rules_from
from storyboard.simulator.gateway import Gateway

ENTRIES = 1000
"""How many of the latest entries come with the book by default."""

Endpoint = Callable[[Request], Awaitable[Response]]


def control_routes(gateway: Gateway, clock: GatewayClock, news: asyncio.Event) -> list[Route]:
    """Return the routes. `news` is set when something may be due earlier."""

    async def book(request: Request) -> Response:
        gateway.advance(clock.now())
        most = _number(request.query_params.get("entries", ENTRIES), "entries")
        entries = gateway.book.entries()
        latest = entries[max(0, len(entries) - int(most)) :]
        return JSONResponse(gateway.book.totals.document() | {"entries": [entry.document() for entry in latest]})

    async def faults(request: Request) -> Response:
        if request.method == "DELETE":
            gateway.faults.clear()
        if request.method == "POST":
            gateway.faults.stage(rules_from(_json(await request.body())))
        return JSONResponse([rule.document() for rule in gateway.faults.left])

    async def time(request: Request) -> Response:
        asked = _json(await request.body())
        clock.jump(_number(asked.get("advance") if isinstance(asked, dict) else None, "advance"))
        gateway.advance(clock.now())
        news.set()
        return JSONResponse({"now": clock.now()})

    return [
        Route("/__book", _asked(book), methods=["GET"]),
        Route("/__faults", _asked(faults), methods=["GET", "POST", "DELETE"]),
        Route("/__clock", _asked(time), methods=["POST"]),
    ]


def _asked(endpoint: Endpoint) -> Endpoint:
    """Turn a usage error into a reply."""

    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except UsageError as trouble:
            return JSONResponse({"error": trouble.message, "help": trouble.help}, 400)

    return guarded


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise UsageError("the body is not JSON") from None


def _number(value: object, name: str) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = -1
    if not 0 <= number < inf:
        raise UsageError(f"`{name}` is a number from 0 on")
    return number
