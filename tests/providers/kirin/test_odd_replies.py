"""Replies that no page of a gateway shows, each a variation of one that was seen: what must be made of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from storyboard.providers.answers import Limited, Phase, Refused, Task, Unclear
from storyboard.providers.calls import HttpReply
from storyboard.providers.kirin.gateway import Kirin

GENERATION, QUEUE = Kirin("https://gateway.test"), Kirin("https://gateway.test", "queue")
VIDEO = "https://cdn.test/v.mp4"
OUTPUT = [{"content": [{"type": "video", "url": VIDEO}]}]
DONE: dict[str, Any] = {"id": "t", "status": "completed", "output": OUTPUT}
RUNNING: dict[str, Any] = {"id": "t", "status": "processing"}


def reply(body: object, status: int = 200, content_type: str = "application/json") -> HttpReply:
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return HttpReply(status, content, {"content-type": content_type})


def polled(body: object, status: int = 200) -> Task:
    answer = GENERATION.read_task("m", "t", reply(body, status))
    assert isinstance(answer, Task)
    return answer


@pytest.mark.parametrize(
    "body",
    [
        {"message": "prompt too long"},
        {"msg": "prompt too long"},
        {"status": "error", "message": "prompt too long"},
        {"statusCode": 400, "error": "Bad Request", "message": "prompt too long"},
        {"timestamp": "2024-01-01", "status": 400, "error": "Bad Request", "message": "prompt too long", "path": "/x"},
        {"type": "about:blank", "title": "Bad Request", "detail": "prompt too long", "status": 400},
        {"errors": [{"code": "x", "message": "prompt too long"}]},
        {"errors": ["prompt too long"]},
        {"error": [{"error": {"error": {"message": "prompt too long"}}}]},
        {"success": False, "error": {"type": "invalid_request_error", "message": "prompt too long"}},
    ],
)
def test_refusal_is_quoted_wherever_its_words_are(body: object) -> None:
    answer = GENERATION.read_submit(reply(body, 400))
    assert isinstance(answer, Refused)
    assert "prompt too long" in answer.message


@pytest.mark.parametrize("charset", ["gbk", "GB18030", "utf-8", "utf-16"])
def test_refusal_in_another_encoding_is_read(charset: str) -> None:
    body = '{"code": 1301, "message": "风控"}'.encode(charset)
    answer = GENERATION.read_submit(reply(body, content_type=f"application/json; charset={charset}"))
    assert isinstance(answer, Refused)
    assert answer.message == "风控"


def test_task_beside_bytes_of_an_unknown_encoding_is_not_lost() -> None:
    answer = GENERATION.read_submit(reply(b'{"id": "t", "status": "queued", "note": "caf\xe9"}'))
    assert isinstance(answer, Task)
    assert answer.id == "t"
    assert isinstance(GENERATION.read_submit(reply(b'{"id": "t\xe9", "status": "queued"}')), Unclear)


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "punycode", "rot13", "undefined", "\x00", ""])
def test_only_plain_encodings_are_believed(charset: str) -> None:
    body = reply(b'{"id": "t", "status": "queued", "note": "\xe9"}', content_type=f"text/json; charset={charset}")
    assert isinstance(GENERATION.read_submit(body), Task)


@pytest.mark.parametrize(
    ("body", "status", "what"),
    [
        (b'{"code": 1303.0, "message": "x"}', 200, "limited"),
        ({"error": {"error": {"code": 1102, "message": "Account balance not enough"}}}, 200, "balance"),
        ({"status": 402, "message": "Insufficient credits"}, 200, "balance"),
        ({"statusCode": 401, "message": "no"}, 200, "key"),
        ({"error": [{"code": "rate_limit_exceeded", "message": "slow"}]}, 200, "limited"),
        ({"message": "Too Many Requests"}, 429, "limited"),
        ({"message": "Forbidden"}, 403, "balance"),
    ],
)
def test_trouble_of_the_account_is_read_in_every_form(body: object, status: int, what: str) -> None:
    answer = GENERATION.read_submit(reply(body, status))
    assert getattr(answer, "what", "limited" if isinstance(answer, Limited) else None) == what


@pytest.mark.parametrize(
    "envelope",
    [
        lambda task: {"status": "success", "request_id": "r", "data": task},
        lambda task: {"status": "success", "id": "r", "data": task},
        lambda task: {"status": "ok", "data": [task]},
        lambda task: {"success": True, "result": task},
        lambda task: {"status": "success", "result": task},
        lambda task: {"task": task},
        lambda task: [task],
        lambda task: {"code": 0, "data": {"data": {"task": task}}},
    ],
)
@pytest.mark.parametrize(
    ("inner", "phase"),
    [
        (RUNNING, Phase.RUNNING),
        ({"task_id": "t", "task_status": "failed", "task_status_msg": "no"}, Phase.FAILED),
        (DONE, Phase.COMPLETED),
    ],
)
def test_success_of_an_envelope_is_not_that_of_its_task(envelope: Any, inner: dict[str, Any], phase: Phase) -> None:
    answer = polled(envelope(inner))
    assert (answer.phase, answer.id) == (phase, "t")


def test_status_beside_an_object_without_one_is_its_own() -> None:
    assert polled({"status": "completed", "data": {"url": VIDEO}}).urls == (VIDEO,)
    assert polled({"status": "processing", "data": {"task_id": "t"}}).phase is Phase.RUNNING
    submitted = GENERATION.read_submit(reply({"status": "success", "data": {"task_id": "t"}}))
    assert isinstance(submitted, Task) and submitted.phase is Phase.RUNNING


@pytest.mark.parametrize("error", ["none", "null", 0, "0", False, "success", "OK", "", [], {}, None, "no error"])
@pytest.mark.parametrize("place", ["error", "errors", "failure", "error_type", "provider_error"])
def test_finished_task_whose_error_says_none_is_done(error: object, place: str) -> None:
    answer = polled(DONE | {place: error})
    assert (answer.phase, answer.urls) == (Phase.COMPLETED, (VIDEO,))


def test_details_of_a_finished_task_are_no_error() -> None:
    assert polled(DONE | {"detail": "Task completed successfully"}).phase is Phase.COMPLETED
    assert polled(DONE | {"error": "Content blocked"}).phase is Phase.FAILED


@pytest.mark.parametrize("word", ["fail", "Failure", "FAILED "])
def test_words_for_failure_end_a_task(word: str) -> None:
    assert polled({"id": "t", "status": word}).phase is Phase.FAILED


@pytest.mark.parametrize(
    "where",
    [
        {"fail_reason": "risk"},
        {"failure_reason": "risk"},
        {"error_message": "risk"},
        {"message": "risk"},
        {"output": {"error": {"code": "1301", "message": "risk"}}},
        {"task_result": [{"error": "risk"}]},
        {"error": {"error": {"error": {"message": "risk"}}}},
    ],
)
def test_reason_of_a_failed_task_is_found(where: dict[str, Any]) -> None:
    answer = polled({"id": "t", "status": "failed", **where})
    assert answer.error is not None
    assert answer.error.message == "risk"


def test_key_is_kept_out_of_a_reason_found_deep_inside() -> None:
    body = {"id": "t", "status": "failed", "output": {"error": "no access for sk-0123456789"}}
    answer = GENERATION.read_task("m", "t", HttpReply(200, json.dumps(body).encode(), {}, "sk-0123456789"))
    assert isinstance(answer, Task) and answer.error is not None
    assert answer.error.message == "no access for [key]"


@pytest.mark.parametrize("code", [6001094, "6001094", "006001094", "internal_server_error"])
def test_code_for_a_passing_failure_is_read_in_every_form(code: object) -> None:
    for error in ({"code": code, "message": "no resources"}, [{"code": code, "message": "no resources"}]):
        told = polled({"id": "t", "status": "failed", "error": error}).error
        assert told is not None and told.passing


@pytest.mark.parametrize(
    "where",
    [
        {"output": [VIDEO]},
        {"output": VIDEO},
        {"videos": [VIDEO]},
        {"output": {"video": VIDEO}},
        {"output": [{"url": f" {VIDEO}\n"}]},
        {"output": [{"content": [{"preview_url": "https://cdn.test/small.mp4", "url": VIDEO}]}]},
        {"task_result": {"videos": [{"watermark_url": "https://cdn.test/marked.mp4", "url": VIDEO}]}},
        {"output": [{"cover_url": "https://cdn.test/c.mp4"}, {"type": "video", "url": VIDEO}]},
    ],
)
def test_first_address_is_that_of_the_video_itself(where: dict[str, Any]) -> None:
    assert polled({"id": "t", "status": "completed", **where}).urls[0] == VIDEO


@pytest.mark.parametrize(
    ("stated", "cost"),
    [
        ("$0.42", "0.42"),
        ("US$ 0.42", "0.42"),
        ("0.42 USD", "0.42"),
        ("4.2e-1", "0.42"),
        (" 0.42 ", "0.42"),
        ("-0", "0"),
        ("0.42 EUR", None),
        ("CA$0.42", None),
        ("0,42", None),
        ("4_2", None),
        ("٠.٤٢", None),
        ("1e-400", None),
        ("Infinity", None),
        ("0x1", None),
        ("$", None),
    ],
)
def test_cost_in_dollars_is_read_as_people_write_it(stated: str, cost: str | None) -> None:
    answer = polled(DONE | {"usage": {"cost": stated}})
    assert (None if answer.cost is None else str(answer.cost)) == cost
    assert bool(answer.remarks) == (cost is None)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", ""),
        (b"<html>400 Bad Request</html>", "text/html"),
        (b'{"detail": "Internal error, try again"}', "application/json"),
    ],
)
def test_result_that_cannot_be_fetched_fails_no_finished_task(body: bytes, content_type: str) -> None:
    answer = QUEUE.read_result(reply(body, 400, content_type))
    assert not isinstance(answer, Task)


@pytest.mark.parametrize(
    "body",
    [
        b'data: {"id": "t", "status": "queued"}\n\n',
        b'{"id": "t", "status": "queued"}\n{"id": "u", "status": "queued"}\n',
        b'{"id": "t", "status": "qu',
        b'[{"id": "t"}, {"id": "u"}]',
        b'{"data": [{"id": "t"}, {"id": "u"}]}',
        b'"t"',
        b"null",
        b'{"id": ["t"], "status": "queued"}',
        b'{"success": false, "message": "please wait"}',
        b'{"status": "error", "message": "please wait"}',
        b'{"code": -1, "message": "failed"}',
    ],
)
def test_reply_that_names_no_single_task_is_unclear(body: bytes) -> None:
    assert isinstance(GENERATION.read_submit(reply(body)), Unclear)
