"""The gateway on a real socket: what travels, how it is cut, and that nothing is left behind."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
import trustme

from storyboard.errors import UsageError
from storyboard.simulator import SimulatorConfig, account_of, serve
from storyboard.simulator.clips import SimulatedClips, small_film
from storyboard.simulator.server import RunningSimulator
from tests.support.gateway import MODEL, film, params
from tests.support.waiting import PATIENCE, until

KEY = {"Authorization": "Bearer one"}
GENERATION = "/model/v1/generation"
QUEUE = f"/model/v1/queue/{MODEL}"
SOON = httpx.Timeout(PATIENCE, read=0.1)


@pytest.fixture
def running() -> Iterator[RunningSimulator]:
    with serve(SimulatorConfig(take=0.05), clips=SimulatedClips(film)) as running:
        yield running


@pytest.fixture
def client(running: RunningSimulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.url, headers=KEY, timeout=PATIENCE) as client:
        yield client


def fetch(url: str, **more: Any) -> httpx.Response:
    return httpx.get(url, timeout=PATIENCE, **more)


def submit(client: httpx.Client, external_id: str | None = None, **more: Any) -> httpx.Response:
    ids = {"external_task_id": external_id} if external_id else {}
    return client.post(GENERATION, json={"model": MODEL, "input": [{"params": {**params(**more), **ids}}]})


def finished(client: httpx.Client, task: str) -> dict[str, Any]:
    def told() -> dict[str, Any] | None:
        document: dict[str, Any] = client.get(f"{GENERATION}/task/{task}").json()
        return document if document["status"] in ("completed", "failed") else None

    document: dict[str, Any] = until(told)
    return document


def clip_url(client: httpx.Client, **more: Any) -> str:
    return str(finished(client, submit(client, **more).json()["id"])["output"][0]["content"][0]["url"])


def test_a_clip_is_sold(running: RunningSimulator, client: httpx.Client) -> None:
    accepted = submit(client, "sb-1").json()
    told = finished(client, accepted["id"])
    assert (accepted["status"], told["usage"]["cost"]) == ("in_queue", "0.42")
    (video,) = told["output"][0]["content"]
    clip = fetch(video["url"])
    assert (clip.status_code, clip.headers["content-type"]) == (200, "video/mp4")
    part = fetch(video["url"], headers={"Range": "bytes=10-"})
    assert (part.status_code, part.content) == (206, clip.content[10:])
    assert httpx.head(video["url"]).headers["content-length"] == str(len(clip.content))
    assert running.totals().paid == Decimal("0.42")


def test_a_clip_is_sold_by_the_queue(running: RunningSimulator, client: httpx.Client) -> None:
    running.configure(SimulatorConfig(take=3600))
    accepted = client.post(QUEUE, json=params()).json()
    assert client.get(accepted["response_url"]).status_code == 202
    running.jump(3600)
    assert client.get(accepted["status_url"]).json()["status"] == "COMPLETED"
    (output,) = client.get(accepted["response_url"]).json()["outputs"]
    assert len(fetch(output["url"]).content) == output["file_size"]
    assert client.put(accepted["cancel_url"]).status_code == 400


@pytest.mark.parametrize("ratio", ["16:9", "9:16", "1:1"])
def test_clips_are_real_films_of_the_promised_length_and_shape(tmp_path: Path, ratio: str) -> None:
    clips = SimulatedClips(small_film, size=50_000)
    wide, high = (int(side) for side in ratio.split(":"))
    bodies = [clips.clip(4, ratio, name) for name in ("one", "two")]
    assert bodies[0] != bodies[1]
    for body in bodies:
        (tmp_path / "clip.mp4").write_bytes(body)
        with av.open(str(tmp_path / "clip.mp4")) as container:
            (video,) = container.streams.video
            assert container.duration == 4_000_000
            assert abs(video.width / video.height - wide / high) < 0.03
            assert len(list(container.decode(video))) == video.frames
    assert len(bodies[0]) == 50_000


def test_request_id_is_returned(client: httpx.Client) -> None:
    assert client.get(f"{GENERATION}/task/x", headers={"X-Request-Id": "r7"}).headers["x-request-id"] == "r7"
    assert client.get(f"{GENERATION}/task/x").headers["x-request-id"]


# connections that end


def test_a_lost_reply_leaves_a_task(running: RunningSimulator, client: httpx.Client) -> None:
    running.stage({"do": "lost-reply"})
    with pytest.raises(httpx.RemoteProtocolError):
        submit(client, "sb-1")
    assert client.get(f"{GENERATION}/task/sb-1").status_code == 200
    assert submit(client, "sb-1").status_code == 409


def test_a_reset_leaves_none(running: RunningSimulator, client: httpx.Client) -> None:
    running.stage({"do": "reset"})
    with pytest.raises(httpx.ReadError):
        submit(client, "sb-1")
    assert client.get(f"{GENERATION}/task/sb-1").status_code == 404


def test_reply_is_cut_in_the_middle(running: RunningSimulator, client: httpx.Client) -> None:
    running.stage({"do": "cut-reply", "share": 0.5})
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        submit(client, "sb-1")
    assert submit(client, "sb-1").status_code == 409


def test_a_download_is_cut_and_resumed(running: RunningSimulator, client: httpx.Client) -> None:
    url = clip_url(client)
    whole = fetch(url).content
    running.stage({"do": "cut", "share": 0.5})
    got = b""
    with pytest.raises(httpx.RemoteProtocolError), httpx.stream("GET", url, timeout=PATIENCE) as reply:
        assert reply.headers["content-length"] == str(len(whole))
        for chunk in reply.iter_raw():
            got += chunk
    assert got == whole[: len(whole) // 2]
    assert got + fetch(url, headers={"Range": f"bytes={len(got)}-"}).content == whole


def test_stalled_reply_is_late_but_processed(running: RunningSimulator, client: httpx.Client) -> None:
    running.stage({"do": "stall", "seconds": 0.3})
    began = time.monotonic()
    assert submit(client, "sb-1").status_code == 200
    assert time.monotonic() - began >= 0.3
    assert running.totals().of(account_of("one")).tasks == 1


def test_hesitating_reply_pauses_and_continues(running: RunningSimulator, client: httpx.Client) -> None:
    url = clip_url(client)
    whole = fetch(url).content
    running.stage({"do": "hesitate", "seconds": 0.3, "share": 0.2})
    began = time.monotonic()
    assert fetch(url).content == whole
    assert time.monotonic() - began >= 0.3
    running.stage({"do": "hesitate", "seconds": 3600, "share": 0.2})
    with httpx.stream("GET", url, timeout=SOON) as reply, pytest.raises(httpx.ReadTimeout):
        reply.read()


def test_huge_file_has_the_stated_length(running: RunningSimulator, client: httpx.Client) -> None:
    url = clip_url(client)
    length = len(fetch(url).content)
    running.stage({"do": "huge", "bytes": 5_000_000})
    assert len(fetch(url).content) == length + 5_000_000
    running.stage({"do": "huge", "bytes": 2**40})
    with httpx.stream("GET", url, timeout=PATIENCE) as reply:
        assert reply.headers["content-length"] == str(length + 2**40)
    began = time.monotonic()
    running.stop()
    assert time.monotonic() - began < PATIENCE, "nothing is sent to somebody who left"


def test_redirected_order_would_be_accepted_at_its_target(running: RunningSimulator, client: httpx.Client) -> None:
    running.stage({"do": "redirect"})
    reply = submit(client, "sb-1")
    assert (reply.status_code, reply.has_redirect_location) == (307, True)
    assert running.totals().of(account_of("one")).tasks == 0
    running.stage({"do": "redirect"})
    followed = client.post(GENERATION, json={"model": MODEL, "input": [{"params": params()}]}, follow_redirects=True)
    assert followed.status_code == 200
    assert running.totals().of(account_of("one")).tasks == 1


def test_key_sent_to_a_file_is_counted_as_a_leak(running: RunningSimulator, client: httpx.Client) -> None:
    assert client.get(clip_url(client)).status_code == 403
    assert running.totals().of(account_of("one")).leaks == 1


# whoever runs it


def test_book_can_be_read(client: httpx.Client) -> None:
    submit(client, "sb-1")
    book = client.get("/__book").json()
    assert book["paid"] == "0.42"
    assert book["bought_twice"] == []
    assert book["accounts"][account_of("one")]["requests"] == {"submit": 1}
    assert [entry["what"] for entry in book["entries"][:3]] == ["task", "charge", "post"]
    assert len(client.get("/__book?entries=1").json()["entries"]) == 1


def test_faults_are_staged_listed_and_removed(client: httpx.Client) -> None:
    rules = [{"do": "balance", "code": 40202, "times": 2}, {"do": "stuck", "prompt": "boat"}]
    left = client.post("/__faults", json=rules).json()
    assert [rule["do"] for rule in left] == ["balance", "stuck"]
    assert submit(client).status_code == 402
    assert client.get("/__faults").json() == left
    assert client.delete("/__faults").json() == []
    assert submit(client).status_code == 200
    for wrong in (b'{"do": "stak"}', b"{", b"7"):
        refused = client.post("/__faults", content=wrong)
        assert (refused.status_code, refused.json().keys()) == (400, {"error", "help"})


def test_clock_can_be_advanced(running: RunningSimulator, client: httpx.Client) -> None:
    running.stage({"do": "slow", "seconds": 7200})
    task = submit(client).json()["id"]
    assert client.post("/__clock", json={"advance": 3600}).status_code == 200
    assert client.get(f"{GENERATION}/task/{task}").json()["status"] == "in_progress"
    running.jump(3600)
    assert client.get(f"{GENERATION}/task/{task}").json()["status"] == "completed"
    for wrong in (b"{}", b'{"advance": "soon"}', b'{"advance": -1}', b"[]", b'{"advance": 1e400}'):
        assert client.post("/__clock", content=wrong).status_code == 400


def test_behaviour_can_be_changed_while_running(running: RunningSimulator, client: httpx.Client) -> None:
    running.configure(SimulatorConfig(duplicates="replay", wrapped=True))
    first, again = (submit(client, "sb-1").json()["data"]["id"] for _ in range(2))
    assert first == again


# callbacks


@pytest.fixture
def listener() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    heard: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook?job=1", heard
        server.shutdown()
        thread.join()


def test_callbacks_are_sent(
    running: RunningSimulator, client: httpx.Client, listener: tuple[str, list[dict[str, Any]]]
) -> None:
    url, heard = listener
    task = submit(client, callback_url=url).json()["id"]
    until(lambda: len(heard) == 2)
    assert [(each["id"], each["status"]) for each in heard] == [(task, "in_progress"), (task, "completed")]
    assert fetch(heard[1]["output"][0]["content"][0]["url"]).status_code == 200
    written = until(lambda: [e for e in running.book.entries("callback") if e.detail == "completed"])
    assert [entry.answer for entry in written] == [204]


def test_failed_callback_is_recorded(running: RunningSimulator, client: httpx.Client) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        submit(client, callback_url=f"http://127.0.0.1:{unused.getsockname()[1]}/")
        until(lambda: len(running.book.entries("callback")) == 2)
    assert {entry.answer for entry in running.book.entries("callback")} == {"ConnectionRefusedError"}
    assert submit(client).status_code == 200


# the server itself


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    with serve(SimulatorConfig(), clips=SimulatedClips(film)):
        pass
    threads, files = threading.active_count(), open_files()
    began = time.monotonic()
    with serve(SimulatorConfig(book=tmp_path / "book.jsonl"), clips=SimulatedClips(film)) as running:
        running.stage({"do": "stall", "seconds": 3600})
        with httpx.Client(headers=KEY) as client, pytest.raises(httpx.ReadTimeout):
            client.post(f"{running.url}{GENERATION}", content=b"{}", timeout=SOON)
        idle = socket.create_connection(("127.0.0.1", int(running.url.rpartition(":")[2])))
    assert time.monotonic() - began < PATIENCE, "a stall of an hour is not waited for"
    idle.close()
    running.stop()
    assert (threading.active_count(), open_files()) == (threads, files)


def test_port_can_be_taken_only_once() -> None:
    with serve(clips=SimulatedClips(film)) as running:
        port = int(running.url.rpartition(":")[2])
        with pytest.raises(UsageError, match=f"cannot listen at 127.0.0.1:{port}"):
            serve(SimulatorConfig(port=port))
    with serve(SimulatorConfig(port=port), clips=SimulatedClips(film)) as again:
        assert again.url == running.url


def test_https_works(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    config = SimulatorConfig(take=0.01, certificate=tmp_path / "certificate.pem", private_key=tmp_path / "key.pem")
    with (
        serve(config, clips=SimulatedClips(film)) as running,
        httpx.Client(base_url=running.url, headers=KEY, verify=trust) as client,
    ):
        url = clip_url(client)
        assert url.startswith("https://")
        assert fetch(url, verify=trust).status_code == 200


async def test_a_thousand_tasks_at_once() -> None:
    with serve(SimulatorConfig(take=3600), clips=SimulatedClips(film)) as running:
        async with httpx.AsyncClient(base_url=running.url, headers=KEY, timeout=PATIENCE) as client:
            waiting = list(range(1000))
            replies: list[httpx.Response] = []

            async def buyer() -> None:
                while waiting:
                    order = params(f"Boat {(number := waiting.pop())}.", external_task_id=f"sb-{number}")
                    replies.append(await client.post(QUEUE, json=order))

            await asyncio.gather(*(buyer() for _ in range(4)))
        totals, unfinished = running.totals(), running.simulator.unfinished(account_of("one"))
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.json()["request_id"] for reply in replies}) == unfinished == 1000
    assert totals.paid == Decimal(420)
    assert not totals.bought_twice
