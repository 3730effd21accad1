from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.media.animatic import render_animatic
from storyboard.media.render_options import Card, RenderOptions
from storyboard.providers.answers import Denied
from storyboard.providers.calls import HttpCall, HttpReply, NoReply
from storyboard.providers.kirin.gateway import Kirin
from storyboard.run.effects import NOT_ALLOWED, Barred, Cut, Download, Expired, Whole, Wrong
from storyboard.run.http_client import HttpClient
from storyboard.run.url_policy import AddressRules, Allowed, Refusal, is_public
from tests.support.waiting import PATIENCE
from tests.support.wire import Answer, Request, Wire, serving

KEY = "sk-very-secret"


@asynccontextmanager
async def talking(
    answer: Callable[[Request], Answer], hosts: tuple[str, ...] = ()
) -> AsyncIterator[tuple[HttpClient, Wire]]:
    async with serving(answer) as wire:
        client = HttpClient(Kirin(wire.base), KEY, hosts)
        try:
            yield client, wire
        finally:
            await client.aclose()


async def test_request_carries_the_key_an_id_and_its_exact_body() -> None:
    async with talking(lambda request: Answer(200, b'{"id": "t1"}')) as (client, wire):
        reply = await client.ask(HttpCall("POST", f"{wire.base}/model", {"prompt": "灯笼"}))
    assert isinstance(reply, HttpReply)
    assert (reply.status, reply.body) == (200, b'{"id": "t1"}')
    (request,) = wire.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["x-request-id"]
    assert json.loads(request.body) == {"prompt": "灯笼"}


async def test_each_post_has_a_connection_of_its_own_and_polls_share_one() -> None:
    async with talking(lambda request: Answer(200, b"{}")) as (client, wire):
        for _ in range(3):
            await client.ask(HttpCall("GET", f"{wire.base}/task"))
        assert wire.connections == 1
        for _ in range(3):
            await client.ask(HttpCall("POST", f"{wire.base}/model", {}))
        assert wire.connections == 4


async def test_post_cancelled_while_connecting_is_never_sent() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        there = server.getsockname()
        first = socket.create_connection(there)  # none is taken beside it until it is accepted
        client = HttpClient(Kirin(f"http://127.0.0.1:{there[1]}"), KEY)
        try:
            asking = asyncio.create_task(client.ask(HttpCall("POST", f"http://127.0.0.1:{there[1]}/model", {})))
            await asyncio.sleep(0.2)
            assert not asking.done()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            server.settimeout(2)  # a connection that is still wanted is asked for again after a second
            server.accept()[0].close()
            with pytest.raises(TimeoutError):
                await asyncio.to_thread(server.accept)
        finally:
            first.close()
            await client.aclose()


async def test_post_whose_permission_ended_sends_no_byte() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        base = f"http://127.0.0.1:{server.getsockname()[1]}"
        client = HttpClient(Kirin(base), KEY)
        try:
            reply = await client.ask(HttpCall("POST", f"{base}/model", {}), lambda: False)
            assert reply == NOT_ALLOWED
            line = server.accept()[0]
            line.settimeout(PATIENCE)
            assert await asyncio.to_thread(line.recv, 1000) == b""
            line.close()
        finally:
            await client.aclose()


async def test_permission_is_asked_for_only_when_the_connection_is_open() -> None:
    """A permission is two seconds old at most when the first byte leaves, however long connecting took."""
    asked: list[bool] = []
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        there = server.getsockname()
        first = socket.create_connection(there)  # none is taken beside it until it is accepted
        base = f"http://127.0.0.1:{there[1]}"
        client = HttpClient(Kirin(base), KEY)

        def may_send() -> bool:
            asked.append(True)
            return True

        try:
            call = HttpCall("POST", f"{base}/model", {})
            asking = asyncio.create_task(client.ask(call, may_send))
            await asyncio.sleep(0.3)
            assert not asked
            server.settimeout(PATIENCE)
            server.accept()[0].close()
            line = (await asyncio.to_thread(server.accept))[0]
            line.settimeout(PATIENCE)
            assert (await asyncio.to_thread(line.recv, 1000)).startswith(b"POST /model")
            assert set(asked) == {True}
            line.close()
            reply = await asking
            assert isinstance(reply, NoReply) and reply.sent
        finally:
            first.close()
            await client.aclose()


