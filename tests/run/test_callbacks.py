from __future__ import annotations

import asyncio

import httpx
import pytest

from storyboard.errors import UsageError
from storyboard.run.admission import SystemClock, Wakeup
from storyboard.run.callbacks import Listener, names_in


async def waited(wakeup: Wakeup, *names: str) -> float:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await wakeup.wait_for(names, 60.0, SystemClock())
    return loop.time() - begun


async def test_callback_wakes_only_the_waiter_of_that_task() -> None:
    wakeup = Wakeup()
    async with Listener(wakeup, "127.0.0.1") as listener, httpx.AsyncClient(trust_env=False) as client:
        wanted = asyncio.create_task(waited(wakeup, "t1", "sb-1"))
        other = asyncio.create_task(waited(wakeup, "t2"))
        await asyncio.sleep(0.1)
        reply = await client.post(listener.url, json={"data": {"external_task_id": "sb-1", "status": "completed"}})
        assert reply.status_code == 204
        assert await wanted < 50
        assert not other.done()
        wakeup.ring(["t2"])
        await other


async def test_request_to_another_path_is_ignored() -> None:
    wakeup = Wakeup()
    async with Listener(wakeup, "127.0.0.1") as listener, httpx.AsyncClient(trust_env=False) as client:
        base = listener.url.rsplit("/", 1)[0]
        assert (await client.post(f"{base}/guess", json={"id": "t1"})).status_code == 404
        assert (await client.get(listener.url)).status_code == 405
        assert (await client.post(listener.url, content=b"x" * 2_000_000)).status_code == 413
        assert (await client.post(listener.url, content=b"[" * 100_000)).status_code == 204


async def test_slow_callback_connection_is_closed() -> None:
    await Wakeup().wait_for(["t1"], 0.01, SystemClock())


def test_each_run_has_a_path_of_its_own_under_the_address_that_others_see() -> None:
    one, other = (Listener(Wakeup(), "127.0.0.1", public="https://films.test/hook/") for _ in range(2))
    assert one.url.startswith("https://films.test/hook/")
    assert one.url != other.url
    for listener in (one, other):
        listener.close()


def test_address_in_use_is_reported() -> None:
    listener = Listener(Wakeup(), "127.0.0.1")
    port = int(listener.url.split(":")[2].split("/")[0])
    with pytest.raises(UsageError, match="--listen"):
        Listener(Wakeup(), "127.0.0.1", port)
    listener.close()


def test_ids_are_found_anywhere_in_a_callback() -> None:
    assert names_in(b'{"id": "a", "data": {"request_id": "b", "x": {"external_task_id": "c", "y": {"id": "d"}}}}') == (
        "a",
        "b",
        "c",
    )
    assert names_in(b"no json") == ()
