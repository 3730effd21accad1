"""What people write in place of a run: `scripts.py NAME ORDERS URL FOLDER`. In the peers' environment.

Nothing is written down, nothing asked twice, no clip verified: they submit, poll at a fixed interval, and download.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

KEY = {"Authorization": "Bearer sk-bench"}
Fetch = Callable[[dict[str, Any], Path], Awaitable[None]]


async def with_aiohttp(url: str, interval: float, all_of: Callable[[Fetch], Awaitable[None]]) -> None:
    """One session."""
    import aiohttp

    async with aiohttp.ClientSession(headers=KEY, connector=aiohttp.TCPConnector(limit=0)) as session:

        async def fetch(payload: dict[str, Any], target: Path) -> None:
            params = {name: value for name, value in payload.items() if name != "model"}
            body = {"model": payload["model"], "input": [{"params": params}]}
            async with session.post(f"{url}/model/v1/generation", json=body) as reply:
                task = (await reply.json())["id"]
            while True:
                await asyncio.sleep(interval)
                async with session.get(f"{url}/model/v1/generation/task/{task}") as reply:
                    told = await reply.json()
                if told["status"] == "completed":
                    break
            address = told["output"][0]["content"][0]["url"]
            async with aiohttp.request("GET", address) as reply, asyncio.timeout(60):
                with target.open("wb") as file:
                    async for piece in reply.content.iter_chunked(1 << 16):
                        file.write(piece)

        await all_of(fetch)


async def with_httpx(url: str, interval: float, all_of: Callable[[Fetch], Awaitable[None]]) -> None:
    """One client, as it comes."""
    import httpx

    async with httpx.AsyncClient(timeout=60) as client:

        async def fetch(payload: dict[str, Any], target: Path) -> None:
            params = {name: value for name, value in payload.items() if name != "model"}
            body = {"model": payload["model"], "input": [{"params": params}]}
            task = (await client.post(f"{url}/model/v1/generation", json=body, headers=KEY)).json()["id"]
            while True:
                await asyncio.sleep(interval)
                told = (await client.get(f"{url}/model/v1/generation/task/{task}", headers=KEY)).json()
                if told["status"] == "completed":
                    break
            await _saved(client, told["output"][0]["content"][0]["url"], target)

        await all_of(fetch)


async def with_fal(url: str, interval: float, all_of: Callable[[Fetch], Awaitable[None]]) -> None:
    """fal's own loop, which polls as it does by itself; files are fetched with httpx."""
    import fal_client
    import httpx

    fal_client.client.QUEUE_URL_FORMAT = f"{url}/"
    buyer = fal_client.AsyncClient(key="sk-bench")
    async with httpx.AsyncClient(timeout=60) as client:

        async def fetch(payload: dict[str, Any], target: Path) -> None:
            arguments = {name: value for name, value in payload.items() if name != "model"}
            result = await buyer.subscribe(f"fal/{payload['model']}", arguments)
            await _saved(client, result["outputs"][0]["url"], target)

        await all_of(fetch)


async def _saved(client: Any, address: str, target: Path) -> None:
    async with client.stream("GET", address) as reply:
        reply.raise_for_status()
        with target.open("wb") as file:
            async for piece in reply.aiter_bytes():
                file.write(piece)


SCRIPTS = {
    "aiohttp, every 2 s": (with_aiohttp, 2.0),
    "aiohttp, every 5 s": (with_aiohttp, 5.0),
    "httpx, every 2 s": (with_httpx, 2.0),
    "fal-client": (with_fal, 0.1),
}


async def _run(name: str, orders: dict[str, Any], url: str, folder: Path) -> None:
    script, interval = SCRIPTS[name]
    places = asyncio.Semaphore(orders["together"])

    async def all_of(fetch: Fetch) -> None:
        async def one(number: int, payload: dict[str, Any]) -> None:
            async with places:
                await fetch(payload, folder / f"{number}.mp4")

        await asyncio.gather(*(one(number, payload) for number, payload in enumerate(orders["payloads"])))

    await script(url, interval, all_of)


def main() -> None:
    """Buys everything."""
    name, orders, url, folder = sys.argv[1:]
    asyncio.run(_run(name, json.loads(Path(orders).read_text(encoding="utf-8")), url, Path(folder)))


if __name__ == "__main__":
    main()