async def test_permission_that_became_old_while_the_event_loop_was_busy_is_asked_for_again() -> None:
    async with talking(lambda request: Answer(200, b"{}")) as (client, wire):
        loop, answers = asyncio.get_running_loop(), [True, False]

        def may_send() -> bool:
            loop.call_soon_threadsafe(time.sleep, 0.7)  # before the loop comes to the answer
            time.sleep(0.05)
            return answers.pop(0)

        assert await client.ask(HttpCall("POST", f"{wire.base}/model", {}), may_send) == NOT_ALLOWED
        assert not answers
        assert not wire.requests


async def test_post_follows_no_redirect_and_is_never_repeated() -> None:
    for answer in (Answer(307, headers={"location": "/elsewhere"}), Answer(reset=True, silent=True), Answer(503)):
        async with talking(lambda request, answer=answer: answer) as (client, wire):  # type: ignore[misc]
            await client.ask(HttpCall("POST", f"{wire.base}/model", {}))
            assert len(wire.requests) == 1


@pytest.mark.parametrize("answer", [Answer(silent=True), Answer(reset=True, silent=True), Answer(body=b"{", length=50)])
async def test_sent_but_unanswered_request_is_reported_as_such(answer: Answer) -> None:
    async with talking(lambda request: answer) as (client, wire):
        reply = await client.ask(HttpCall("POST", f"{wire.base}/model", {}))
    assert isinstance(reply, NoReply)
    assert reply.sent


async def test_request_that_was_never_sent_is_reported_as_such() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{free.getsockname()[1]}"
        client = HttpClient(Kirin(base), KEY)
        reply = await client.ask(HttpCall("POST", f"{base}/model", {}))
        await client.aclose()
    assert isinstance(reply, NoReply)
    assert not reply.sent


async def test_key_repeated_by_the_server_is_redacted() -> None:
    async with talking(lambda request: Answer(401, f"bad key {KEY}".encode())) as (client, wire):
        reply = await client.ask(HttpCall("GET", f"{wire.base}/task"))
    assert Kirin().read_submit(reply) == Denied("key", "bad key [key]")
    assert KEY not in repr(reply.headers if isinstance(reply, HttpReply) else "")


async def test_key_goes_only_to_the_gateway() -> None:
    async with serving(lambda request: Answer()) as elsewhere:
        client = HttpClient(Kirin("https://gateway.test"), KEY)
        for url in ("https://gateway.test.evil.test/task", "https://gateway.test", f"{elsewhere.base}/task"):
            reply = await client.ask(HttpCall("GET", url))
            assert isinstance(reply, NoReply)
            assert not reply.sent
            assert "is not an address of https://gateway.test" in reply.reason
        await client.aclose()
    assert not elsewhere.connections


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("clip") / "clip.mp4"
    render_animatic([Card("A boat.", Decimal(3))], "16:9", file, RenderOptions(320, 12))
    return file.read_bytes()


async def download(
    answer: Callable[[Request], Answer], target: Path, *, max_bytes: int | None = None, **options: tuple[str, ...]
) -> tuple[Download, Wire]:
    async with talking(answer, **options) as (client, wire):
        address = f"{wire.base}/clip.mp4?signed=1"
        return await client.get(address, target, 3, max_bytes, lambda received, total: None), wire


async def test_clip_is_downloaded_without_the_key(clip: bytes, tmp_path: Path) -> None:
    got, wire = await download(lambda request: Answer(200, clip), tmp_path / "a.part")
    assert got == Whole(tmp_path / "a.part")
    assert (tmp_path / "a.part").read_bytes() == clip
    assert KEY not in str(wire.requests)


