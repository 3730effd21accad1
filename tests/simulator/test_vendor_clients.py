"""The vendor's own clients, and the one whose queue it took over, buy from the simulator as they do from a gateway."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from seaart_sdk import Client, ClientConfig, SeaArtError, with_poll_interval
from seacloud_sdk import SeaCloud
from seacloud_sdk.core.default_base_urls import DEFAULT_BASE_URLS
from seacloud_sdk.core.errors import AuthError, NetworkError

from storyboard.simulator.clips import SimulatedClips
from storyboard.simulator.config import SimulatorConfig
from storyboard.simulator.handlers import account_of
from storyboard.simulator.server import RunningSimulator, serve
from tests.support.gateway import MODEL, film, params
from tests.support.waiting import PATIENCE

KEY = "one"


@pytest.fixture
def gateway() -> Iterator[RunningSimulator]:
    """Tasks take half a second."""
    with serve(SimulatorConfig(take=0.5, keys=frozenset({KEY})), clips=SimulatedClips(film)) as running:
        yield running


def seacloud(gateway: RunningSimulator, key: str = KEY) -> SeaCloud:
    """The vendor's client for *queue*, whose addresses are built in; it takes a function that fetches."""

    async def fetch(url: str, options: Mapping[str, Any]) -> httpx.Response:
        here = url.replace(DEFAULT_BASE_URLS["SEACLOUD_QUEUE_BASE_URL"], gateway.url)
        assert here.startswith(gateway.url), here
        async with httpx.AsyncClient() as client:
            return await client.request(
                options["method"], here, headers=options["headers"], content=options.get("body")
            )

    return SeaCloud(api_key=key, fetch=fetch)


async def test_the_vendors_queue_client_buys_a_clip(gateway: RunningSimulator) -> None:
    client = seacloud(gateway)
    done = await client.run_sync(MODEL, params(), contract="off")
    (url,) = done["output"]["urls"]
    assert "error" not in done
    async with httpx.AsyncClient() as plain:
        assert (await plain.get(url)).content.startswith(film(5, "16:9"))
    assert gateway.totals().of(account_of(KEY)).billed_tasks == 1


async def test_the_vendors_queue_client_follows_a_task_by_its_addresses(gateway: RunningSimulator) -> None:
    client = seacloud(gateway)
    task = await client.run(MODEL, params(), contract="off")
    assert task["queuePosition"] == 0
    early = await client.tasks.get(task["id"], {"statusUrl": task["statusUrl"]})
    assert early["id"] == task["id"]
    assert early["status"] in ("in_queue", "in_progress")
    gateway.jump(5)
    late = await client.tasks.get(task["id"], {"endpoint": MODEL})
    assert late["status"] == "completed"
    response = await client.tasks.get_response(task["id"], {"responseUrl": late["responseUrl"]})
    assert response["output"]["raw"]["metadata"] == {"prompt": "A boat."}


async def test_the_vendors_queue_client_reads_failures_and_refusals(gateway: RunningSimulator) -> None:
    gateway.stage({"do": "fail", "message": "the ink ran"})
    client = seacloud(gateway)
    failed = await client.run_sync(MODEL, params(), contract="off")
    assert failed["status"] == "failed"
    assert failed["error"] == {"message": "the ink ran", "raw": "the ink ran"}
    with pytest.raises(NetworkError, match="duration"):
        await client.run(MODEL, params(duration="16"), contract="off")
    with pytest.raises(AuthError, match="invalid API key"):
        await seacloud(gateway, "two").run(MODEL, params(), contract="off")


def seaart(gateway: RunningSimulator, key: str = KEY) -> Client:
    """The vendor's client for *generation*."""
    return Client(ClientConfig(api_key=key, base_url=gateway.url))


def order(**changes: Any) -> dict[str, object]:
    return {"model": MODEL, "input": [{"params": params(**changes)}]}


def test_the_vendors_generation_client_buys_a_clip(gateway: RunningSimulator) -> None:
    modal = seaart(gateway).modal
    task = modal.create(order(external_task_id="sb-1"))
    assert (task.status, modal.get("sb-1").id) == ("in_queue", task.id)
    done = modal.wait(task.id, with_poll_interval(0.1))
    (content,) = done.output[0].content
    assert httpx.get(content.url).content.startswith(film(5, "16:9"))
    assert done.usage is not None
    assert done.usage.cost_float64() == 0.42


def test_the_vendors_generation_client_reads_failures_and_refusals(gateway: RunningSimulator) -> None:
    modal = seaart(gateway).modal
    gateway.stage({"do": "fail", "message": "the ink ran"})
    with pytest.raises(SeaArtError, match="task failed: the ink ran"):
        modal.wait(modal.create(order()).id, with_poll_interval(0.1))
    for changes, key, status in (({"duration": "16"}, KEY, 400), ({}, "two", 401)):
        with pytest.raises(SeaArtError) as refused:
            seaart(gateway, key).modal.create(order(**changes))
        assert refused.value.status == status


FAL = """
import json, os, fal_client
client = fal_client.SyncClient(key=os.environ["KEY"])
handle = client.submit(os.environ["MODEL"], json.loads(os.environ["PARAMS"]))
seen = [type(handle.status()).__name__]
result = handle.get(interval=0.1)
done = handle.status(with_logs=True)
refused = []
for again in (handle.cancel, lambda: client.submit(os.environ["MODEL"], {}), lambda: client.submit("nobody/here", {})):
    try:
        again()
    except fal_client.FalClientHTTPError as error:
        refused.append([error.status_code, error.message])
print(json.dumps({"seen": seen, "result": result, "metrics": done.metrics, "logs": done.logs, "refused": refused}))
"""


def test_client_of_the_similar_queue_buys_a_clip(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    config = SimulatorConfig(take=1.0, certificate=tmp_path / "certificate.pem", private_key=tmp_path / "key.pem")
    with serve(config, clips=SimulatedClips(film)) as gateway:
        environment = {
            **os.environ,
            "FAL_QUEUE_RUN_HOST": f"{gateway.url.removeprefix('https://')}/model/v1/queue",
            "SSL_CERT_FILE": str(tmp_path / "authority.pem"),
            "KEY": KEY,
            "MODEL": MODEL,
            "PARAMS": json.dumps(params()),
        }
        done = subprocess.run(
            [sys.executable, "-c", FAL], env=environment, capture_output=True, check=False, timeout=PATIENCE, text=True
        )
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert gateway.totals().of(account_of(KEY)).billed_tasks == 1
    assert told["seen"][0] in ("Queued", "InProgress")
    assert told["result"]["outputs"][0]["content_type"] == "video/mp4"
    assert told["logs"] == []
    assert told["metrics"]["inference_time"] > 0
    assert [status for status, _ in told["refused"]] == [400, 400, 404]
    assert told["refused"][0][1] == "the request is completed"
