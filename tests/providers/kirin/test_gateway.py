"""Every envelope and every shape of error that gateway.md names, and what is sent in both dialects."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from storyboard.cards.model_card import Json
from storyboard.jobs.request import Request, RequestedShot
from storyboard.providers.answers import (
    Denied,
    Exists,
    Limited,
    NotFound,
    NotSent,
    Phase,
    Refused,
    Task,
    TaskError,
    Unclear,
    Unsupported,
)
from storyboard.providers.calls import HttpCall, HttpReply, NoReply
from storyboard.providers.kirin.gateway import Kirin
from storyboard.providers.protocol import Order

REQUEST = Request("kirin_v3_t2v", (RequestedShot("A boat.", 5),))
ORDER = Order("sb-1", REQUEST, transport={"callback_url": "https://me.test/done"})
BASE = "https://gateway.test"
GENERATION, QUEUE = Kirin(BASE + "/"), Kirin(BASE, "queue")
SENT: dict[str, Json] = {"multi_shot": False, "prompt": "A boat.", "duration": "5", "external_task_id": "sb-1"}


def reply(body: Any, status: int = 200, **headers: str) -> HttpReply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpReply(status, content, {name.replace("_", "-"): value for name, value in headers.items()})


def test_generation_request_has_the_parameters_inside_input() -> None:
    params = SENT | {"callback_url": "https://me.test/done"}
    assert GENERATION.submit(ORDER) == HttpCall(
        "POST", f"{BASE}/model/v1/generation", {"model": "kirin_v3_t2v", "input": [{"params": params}]}
    )
    assert GENERATION.submit(ORDER).body == {"model": "kirin_v3_t2v", "input": [{"params": params}]}
    assert GENERATION.look_up("m", "a/b").url == f"{BASE}/model/v1/generation/task/a%2Fb"


def test_queue_request_has_flat_parameters_and_no_callback() -> None:
    call = QUEUE.submit(ORDER)
    assert (call.url, call.body) == (f"{BASE}/model/v1/queue/kirin_v3_t2v", SENT)
    assert QUEUE.look_up("m", "r1").url == f"{BASE}/model/v1/queue/m/requests/r1/status"


def test_transport_fields_are_what_is_sent_beside_the_payload() -> None:
    assert GENERATION.transport(ORDER) == {"external_task_id": "sb-1", "callback_url": "https://me.test/done"}
    assert QUEUE.transport(ORDER) == {"external_task_id": "sb-1"}
    assert GENERATION.transport(replace(ORDER, transport={}, callback="https://us.test")) == {
        "external_task_id": "sb-1",
        "callback_url": "https://us.test",
    }
    assert GENERATION.payload(ORDER).keys().isdisjoint(GENERATION.transport(ORDER))


TASK = {"id": "t1", "created_at": 1769757744021, "status": "in_progress", "model": "kirin_v3_t2v", "progress": 0.45}
DONE = TASK | {
    "status": "completed",
    "output": [
        {"content": [{"type": "image", "url": "https://x/p.jpg"}, {"type": "video", "url": "https://x/v", "new": 1}]}
    ],
    "usage": {"cost": "0.42", "discount": 0.9},
    "metadata": {"in_queue_at": 1769757744100, "completed_at": 1769757804021},
}


@pytest.mark.parametrize(
    "body",
    [
        TASK,
        TASK | {"status": "IN_PROGRESS"},
        {"data": TASK, "status": {"code": 200, "message": "success"}},
        {"code": 0, "message": "success", "data": TASK},
        {"data": [TASK]},
        TASK | {"error": None},
        TASK | {"error": ""},
    ],
)
def test_running_task_is_read_from_every_envelope(body: Any) -> None:
    for answer in (GENERATION.read_submit(reply(body)), GENERATION.read_task("m", "r1", reply(body))):
        assert isinstance(answer, Task)
        assert (answer.id, answer.phase, answer.known) == ("t1", Phase.RUNNING, True)


def test_completed_task_has_its_address_price_and_time() -> None:
    answer = GENERATION.read_task("m", "r1", reply({"data": DONE, "status": {"code": 200}}))
    assert answer == Task("t1", Phase.COMPLETED, "completed", urls=("https://x/v",), cost=Decimal("0.42"), took=60.0)


def test_times_in_seconds_are_understood() -> None:
    answer = GENERATION.read_task(
        "m", "t1", reply(DONE | {"created_at": 1769757744, "metadata": {"completed_at": 1769757804}})
    )
    assert isinstance(answer, Task)
    assert answer.took == 60


@pytest.mark.parametrize("status", ["moderating", "PAUSED", "已排队", "succeeded?"])
def test_unknown_status_counts_as_running(status: str) -> None:
    answer = GENERATION.read_task("m", "r1", reply(TASK | {"status": status}))
    assert isinstance(answer, Task)
    assert (answer.phase, answer.known, answer.status) == (Phase.RUNNING, False, status)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"code": "006001095", "error_message": "bad"}, TaskError("006001095", "bad", passing=True)),
        ({"code": "006001094", "message": "busy"}, TaskError("006001094", "busy", passing=True)),
        ({"code": 6001094, "message": "busy"}, TaskError("006001094", "busy", passing=True)),
        ({"code": "006001099", "error_message": "no"}, TaskError("006001099", "no")),
        ({"code": 400, "message": "policy"}, TaskError("400", "policy")),
        ("refused by policy", TaskError(None, "refused by policy")),
        ({"message": "no code"}, TaskError(None, "no code")),
        (None, TaskError(None, "the task failed, and the gateway gave no reason")),
    ],
)
def test_failed_task_gives_its_reason_in_every_form(error: Any, expected: TaskError) -> None:
    answer = GENERATION.read_task("m", "r1", reply(TASK | {"status": "failed", "error": error}))
    assert isinstance(answer, Task)
    assert (answer.phase, answer.error) == (Phase.FAILED, expected)


@pytest.mark.parametrize(
    "error",
    [
        {"error": "it broke"},
        {"error": {"code": 5, "message": "it broke"}},
        {"error_type": "it broke"},
        {"provider_error": {"message": "it broke"}},
    ],
)
def test_completed_task_with_an_error_is_a_failure(error: dict[str, Any]) -> None:
    for provider, body in ((GENERATION, DONE), (QUEUE, {"request_id": "r1", "status": "COMPLETED"})):
        answer = provider.read_task("m", "r1", reply(body | error))
        assert isinstance(answer, Task)
        assert answer.phase is Phase.FAILED
        assert answer.error and answer.error.message == "it broke"


def test_queue_failure_has_its_code_beside_its_message() -> None:
    said = {"error": "busy", "error_type": "006001094", "provider_error": {"code": 6001094, "message": "upstream busy"}}
    for body in ({**said, "provider_error": {"code": "006001094"}}, {"error": "busy", "error_type": "006001094"}):
        answer = QUEUE.read_task("m", "r1", reply({"request_id": "r1", "status": "COMPLETED", **body}))
        assert isinstance(answer, Task)
        assert answer.error == TaskError("006001094", "busy", passing=True)


def test_queue_result_needs_a_further_call() -> None:
    answer = QUEUE.read_task("m", "r1", reply({"request_id": "r1", "status": "Completed"}))
    assert isinstance(answer, Task)
    assert answer.result == HttpCall("GET", f"{BASE}/model/v1/queue/m/requests/r1/response")
    assert QUEUE.read_result(reply(b"", 202)) == Task(None, Phase.RUNNING, "completed")
    outputs = {"outputs": [{"url": "https://x/v", "type": "video", "duration": "5"}], "usage": {"cost": 0.42}}
    for body in (outputs, {"data": outputs}, outputs | {"request_id": "r1"}):
        result = QUEUE.read_result(reply(body))
        assert isinstance(result, Task)
        assert (result.phase, result.urls, result.cost) == (Phase.COMPLETED, ("https://x/v",), Decimal("0.42"))
    assert isinstance(QUEUE.read_result(reply({"detail": "policy"}, 422)), Task)
    assert isinstance(QUEUE.read_result(reply(b"", 502)), Unclear)


def test_queue_task_has_the_id_of_its_request() -> None:
    answer = QUEUE.read_submit(reply({"request_id": "r1", "status": "IN_QUEUE", "status_url": "…"}))
    assert answer == Task("r1", Phase.RUNNING, "IN_QUEUE")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (reply({"error": "bad prompt"}, 400), Refused(None, "bad prompt")),
        (reply({"error": {"code": "X1", "error_message": "bad"}}, 400), Refused("X1", "bad")),
        (reply({"error": {"code": "X1", "message": "bad"}}, 400), Refused("X1", "bad")),
        (reply({"detail": "bad"}, 422), Refused(None, "bad")),
        (reply({"detail": [{"loc": ["body"], "msg": "field required"}]}, 422), Refused(None, "body: field required")),
        (reply({"code": 1201, "message": "bad", "request_id": "q"}, 400), Refused("1201", "bad")),
        (reply({"code": 400, "message": "bad", "request_id": "q"}), Refused("400", "bad")),
        (
            reply({"status": {"code": 400, "message": "bad", "error_code": 40001}, "data": None}),
            Refused("40001", "bad"),
        ),
        (reply({"error": {"code": "006001094", "error_message": "busy"}}), Refused("006001094", "busy", passing=True)),
        (reply(b"<html><style>x</style><h1>Bad\nRequest</h1></html>", 400), Refused(None, "Bad Request")),
        (reply(b"", 302), Unclear("HTTP 302 without a message")),
        (
            reply({"message": "external_task_id already exists", "code": 7}, 400),
            Exists("external_task_id already exists"),
        ),
        (reply(b"", 409), Exists("HTTP 409 without a message")),
        (reply({"error": "no key"}, 401), Denied("key", "no key")),
        (reply({"code": 401, "message": "no key"}), Denied("key", "no key")),
        (
            reply({"status": {"code": 402, "message": "poor", "error_code": 40201}, "data": None}, 402),
            Denied("balance", "poor"),
        ),
        (
            reply({"status": {"code": 402, "message": "poor", "error_code": 40208}, "data": None}),
            Denied("balance", "poor"),
        ),
        (reply({"code": 1102, "message": "poor"}, 429), Denied("balance", "poor")),
        (reply({"code": 1101, "message": "poor"}, 429), Denied("balance", "poor")),
        (reply(b"forbidden", 403), Denied("balance", "forbidden")),
        (reply({"code": 1302, "message": "slow"}, 429, retry_after="7"), Limited(7.0, "slow")),
        (
            reply({"error": {"code": "RATE_LIMIT_EXCEEDED", "message": "slow"}, "request_id": "q"}, 429),
            Limited(None, "slow"),
        ),
        (reply({"error": {"code": "RATE_LIMIT_EXCEEDED", "message": "slow"}}), Limited(None, "slow")),
        (
            reply(b"slow", 429, retry_after="Sun, 22 Nov 2026 10:00:30 GMT", date="Sun, 22 Nov 2026 10:00:00 GMT"),
            Limited(30.0, "slow"),
        ),
        (reply(b"upstream timed out", 504), Unclear("upstream timed out")),
        (reply({"id": "t1", "status": "in_queue"}, 500), Unclear("HTTP 500 without a message")),
        (reply(b"not json"), Unclear("the reply names no task")),
        (reply(b""), Unclear("the reply names no task")),
        (reply([1, 2]), Unclear("the reply names no task")),
        (reply({"status": "in_queue"}), Unclear("the reply names no task")),
        (reply(b"[" * 100_000), Unclear("the reply names no task")),
        (NoReply("timed out", sent=True), Unclear("timed out")),
        (NoReply("no such host", sent=False), NotSent("no such host")),
    ],
)
def test_outcome_of_a_submit(said: HttpReply | NoReply, expected: object) -> None:
    assert GENERATION.read_submit(said) == expected


def test_error_with_a_request_id_names_no_task() -> None:
    assert isinstance(QUEUE.read_submit(reply({"code": 5000, "message": "oops", "request_id": "q"})), Unclear)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (reply({"error": "task not found"}, 404), NotFound("task not found")),
        (reply({"code": 7, "message": "task does not exist"}, 400), NotFound("task does not exist")),
        (reply(b"", 410), NotFound("HTTP 410 without a message")),
        (reply(b"nope", 405), Unsupported("nope")),
        (reply({"detail": "bad id"}, 400), Unsupported("bad id")),
        (reply(b"", 401), Denied("key", "HTTP 401 without a message")),
        (reply(b"", 429), Limited(None, "HTTP 429 without a message")),
        (reply(b"", 503), Unclear("HTTP 503 without a message")),
        (reply({}), Unclear("the reply has no task")),
    ],
)
def test_reply_about_a_task(said: HttpReply, expected: object) -> None:
    assert GENERATION.read_task("m", "r1", said) == expected


def test_message_of_a_server_is_kept_on_one_short_line() -> None:
    answer = GENERATION.read_submit(reply({"error": "a\x1b[31m\nb" + "x" * 10_000}, 400))
    assert isinstance(answer, Refused)
    assert answer.message.startswith("a [31m b")
    assert len(answer.message) <= 501
    assert answer.message.isprintable()


def test_short_key_does_not_redact_other_text() -> None:
    body = {"id": "task", "status": "failed", "error": {"code": "k", "message": "k said: not ok"}}
    answer = GENERATION.read_task("m", "task", HttpReply(200, json.dumps(body).encode(), secret="k"))
    assert isinstance(answer, Task)
    assert (answer.id, answer.error) == ("task", TaskError("k", "[key] said: not ok"))
