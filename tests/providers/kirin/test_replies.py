"""Recorded replies of real gateways, each with where it was seen and what it means; and replies that nobody has seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyboard.providers.answers import (
    Denied,
    NoGateway,
    NotFound,
    Phase,
    Refused,
    SubmitAnswer,
    Task,
    TaskAnswer,
    Unclear,
)
from storyboard.providers.calls import HttpReply
from storyboard.providers.kirin.gateway import Kirin
from storyboard.providers.kirin.vocabulary import CODES, NO_ERROR, STATUS_WORDS

RECORDED: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "cases" / "replies" / "kirin.json").read_text(encoding="utf-8")
)
GENERATION, QUEUE = Kirin("https://gateway.test"), Kirin("https://gateway.test", "queue")
BOTH = {"generation": GENERATION, "queue": QUEUE}
KINDS = ("submit", "task", "result")


def read(kirin: Kirin, kind: str, reply: HttpReply) -> SubmitAnswer | TaskAnswer:
    if kind == "submit":
        return kirin.read_submit(reply)
    return kirin.read_task("kirin_v3_t2v", "t", reply) if kind == "task" else kirin.read_result(reply)


def reply(body: object, status: int = 200, **headers: str) -> HttpReply:
    if isinstance(body, bytes):
        return HttpReply(status, body, headers)
    content = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return HttpReply(status, content.encode("utf-8", "surrogatepass"), headers)


def meaning(answer: SubmitAnswer | TaskAnswer) -> list[Any]:
    match answer:
        case Task(phase=Phase.COMPLETED):
            return ["done", len(answer.urls), None if answer.cost is None else str(answer.cost)]
        case Task(phase=Phase.FAILED, error=error):
            assert error is not None
            return ["failed-passing" if error.passing else "failed", error.message]
        case Task():
            return ["running"]
        case Denied(what=what):
            return [what]
        case Refused(message=message):
            return ["refused", message]
    return [type(answer).__name__.lower()]


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: case["name"])
def test_recorded_reply_has_the_expected_meaning(case: dict[str, Any]) -> None:
    said, *more = meaning(read(BOTH[case["dialect"]], case["kind"], reply(case["body"], case["status"])))
    wanted, *details = case["means"]
    assert said == wanted
    if wanted == "done":
        assert more == details
    elif details:
        assert details[0].lower() in more[0].lower()


DONE = {"id": "t", "status": "completed", "output": [{"content": [{"type": "video", "url": "https://cdn.test/v.mp4"}]}]}


@pytest.mark.parametrize("word", STATUS_WORDS)
@pytest.mark.parametrize("place", ["status", "task_status", "state"])
def test_status_word_is_read_in_every_place_case_and_envelope(word: str, place: str) -> None:
    phase = STATUS_WORDS[word]
    for written in (word, word.upper(), f" {word.title()} "):
        task = {"id": "t", place: written}
        for body in (task, {"data": task}, {"code": 0, "message": "SUCCEED", "data": task}, {"data": [task]}):
            answer = GENERATION.read_task("m", "t", reply(body))
            assert isinstance(answer, Task)
            assert (answer.phase, answer.known, answer.id) == (phase, True, "t")


@pytest.mark.parametrize("code", [0, "0", 200, "200", "success", "OK", "", "none"])
def test_finished_task_with_an_empty_error_is_done(code: object) -> None:
    answer = GENERATION.read_task("m", "t", reply(DONE | {"error": {"code": code, "message": "success"}}))
    assert isinstance(answer, Task)
    assert (answer.phase, len(answer.urls)) == (Phase.COMPLETED, 1)


def test_unknown_status_beside_a_video_address_is_done() -> None:
    answer = GENERATION.read_task("m", "t", reply(DONE | {"status": "archived"}))
    assert isinstance(answer, Task)
    assert (answer.phase, answer.urls) == (Phase.COMPLETED, ("https://cdn.test/v.mp4",))


@pytest.mark.parametrize(
    "where",
    [
        {"files": {"mp4": "https://cdn.test/v.mp4?sig=1"}},
        {"video_url": "https://cdn.test/v"},
        {"assets": [{"kind": "final", "download_url": "https://cdn.test/v"}]},
        {"response": {"generations": [{"video": {"url": "https://cdn.test/v"}}]}},
    ],
)
def test_video_address_is_found_anywhere_and_its_place_is_recorded(where: dict[str, Any]) -> None:
    answer = GENERATION.read_task("m", "t", reply({"id": "t", "status": "completed", **where}))
    assert isinstance(answer, Task)
    assert [url.partition("?")[0].removesuffix(".mp4") for url in answer.urls] == ["https://cdn.test/v"]
    assert len(answer.remarks) == 1 and "address of the video was in" in answer.remarks[0]


@pytest.mark.parametrize(
    "where",
    [
        {"response_url": "https://h/r", "status_url": "https://h/s", "cancel_url": "https://h/c"},
        {"output": [{"content": [{"type": "image", "url": "https://cdn.test/p.jpg"}]}]},
        {"thumbnail_url": "https://cdn.test/p"},
        {"input": {"image": "https://cdn.test/p"}},
        {"output": [{"url": "javascript:alert(1)"}, {"url": "https://x y"}, {"url": 7}]},
    ],
)
def test_other_address_is_not_taken_for_a_video(where: dict[str, Any]) -> None:
    answer = GENERATION.read_task("m", "t", reply({"id": "t", "status": "completed", **where}))
    assert isinstance(answer, Task)
    assert (answer.phase, answer.urls) == (Phase.COMPLETED, ())


@pytest.mark.parametrize("error_type", ["INTERNAL_SERVER_ERROR", "INFERENCE_TIMEOUT", "INFERENCE_FAILURE"])
def test_charged_or_content_failure_is_not_temporary(error_type: str) -> None:
    failed = {"request_id": "t", "status": "COMPLETED", "error": "it broke", "error_type": error_type}
    for body, passing in (
        (failed, True),
        (failed | {"usage": {"cost": "0"}}, True),
        (failed | {"usage": {"cost": "0.42"}}, False),
        (failed | {"error": "flagged by a content checker"}, False),
        (failed | {"error": "视频生成失败: 内容不符合规范"}, False),
    ):
        answer = QUEUE.read_task("m", "t", reply(body))
        assert isinstance(answer, Task) and answer.error is not None
        assert (answer.error.passing, answer.billed) == (passing, "usage" in body and not passing)


@pytest.mark.parametrize(
    ("usage", "cost", "remark"),
    [
        ({"cost": "0.42"}, "0.42", None),
        ({"cost": 0.42, "currency": "usd"}, "0.42", None),
        ({"cost": "3.20", "currency": "CNY"}, None, "3.20 CNY"),
        ({"cost": "¥3.20"}, None, "¥3.20"),
        ({"cost": "1e10"}, None, "1e10"),
        ({"cost": "-1"}, None, "-1"),
        ({"cost": "NaN"}, None, "NaN"),
        ({"cost": {"amount": 1}}, None, None),
        ({}, None, None),
        ("0.42", None, None),
    ],
)
def test_cost_is_an_amount_in_dollars_or_is_reported_as_odd(
    usage: object, cost: str | None, remark: str | None
) -> None:
    answer = GENERATION.read_task("m", "t", reply(DONE | {"usage": usage}))
    assert isinstance(answer, Task)
    assert (answer.cost and str(answer.cost)) == cost
    assert (remark is None) == (not answer.remarks)
    assert remark is None or remark in answer.remarks[0]


def test_overflowing_numbers_are_not_a_cost() -> None:
    for number in ("1e999", "1e99999999999999999999", "9" * 5000):
        text = json.dumps(DONE | {"usage": {"cost": 7}}).replace("7}", f"{number}}}")
        answer = GENERATION.read_task("m", "t", reply(text))
        assert isinstance(answer, Unclear) or (isinstance(answer, Task) and answer.cost is None)


@pytest.mark.parametrize(
    "body",
    [
        b'{"id": "\\ud800", "status": "in_queue"}',
        b'{"id": true, "status": "in_queue"}',
        json.dumps({"error": {"code": 1, "message": "x"}}).replace('"x"', "[" * 900 + "]" * 900).encode(),
        (b'{"data":' * 900) + b"{}" + b"}" * 900,
        b"\xff\xfe{}",
        b'{"id": "a\\nb", "status": "in_queue"}',
    ],
)
def test_odd_reply_to_a_submit_names_no_task(body: bytes) -> None:
    for kirin in BOTH.values():
        assert not isinstance(kirin.read_submit(reply(body)), Task)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("<html><title>Welcome</title></html>", 200),
        ("<!DOCTYPE html><h1>404 Not Found</h1>", 404),
        ("404 page not found", 404),
        ("", 301),
        ("", 308),
        ("<h1>400 The plain HTTP request was sent to HTTPS port</h1>", 400),
        ("Client sent an HTTP request to an HTTPS server.", 400),
    ],
)
def test_reply_that_is_not_from_a_gateway_refuses_nothing(body: str, status: int) -> None:
    for kirin in BOTH.values():
        assert isinstance(kirin.read_task("m", "t", reply(body, status)), NoGateway)


def test_web_page_instead_of_a_result_fails_no_task() -> None:
    for kirin in BOTH.values():
        answer = kirin.read_result(reply("<html><title>Welcome to the portal</title></html>"))
        assert isinstance(answer, NoGateway)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 404, 405, 410, 418, 451, 500, 503])
@pytest.mark.parametrize("body", ["", "moved", "<html>gone</html>", {}, {"id": 0}])
def test_only_a_clear_reply_refuses_a_submit(status: int, body: object) -> None:
    """The task may have been made all the same: whoever takes this for a refusal would buy a second."""
    for kirin in BOTH.values():
        assert isinstance(kirin.read_submit(reply(body, status)), Unclear)


@pytest.mark.parametrize("kirin", BOTH.values(), ids=BOTH)
def test_403_about_content_refuses_the_shot_and_other_403s_the_account(kirin: Kirin) -> None:
    assert isinstance(kirin.read_submit(reply({"detail": "prompt flagged by moderation"}, 403)), Refused)
    assert isinstance(kirin.read_submit(reply({"detail": "Model not allowed for this user"}, 403)), Denied)
    page = kirin.read_submit(reply("<html><title>Just a moment...</title></html>", 403))
    assert isinstance(page, Denied) and "in front of the gateway" in page.message


FINAL = {word for word, phase in STATUS_WORDS.items() if phase is not Phase.RUNNING}
KNOWN = {*FINAL, *map(str.lower, CODES), *NO_ERROR}
TEXTS = st.text(max_size=20).filter(lambda text: text.strip().lower() not in KNOWN)
NAMES = st.sampled_from(
    [
        "id",
        "task_id",
        "request_id",
        "state",
        "status",
        "task_status",
        "output",
        "outputs",
        "url",
        "usage",
        "cost",
        "type",
    ]
) | st.text(max_size=8)
SCALARS = st.none() | st.booleans() | st.integers(2000, 4999) | st.floats() | TEXTS
OBJECTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=20
)
ENVELOPES = st.sampled_from([
    lambda inner: inner,
    lambda inner: {"data": inner},
    lambda inner: {"data": [inner], "status": {"code": 200, "message": "success"}},
    lambda inner: {"code": 0, "message": "SUCCEED", "data": inner},
])  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(OBJECTS, ENVELOPES, st.sampled_from([200, 201, 202]), st.sampled_from(KINDS[:2]), st.sampled_from(sorted(BOTH)))
def test_unknown_shape_is_never_a_final_state(inner: Any, envelope: Any, status: int, kind: str, dialect: str) -> None:
    answer = read(BOTH[dialect], kind, reply(json.dumps(envelope(inner)), status))
    assert not isinstance(answer, Refused | NotFound | Denied)
    assert not (isinstance(answer, Task) and answer.phase is Phase.FAILED)
    if isinstance(answer, Task) and answer.phase is Phase.COMPLETED:
        assert answer.urls  # only a video's own address speaks for a word that nobody knows


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.integers(200, 599), st.sampled_from(KINDS), st.sampled_from(sorted(BOTH)))
def test_any_bytes_are_read_without_an_exception(body: bytes, status: int, kind: str, dialect: str) -> None:
    answer = read(BOTH[dialect], kind, reply(body, status))
    assert not (isinstance(answer, Task) and answer.phase is Phase.COMPLETED and kind != "result")
