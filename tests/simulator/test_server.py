from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from storyboard.simulator import SimulatorConfig, serve
from storyboard.simulator.server import RunningSimulator

KEY = {"Authorization": "Bearer one"}
FAST = SimulatorConfig(take=0.05)


@pytest.fixture
def running() -> Iterator[RunningSimulator]:
    with serve(FAST) as running:
        yield running


@pytest.fixture
def client(running: RunningSimulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.url, headers=KEY, timeout=5) as client:
        yield client


def order(prompt: str = "A boat.", external_id: str | None = None, **more: Any) -> dict[str, Any]:
    params = {"multi_shot": False, "prompt": prompt, "duration": "5", **more}
    if external_id:
        params["external_task_id"] = external_id
    return {"model": "kirin_v3_t2v", "input": [{"params": params}]}


def submit(client: httpx.Client, **more: Any) -> httpx.Response:
    return client.post("/model/v1/generation", json=order(**more))


def finished(client: httpx.Client, task: str) -> dict[str, Any]:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        told: dict[str, Any] = client.get(f"/model/v1/generation/task/{task}").json()
        if told["status"] in ("completed", "failed"):
            return told
        time.sleep(0.01)
    raise AssertionError("the task did not end")


def test_a_clip_is_sold(running: RunningSimulator, client: httpx.Client) -> None:
    accepted = submit(client, external_id="sb-1").json()
    assert accepted["status"] == "in_queue"
    told = finished(client, accepted["id"])
    assert told["usage"] == {"cost": "0.42", "discount": 1.0}
    (video,) = told["output"][0]["content"]
    clip = httpx.get(video["url"])
    assert (clip.status_code, clip.headers["content-type"]) == (200, "video/mp4")
    assert clip.content[4:8] == b"ftyp"
    part = httpx.get(video["url"], headers={"Range": "bytes=100-"})
    assert (part.status_code, part.content) == (206, clip.content[100:])
    assert running.totals().paid == Decimal("0.42")
    assert client.get("/__book").json()["paid"] == "0.42"


def test_a_lost_reply_leaves_a_task_that_is_found_by_the_callers_id(
    running: RunningSimulator, client: httpx.Client
) -> None:
    running.stage({"do": "lost-reply"})
    with pytest.raises(httpx.RemoteProtocolError):
        submit(client, external_id="sb-1")
    assert client.get("/model/v1/generation/task/sb-1").status_code == 200
    assert submit(client, external_id="sb-1").status_code == 409
    assert [entry.answer for entry in running.book.entries("post")] == ["cut", 409]
    assert not running.totals().bought_twice


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    before = threading.active_count()
    began = time.monotonic()
    with serve(SimulatorConfig(book=tmp_path / "book.jsonl")) as running, httpx.Client(headers=KEY) as client:
        running.stage({"do": "stall", "seconds": 60})
        with pytest.raises(httpx.ReadTimeout):
            client.post(f"{running.url}/model/v1/generation", json=order(), timeout=0.1)
    assert time.monotonic() - began < 2
    assert threading.active_count() == before