async def test_clip_size_is_limited_by_its_card(clip: bytes, tmp_path: Path) -> None:
    def answer(request: Request) -> Answer:
        return Answer(200, clip)

    got, _ = await download(answer, tmp_path / "a.part", max_bytes=len(clip))
    assert got == Whole(tmp_path / "a.part")
    got, _ = await download(answer, tmp_path / "b.part", max_bytes=len(clip) - 1)
    assert isinstance(got, Barred)
    assert f"larger than {len(clip) - 1:,} bytes" in got.message
    assert not (tmp_path / "b.part").exists()


async def test_interrupted_download_is_resumed(clip: bytes, tmp_path: Path) -> None:
    def answer(request: Request) -> Answer:
        asked = request.headers.get("range")
        if asked is None:
            return Answer(200, clip[:1000], length=len(clip))
        start = int(asked.removeprefix("bytes=").rstrip("-"))
        content_range = {"content-range": f"bytes {start}-{len(clip) - 1}/{len(clip)}"}
        return Answer(206, clip[start:], content_range)

    target = tmp_path / "a.part"
    cut, _ = await download(answer, target)
    assert isinstance(cut, Cut)
    assert cut.received == 1000
    got, wire = await download(answer, target)
    assert got == Whole(target)
    assert [request.headers.get("range") for request in wire.requests] == ["bytes=1000-"]


async def test_download_without_range_support_starts_again(clip: bytes, tmp_path: Path) -> None:
    target = tmp_path / "a.part"
    target.write_bytes(clip[:1000])
    got, _ = await download(lambda request: Answer(200, clip), target)
    assert got == Whole(target)
    target.write_bytes(clip[:1000])
    got, _ = await download(lambda request: Answer(206, clip[5:], {"content-range": "bytes 5-9/10"}), target)
    assert isinstance(got, Cut)
    assert not target.exists()


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_expired_address(status: int, tmp_path: Path) -> None:
    got, _ = await download(lambda request: Answer(status), tmp_path / "a.part")
    assert got == Expired(f"HTTP {status}")


async def test_server_error_keeps_the_partial_download(clip: bytes, tmp_path: Path) -> None:
    target = tmp_path / "a.part"
    target.write_bytes(clip[:1000])
    got, _ = await download(lambda request: Answer(503), target)
    assert got == Cut("HTTP 503", 1000)


