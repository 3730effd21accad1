"""What comes from the network is bounded: in bytes as sent and as decoded, in time, and in which version it is of."""

from __future__ import annotations

import asyncio
import gzip
import os
import tracemalloc
import zlib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.media.animatic import render_animatic
from storyboard.media.render_options import Card, RenderOptions
from storyboard.providers.calls import HttpCall, HttpReply, NoReply, Reply
from storyboard.providers.kirin.gateway import Kirin
from storyboard.run.effects import Barred, Cut, Download, Whole, Wrong
from storyboard.run.gateway_connection import LARGEST_REPLY
from storyboard.run.http_client import HttpClient
from tests.support.waiting import PATIENCE
from tests.support.wire import Answer, Request, Wire, serving

KEY = "sk-very-secret"
BODY = b'{"id": "t1", "status": "queued"}'


async def asked(answer: Callable[[Request], Answer]) -> tuple[Reply, Wire]:
    async with serving(answer) as wire:
        client = HttpClient(Kirin(wire.base), KEY)
        try:
            return await client.ask(HttpCall("GET", f"{wire.base}/task")), wire
        finally:
            await client.aclose()


async def test_no_content_encoding_is_requested() -> None:
    _, wire = await asked(lambda request: Answer(200, BODY))
    assert wire.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(BODY, mtime=0)),
        ("x-gzip", gzip.compress(BODY, mtime=0)),
        ("deflate", zlib.compress(BODY)),
        ("deflate", zlib.compress(BODY)[2:-4]),
        ("gzip, gzip", gzip.compress(gzip.compress(BODY, mtime=0), mtime=0)),
        ("identity", BODY),
        ("", BODY),
    ],
)
async def test_unrequested_content_encoding_is_decoded(coding: str, body: bytes) -> None:
    reply, _ = await asked(lambda request: Answer(200, body, {"Content-Encoding": coding}))
    assert isinstance(reply, HttpReply) and reply.body == BODY


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_compressed_reply_cannot_grow_large(times: int) -> None:
    body = b"\0" * 300_000_000
    for _ in range(times):
        body = gzip.compress(body)
    coding = ", ".join(["gzip"] * times)
    tracemalloc.start()
    reply, _ = await asked(lambda request: Answer(200, body, {"Content-Encoding": coding}))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(reply, HttpReply) and len(reply.body) <= LARGEST_REPLY
    assert most < 40_000_000


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip", "\x1b[2J", "gzip, br"])
async def test_undecodable_reply_is_no_answer(coding: str) -> None:
    reply, _ = await asked(lambda request: Answer(200, BODY, {"Content-Encoding": coding}))
    assert isinstance(reply, NoReply) and reply.sent
    assert "\x1b" not in repr(reply)


async def dripped(beginning: bytes) -> Reply:
    """The answer of a gateway that sends a byte at a time, for ever."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(beginning)
            while True:
                writer.write(b"a")
                await writer.drain()
                await asyncio.sleep(0.02)
        except ConnectionError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    client = HttpClient(Kirin(base), KEY, longest=0.5)
    try:
        async with asyncio.timeout(PATIENCE):
            return await client.ask(HttpCall("POST", f"{base}/model", {}))
    finally:
        await client.aclose()
        server.close()


@pytest.mark.parametrize(
    "beginning", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"]
)
async def test_dripping_reply_ends_at_the_request_timeout(beginning: bytes) -> None:
    reply = await dripped(beginning)
    assert isinstance(reply, NoReply) and reply.sent, "it may have been heard"


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """Two versions of a clip, of one length in bytes."""
    folder = tmp_path_factory.mktemp("clips")
    made = []
    for text in ("One.", "Two."):
        file = folder / f"{text}mp4"
        render_animatic([Card(text, Decimal(3))], "16:9", file, RenderOptions(64, 4))
        made.append(file.read_bytes())
    longest = max(map(len, made))
    free = [longest + 8 - len(each) for each in made]
    return tuple(
        each + size.to_bytes(4, "big") + b"free" + bytes(size - 8) for each, size in zip(made, free, strict=True)
    )  # type: ignore[return-value]


async def fetched_in_two(
    target: Path, first: Answer, second: Callable[[Request], Answer]
) -> tuple[list[Download], Wire]:
    """Two requests for one clip, the first of which is cut."""

    def answer(request: Request) -> Answer:
        return first if len(wire_requests) == 0 or wire_requests[0] is request else second(request)

    async with serving(answer) as wire:
        wire_requests = wire.requests
        client = HttpClient(Kirin(wire.base), KEY)
        try:
            return [await client.get(f"{wire.base}/clip.mp4", target, 3, None, lambda *_: None) for _ in range(2)], wire
        finally:
            await client.aclose()


def ranged(clip: bytes, request: Request, **headers: str) -> Answer:
    start = int(request.headers["range"].removeprefix("bytes=").rstrip("-"))
    more = {"Content-Range": f"bytes {start}-{len(clip) - 1}/{len(clip)}", **headers}
    return Answer(206, clip[start:], more)


async def test_resumed_download_names_its_version(tmp_path: Path, clips: tuple[bytes, bytes]) -> None:
    old, _ = clips
    first = Answer(200, old[:1000], {"ETag": '"one"'}, len(old))
    (cut, whole), wire = await fetched_in_two(tmp_path / "a.part", first, lambda r: ranged(old, r, ETag='"one"'))
    assert isinstance(cut, Cut) and isinstance(whole, Whole)
    assert wire.requests[1].headers["if-range"] == '"one"'
    assert whole.clip.read_bytes() == old
    assert os.listdir(tmp_path) == ["a.part"]  # noqa: PTH208


@pytest.mark.parametrize("was", ['"one"', 'W/"one"', None])
async def test_parts_of_two_versions_are_never_joined(
    tmp_path: Path, clips: tuple[bytes, bytes], was: str | None
) -> None:
    old, new = clips
    tag = {"ETag": was} if was else {"Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}
    now = {"ETag": '"two"'} if was else {"Last-Modified": "Tue, 02 Jan 2024 00:00:00 GMT"}
    first = Answer(200, old[:1000], tag, len(old))
    (cut, again), _ = await fetched_in_two(tmp_path / "a.part", first, lambda r: ranged(new, r, **now))
    assert isinstance(cut, Cut) and isinstance(again, Cut)
    assert not (tmp_path / "a.part").exists(), "it begins anew"


async def test_part_of_a_file_of_another_length_is_refused(tmp_path: Path, clips: tuple[bytes, bytes]) -> None:
    old, new = clips
    first = Answer(200, old[:1000], {}, len(old))
    (_, again), _ = await fetched_in_two(tmp_path / "a.part", first, lambda r: ranged(new + b"\0", r))
    assert isinstance(again, Cut) and not (tmp_path / "a.part").exists()


@pytest.mark.parametrize("note", ["", "[", "7", '["\\r\\nX: y", "1"]', '["a"]', "[1, 2]", "[" * 5000])
async def test_malformed_note_is_ignored(tmp_path: Path, clips: tuple[bytes, bytes], note: str) -> None:
    old, _ = clips
    (tmp_path / "a.part").write_bytes(old[:1000])
    (tmp_path / "a.part.version").write_text(note)
    async with serving(lambda request: ranged(old, request)) as wire:
        client = HttpClient(Kirin(wire.base), KEY)
        got = await client.get(f"{wire.base}/clip.mp4", tmp_path / "a.part", 3, None, lambda *_: None)
        await client.aclose()
    assert isinstance(got, Whole)
    assert "if-range" not in wire.requests[0].headers


async def fetched(target: Path, first: Answer, then: bytes = b"") -> tuple[list[Download], Wire]:
    """A clip asked for twice: the first answer, then the rest of the clip, or all of it."""

    def second(request: Request) -> Answer:
        return ranged(then, request) if "range" in request.headers else Answer(200, then)

    return await fetched_in_two(target, first, second)


async def test_range_that_nobody_asked_for_is_continued(tmp_path: Path, clips: tuple[bytes, bytes]) -> None:
    clip, _ = clips
    part = Answer(206, clip[:1000], {"Content-Range": f"bytes 0-999/{len(clip)}", "ETag": '"one"'})
    (cut, whole), wire = await fetched(tmp_path / "a.part", part, clip)
    assert isinstance(cut, Cut) and isinstance(whole, Whole)
    assert (wire.requests[1].headers["range"], wire.requests[1].headers["if-range"]) == ("bytes=1000-", '"one"')
    assert whole.clip.read_bytes() == clip


async def test_whole_clip_is_kept_whatever_length_the_server_states(tmp_path: Path, clips: tuple[bytes, bytes]) -> None:
    clip, _ = clips
    answer = Answer(206, clip, {"Content-Range": f"bytes 0-{len(clip) - 1}/{2 * len(clip)}"})
    (whole, _), _ = await fetched(tmp_path / "a.part", answer, clip)
    assert isinstance(whole, Whole)


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 20, "\u00b2", "-1", "1e3", ""])
async def test_odd_numbers_of_bytes_are_not_believed(tmp_path: Path, clips: tuple[bytes, bytes], number: str) -> None:
    clip, _ = clips
    answer = Answer(206, clip, {"Content-Range": f"bytes {number}-{number}/{number}"})
    (cut, whole), _ = await fetched(tmp_path / "a.part", answer, clip)
    assert isinstance(cut, Cut) and isinstance(whole, Whole)


async def test_compressed_clip_is_decompressed(tmp_path: Path, clips: tuple[bytes, bytes]) -> None:
    clip, _ = clips
    zipped = Answer(200, gzip.compress(clip), {"Content-Encoding": "gzip", "Content-Type": "video/mp4"})
    (whole, _), _ = await fetched(tmp_path / "a.part", zipped, clip)
    assert isinstance(whole, Whole)
    assert whole.clip.read_bytes() == clip


@pytest.mark.parametrize("damage", [lambda zipped: zipped[:1500], lambda zipped: zipped[:700] + bytes(400)])
async def test_damaged_compressed_clip_begins_again(
    tmp_path: Path, clips: tuple[bytes, bytes], damage: Callable[[bytes], bytes]
) -> None:
    clip, _ = clips
    zipped = Answer(200, damage(gzip.compress(clip)), {"Content-Encoding": "gzip"})
    (cut, whole), wire = await fetched(tmp_path / "a.part", zipped, clip)
    assert isinstance(cut, Cut) and isinstance(whole, Whole)
    assert "range" not in wire.requests[1].headers


async def test_compressed_clip_cannot_grow_large(tmp_path: Path, clips: tuple[bytes, bytes]) -> None:
    bomb = gzip.compress(b"\0\0\0\x18ftypmp42" + bytes(60_000_000))
    (barred, _), _ = await fetched(tmp_path / "a.part", Answer(200, bomb, {"Content-Encoding": "gzip"}), clips[0])
    assert isinstance(barred, Barred) and "larger than" in barred.message
    assert os.listdir(tmp_path) == [] or (tmp_path / "a.part").stat().st_size < 50_000_000  # noqa: PTH208


async def test_clip_labelled_compressed_that_is_not_is_kept(tmp_path: Path, clips: tuple[bytes, bytes]) -> None:
    (whole, _), _ = await fetched(tmp_path / "a.part", Answer(200, clips[0], {"Content-Encoding": "gzip"}))
    assert isinstance(whole, Whole)


async def test_unplayable_download_is_described_without_the_name_of_a_scratch_file(tmp_path: Path) -> None:
    (wrong, _), _ = await fetched(tmp_path / "a.part", Answer(200, b"\0\0\0\x18ftypmp42" + bytes(100)))
    assert isinstance(wrong, Wrong)
    assert wrong.message.startswith("it ") and "a.part" not in wrong.message