async def test_file_that_is_not_a_clip_is_not_kept(clip: bytes, tmp_path: Path) -> None:
    target = tmp_path / "a.part"
    for body in (b"<html>no</html>", clip[: len(clip) // 2], b""):
        got, _ = await download(lambda request, body=body: Answer(200, body), target)  # type: ignore[misc]
        assert isinstance(got, Wrong)
        assert not target.exists()


async def test_a_clip_of_another_length_is_kept_and_both_lengths_are_known(tmp_path: Path) -> None:
    file = tmp_path / "long.mp4"
    render_animatic([Card("A boat.", Decimal(6))], "16:9", file, RenderOptions(320, 12))
    got, _ = await download(lambda request: Answer(200, file.read_bytes()), tmp_path / "a.part")
    assert isinstance(got, Whole)
    assert got.lasts == 6.0


async def test_redirects_are_checked_again(clip: bytes, tmp_path: Path) -> None:
    def answer(request: Request) -> Answer:
        if request.path.startswith("/clip"):
            return Answer(302, headers={"location": "/other"})
        return Answer(200, clip)

    got, wire = await download(answer, tmp_path / "a.part")
    assert isinstance(got, Whole)
    assert [request.path for request in wire.requests] == ["/clip.mp4?signed=1", "/other"]
    got, wire = await download(lambda r: Answer(302, headers={"location": "http://10.0.0.1/x"}), tmp_path / "b.part")
    assert isinstance(got, Barred)
    assert len(wire.requests) == 1
    got, wire = await download(lambda r: Answer(302, headers={"location": "/round"}), tmp_path / "c.part")
    assert isinstance(got, Barred)


async def test_download_hosts_restrict_it_further(clip: bytes, tmp_path: Path) -> None:
    got, wire = await download(lambda request: Answer(200, clip), tmp_path / "a.part", hosts=("files.test",))
    assert got == Barred("127.0.0.1 is not among download_hosts")
    assert not wire.requests


@pytest.mark.parametrize(
    "url",
    [
        "http://8.8.8.8/clip",
        "ftp://8.8.8.8/clip",
        "file:///etc/passwd",
        "https://user:word@8.8.8.8/clip",
        "https://10.0.0.1/clip",
        "https://127.0.0.1/clip",
        "https://[::1]/clip",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/clip",
        "https://[64:ff9b::a00:1]/clip",
        "https://100.64.0.1/clip",
        "https://localhost/clip",
        "https://0/clip",
        "https://0x7f000001/clip",
        "https://[bad/clip",
    ],
)
def test_addresses_forbidden_to_a_gateway_on_the_internet(url: str) -> None:
    assert isinstance(AddressRules("https://8.8.8.8").judge(url), Refusal)


def test_allowed_download_addresses() -> None:
    assert AddressRules("https://8.8.8.8").judge("https://8.8.4.4/clip") == Allowed("8.8.4.4")
    assert AddressRules("https://10.0.0.1").judge("https://10.0.0.2/clip") == Allowed("10.0.0.2")
    assert AddressRules("https://8.8.8.8", ("*.8.4.4",)).judge("https://8.8.4.4/clip") == Allowed("8.8.4.4")
    assert isinstance(AddressRules("https://127.0.0.1").judge("http://127.0.0.1/clip"), Refusal)


def test_wrapped_addresses_are_unwrapped() -> None:
    import ipaddress

    assert is_public(ipaddress.ip_address("::ffff:8.8.8.8"))
    assert not is_public(ipaddress.ip_address("2002:0a00:0001::"))


async def test_at_most_eight_connections_are_open_at_once() -> None:
    async with talking(lambda request: Answer(200, b"{}")) as (client, wire):
        await asyncio.gather(*(client.ask(HttpCall("GET", f"{wire.base}/task")) for _ in range(100)))
    assert len(wire.requests) == 100
    assert wire.connections <= 8


@pytest.mark.parametrize(("together", "most"), [(1, 8), (64, 8), (200, 25), (100_000, 32)])
async def test_many_jobs_in_flight_have_more_connections_up_to_a_limit(together: int, most: int) -> None:
    async with serving(lambda request: Answer(200, b"{}")) as wire:
        client = HttpClient(Kirin(wire.base), KEY, together=together)
        await asyncio.gather(*(client.ask(HttpCall("GET", f"{wire.base}/task")) for _ in range(100)))
        await client.aclose()
    assert len(wire.requests) == 100
    assert wire.connections <= most
    assert wire.connections > 8 or most == 8


async def test_closing_ends_pending_requests(tmp_path: Path) -> None:
    heard: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as mute:
        mute.settimeout(PATIENCE)
        base = f"http://127.0.0.1:{mute.getsockname()[1]}"
        client = HttpClient(Kirin(base), KEY)
        asked = asyncio.create_task(client.ask(HttpCall("POST", f"{base}/model", {})))
        got = asyncio.create_task(
            client.get(f"{base}/clip", tmp_path / "a.part", 3, None, lambda received, total: None)
        )
        for _ in range(2):
            line, _ = await asyncio.to_thread(mute.accept)
            heard.append(line)
            assert await asyncio.to_thread(line.recv, 1000)
        await client.aclose()
        reply, download = await asyncio.wait_for(asyncio.gather(asked, got), PATIENCE)
    for line in heard:
        line.close()
    assert isinstance(reply, NoReply)
    assert reply.sent
    assert isinstance(download, Cut)


@pytest.mark.parametrize("host", ["a" * 300, "a..b", ".", "\u0430" * 80, f"{'a' * 64}.test"])
def test_host_that_cannot_exist_is_refused(host: str) -> None:
    assert isinstance(AddressRules("https://8.8.8.8").judge(f"https://{host}/v.mp4"), Refusal)


def test_host_in_another_script_is_asked_by_its_ascii_name() -> None:
    assert AddressRules("https://8.8.8.8").judge("https://b\u00fccher.invalid/v.mp4") == Allowed(
        "xn--bcher-kva.invalid"
    )
