"""The gateway without faults: what it answers, what it remembers, what it charges."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard.simulator.handlers import account_of
from storyboard.simulator.messages import DIALECTS, Dialect, Operation
from tests.support.gateway import MODEL, Client, film, gateway, params


@pytest.fixture
def client() -> Client:
    return Client(gateway())


@pytest.fixture(params=DIALECTS)
def either(request: pytest.FixtureRequest) -> Client:
    """In each dialect."""
    return Client(gateway(), request.param)


def error_code(document: Any) -> int:
    return int(document["status"]["error_code"])


def test_task_is_queued_rendered_and_completed(client: Client) -> None:
    task = client.bought()
    told = []
    for seconds in (0, 1, 4.5, 4.4, 0.1):
        client.wait(seconds)
        document = client.poll(task).document
        told.append((document["status"], document["progress"]))
    assert told == [
        ("in_queue", 0.0),
        ("in_progress", 0.0),
        ("in_progress", 0.5),
        ("in_progress", 0.99),
        ("completed", 1.0),
    ]


def test_task_object_matches_the_reference(client: Client) -> None:
    task = client.bought(duration="7", mode="pro", sound="on")
    begun = round(client.now * 1000)
    client.wait()
    document = client.poll(task).document
    url = document["output"][0]["content"][0].pop("url")
    assert document == {
        "id": task,
        "created_at": begun,
        "status": "completed",
        "model": MODEL,
        "progress": 1.0,
        "metadata": {"in_queue_at": begun, "in_progress_at": begun + 1000, "completed_at": begun + 10_000},
        "output": [{"content": [{"type": "video", "duration": 7, "jobId": f"job-{task}"}]}],
        "usage": {"cost": "1.176", "discount": 1.0},
    }
    assert url.startswith(f"http://gateway/files/{task}.mp4?")


def test_running_task_has_no_result_fields(client: Client) -> None:
    task = client.bought()
    client.wait(5)
    assert client.poll(task).document.keys() == {"id", "created_at", "status", "model", "progress", "metadata"}


def test_queue_result_has_its_own_address() -> None:
    client = Client(gateway(base_path="/api"), "queue")
    accepted = client.submit().document
    task = accepted["request_id"]
    root = f"http://gateway/api/model/v1/queue/{MODEL}/requests/{task}"
    assert accepted == {
        "request_id": task,
        "queue_position": 0,
        "status_url": f"{root}/status",
        "response_url": f"{root}/response",
        "cancel_url": f"{root}/cancel",
    }
    early = client.result(task)
    assert (early.status, early.document["status"]) == (202, "IN_QUEUE")
    told = {"request_id": task, "response_url": f"{root}/response"}
    assert early.document == client.poll(task).document == {"status": "IN_QUEUE", "queue_position": 0} | told
    client.wait(2)
    assert client.poll(task).document == {"status": "IN_PROGRESS", "logs": []} | told
    client.wait()
    metrics = {"inference_time": 9.0}
    assert client.poll(task).document == {"status": "COMPLETED", "logs": [], "metrics": metrics} | told
    done = client.result(task)
    (output,) = done.document["outputs"]
    clip = client.fetch(output.pop("url"))
    assert (done.status, done.document) == (
        200,
        {"request_id": task, "outputs": [output], "metadata": {"prompt": "A boat."}},
    )
    assert output == {
        "type": "video",
        "content_type": "video/mp4",
        "file_name": "video.mp4",
        "file_size": len(clip.body()),
        "duration": 5,
    }


def test_queue_errors_have_a_detail_field() -> None:
    client = Client(gateway(keys=frozenset({"one"})), "queue")
    task = client.bought(external_id="sb-1")
    assert client.submit(external_id="sb-1").document == {"detail": "external_task_id already exists"}
    assert client.poll("nobody").document == {"detail": "Request not found"}
    assert (client.ask(Operation.STREAM, task).status, client.ask(Operation.STREAM, task).document) == (
        400,
        {"detail": "streaming is not supported: poll the request's status"},
    )
    stranger = Client(client.gateway, "queue", "two")
    assert stranger.poll(task).document == {
        "error": {"code": "UNAUTHORIZED", "message": "invalid API key"},
        "request_id": "req-1",
    }
    client.behave(rate=0.001)
    client.poll(task)
    assert client.poll(task).document["error"]["code"] == "RATE_LIMIT_EXCEEDED"


def test_staged_queue_reply_has_undocumented_fields() -> None:
    client = Client(gateway(), "queue")
    client.stage({"do": "undocumented"})
    accepted = client.submit().document
    client.wait()
    status, result = client.poll(accepted["request_id"]).document, client.result(accepted["request_id"]).document
    assert accepted["status"] == "IN_QUEUE"
    assert {"created_at", "progress", "metadata"} < status.keys()
    assert (result["status"], result["usage"]) == ("COMPLETED", {"cost": "0.42", "discount": 1.0})


def test_a_failed_task_of_the_queue_is_completed_with_an_error() -> None:
    client = Client(gateway(), "queue")
    client.stage({"do": "fail", "code": "006001094", "message": "no resources"})
    task = client.bought()
    client.wait()
    document = client.poll(task).document
    assert (document["status"], document["error"]) == ("COMPLETED", "no resources")
    assert document["error_type"] == "INTERNAL_SERVER_ERROR"
    assert "provider_error" not in document
    assert "outputs" not in client.result(task).document


def test_task_is_found_by_its_own_id_and_the_callers_id(either: Client) -> None:
    task = either.bought(external_id="sb-1")
    assert either.poll("sb-1").document == either.poll(task).document
    assert either.poll("sb-2").status == 404


def test_task_is_visible_only_to_its_account_and_dialect(either: Client) -> None:
    task = either.bought(external_id="sb-1")
    other: Dialect = "queue" if either.dialect == "generation" else "generation"
    for stranger in (Client(either.gateway, either.dialect, "two", either.now), Client(either.gateway, other)):
        assert stranger.poll(task).status == stranger.poll("sb-1").status == 404


@pytest.mark.parametrize(
    ("duplicates", "status"), [("refuse", 409), ("bad-request", 400), ("replay", 200), ("second", 200)]
)
def test_repeated_id(either: Client, duplicates: Any, status: int) -> None:
    either.behave(duplicates=duplicates)
    first = either.bought(external_id="sb-1")
    again = either.submit("Another boat.", "sb-1")
    assert again.status == status
    tasks = list(either.gateway.simulator.tasks)
    assert len(tasks) == (2 if duplicates == "second" else 1)
    told = again.document.get("id", again.document.get("request_id"))
    assert told == {"replay": first, "second": tasks[-1]}.get(duplicates)
    twice = either.gateway.book.totals.bought_twice
    assert twice == ({(account_of("one"), "sb-1"): tuple(tasks)} if duplicates == "second" else {})


def test_ids_are_separate_per_account(client: Client) -> None:
    client.bought(external_id="sb-1")
    assert Client(client.gateway, key="two").submit(external_id="sb-1").status == 200


@pytest.mark.parametrize(("free", "status"), [(False, 409), (True, 200)])
def test_an_id_after_its_task_failed(client: Client, free: bool, status: int) -> None:
    client.behave(free_failed_ids=free)
    client.stage({"do": "fail"})
    client.bought(external_id="sb-1")
    assert client.submit(external_id="sb-1").status == 409, "not yet failed"
    client.wait()
    assert client.submit(external_id="sb-1").status == status
    assert not client.gateway.book.totals.bought_twice


def test_look_up_may_be_missing_in_a_dialect(either: Client) -> None:
    either.behave(no_lookup=frozenset({"queue"}))
    task = either.bought(external_id="sb-1")
    assert either.poll(task).status == 200
    assert either.poll("sb-1").status == (404 if either.dialect == "queue" else 200)


def test_tasks_can_appear_late(client: Client) -> None:
    client.behave(show_after=8, poll_after=3)
    task = client.bought(external_id="sb-1")
    assert client.submit(external_id="sb-1").status == 409, "an id is taken before it shows"
    seen = []
    for _ in range(3):
        seen.append((client.poll(task).status, client.poll("sb-1").status))
        client.wait(4)
    assert seen == [(404, 404), (200, 404), (200, 200)]


def test_tasks_are_cleared_with_their_ids_and_files(client: Client) -> None:
    client.behave(forget_after=30)
    task = client.bought(external_id="sb-1")
    client.wait()
    url = client.url(task)
    client.wait(29.9)
    assert client.fetch(url).status == 200
    client.wait(0.1)
    assert (client.poll(task).status, client.poll("sb-1").status, client.fetch(url).status) == (404, 404, 404)
    assert client.submit(external_id="sb-1").status == 200
    assert client.gateway.book.totals.bought_twice, "the book does not forget"


def test_excess_finished_tasks_are_cleared(client: Client) -> None:
    client.behave(max_tasks=3)
    tasks = [client.bought(f"Boat {n}.", f"sb-{n}") for n in range(5)]
    assert all(client.poll(task).status == 200 for task in tasks), "none that runs"
    client.wait()
    assert [client.poll(task).status for task in tasks] == [404, 404, 200, 200, 200]


def test_longer_films_take_longer_and_speed_divides_it(client: Client) -> None:
    client.behave(take=None, speed=4.0, queue_seconds=2.0, render_factor=8.0)
    short, long = client.bought(duration="3"), client.bought(duration="15")
    tasks = client.gateway.simulator.tasks
    assert [tasks[each].ends - client.now for each in (short, long)] == [0.5 + 6, 0.5 + 30]


# money


def test_prices_are_the_cards_times_the_discount(client: Client) -> None:
    client.behave(discount=Decimal("0.9"))
    task = client.bought(duration="10", mode="pro")
    client.wait()
    assert client.poll(task).document["usage"] == {"cost": "1.008", "discount": 0.9}
    assert client.gateway.book.totals.paid == Decimal("1.008")


def test_a_failed_task_is_given_back_unless_it_is_billed(client: Client) -> None:
    totals = client.gateway.book.totals.of(account_of("one"))
    client.stage({"do": "fail"})
    client.bought()
    assert totals.paid == Decimal("0.42"), "charged when it is taken on"
    client.wait()
    client.gateway.advance(client.now)
    assert (totals.paid, totals.billed_tasks, totals.failed_tasks) == (Decimal(0), 0, 1)
    client.behave(bill_failed=True)
    client.stage({"do": "fail"})
    client.bought()
    client.wait()
    client.gateway.advance(client.now)
    assert (totals.paid, totals.billed_tasks, totals.failed_tasks) == (Decimal("0.42"), 1, 2)


def test_an_account_spends_no_more_than_it_has(client: Client) -> None:
    client.behave(balance=Decimal(1))
    assert [client.submit().status for _ in range(3)] == [200, 200, 402]
    assert error_code(client.submit().document) == 40201
    assert Client(client.gateway, key="two").submit().status == 200


# limits


def test_only_so_many_tasks_at_once(client: Client) -> None:
    client.behave(concurrency=2)
    assert [client.submit().status for _ in range(3)] == [200, 200, 429]
    assert client.submit().document["code"] == 1303
    assert Client(client.gateway, key="two", now=client.now).submit().status == 200
    client.wait()
    assert client.submit().status == 200


def test_only_so_many_requests_a_second(client: Client) -> None:
    client.behave(rate=2.0)
    assert [client.poll("x").status for _ in range(3)] == [404, 404, 429]
    refused = client.poll("x")
    assert (refused.document["code"], refused.headers["Retry-After"]) == (1302, "1")
    client.wait(0.5)
    assert [client.poll("x").status for _ in range(2)] == [404, 429]
    client.wait(60)
    assert [client.poll("x").status for _ in range(3)] == [404, 404, 429], "patience is not saved up"


def test_keys_are_checked(client: Client) -> None:
    assert Client(client.gateway, key=None).submit().status == 401
    assert Client(client.gateway, key="").submit().status == 401
    client.behave(keys=frozenset({"two"}))
    assert (client.submit().status, Client(client.gateway, key="two").submit().status) == (401, 200)
    assert client.gateway.book.totals.of(account_of("one")).tasks == 0


# orders


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"duration": "16"}, "duration"),
        ({"duration": 5}, "duration"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": "x" * 2501}, "prompt"),
        ({"mode": "best"}, "mode"),
        ({"aspect_ratio": "4:3"}, "aspect_ratio"),
        ({"external_task_id": 7}, "external_task_id"),
        ({"external_task_id": ""}, "external_task_id"),
        ({"brightness": 3}, "brightness"),
    ],
)
def test_forbidden_payload_is_refused(either: Client, changes: dict[str, Any], words: str) -> None:
    refused = either.send(params(**changes))
    assert refused.status == 400
    if either.dialect == "queue":
        assert refused.document.keys() == {"detail"}
        assert words in refused.document["detail"]
    else:
        assert error_code(refused.document) == 40001
        assert words in refused.document["status"]["message"]
    assert not either.gateway.simulator.tasks


def test_several_shots_are_one_task(either: Client) -> None:
    shots = [{"index": 1, "prompt": "A boat.", "duration": "2"}, {"index": 2, "prompt": "A bank.", "duration": "4"}]
    several = {"multi_shot": True, "shot_type": "customize", "multi_prompt": shots, "duration": "6"}
    task = either.send(several).document
    (made,) = either.gateway.simulator.tasks.values()
    assert made.id in task.values()
    assert (made.prompt, made.seconds, made.cost) == ("A boat.\nA bank.", 6, Decimal("0.504"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"model": "kirin_v3_t2v"}',
        b'{"model": "kirin_v3_t2v", "input": []}',
        b'{"model": "kirin_v3_t2v", "input": [{"params": []}]}',
        b'{"model": "kirin_v3_t2v", "input": {"params": {}}}',
        b'{"model": "nobody", "input": [{"params": {"prompt": "A boat."}}]}',
        b"[" * 100_000,
    ],
)
def test_malformed_body_is_refused(client: Client, body: bytes) -> None:
    assert client.ask(Operation.SUBMIT, body=body).status == 400


def test_the_queue_takes_flat_parameters_and_no_callback() -> None:
    client = Client(gateway(), "queue")
    assert client.send(params(callback_url="http://me/")).status == 400
    assert client.send(params(model=MODEL)).status == 400
    assert client.send(params()).status == 200


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["prompt", "duration", "multi_shot", "multi_prompt", "index", "sound", "callback_url"]), inner, max_size=5), max_leaves=12))  # fmt: skip
def test_any_request_is_answered(value: Any) -> None:
    client = Client(gateway())
    sent = value if isinstance(value, dict) else {"prompt": value}
    assert client.send(sent).status in (200, 400)


# results


def test_every_clip_has_unique_stable_bytes(client: Client) -> None:
    tasks = [client.bought(), client.bought()]
    client.wait()
    one, other = (client.fetch(client.url(task)).body() for task in tasks)
    assert one != other
    assert one.startswith(film(5, "16:9"))
    assert client.fetch(client.url(tasks[0])).body() == one


def test_a_part_of_a_file(client: Client) -> None:
    task = client.bought()
    client.wait()
    url = client.url(task)
    whole = client.fetch(url).body()
    for asked, part in (("0-3", whole[:4]), ("5-", whole[5:]), ("-4", whole[-4:]), (f"7-{10**9}", whole[7:])):
        answer = client.fetch(url, byte_range=f"bytes={asked}")
        assert (answer.status, answer.body()) == (206, part)
        assert answer.headers["Content-Range"].endswith(f"/{len(whole)}")
    beyond = client.fetch(url, byte_range=f"bytes={len(whole)}-")
    assert (beyond.status, beyond.headers["Content-Range"]) == (416, f"bytes */{len(whole)}")
    assert client.fetch(url, byte_range="shots=1-2").status == 200


def test_an_address_expires_and_a_poll_gives_a_fresh_one(client: Client) -> None:
    client.behave(url_life=60)
    task = client.bought()
    client.wait()
    old = client.url(task)
    client.wait(60)
    assert (client.fetch(old).status, client.fetch(client.url(task)).status) == (403, 200)


def test_forged_address_is_refused(client: Client) -> None:
    one, other = client.bought(), client.bought()
    client.wait()
    url = client.url(one)
    for forged in (url.replace(one, other), url.replace("expires=1", "expires=2"), url[:-1], url.partition("?")[0]):
        assert client.fetch(forged).status == 403
    assert client.fetch(f"{url[:-3]}…").status == 403


def test_key_sent_to_a_file_is_refused_and_recorded(client: Client) -> None:
    task = client.bought()
    client.wait()
    assert client.fetch(client.url(task), key="one").status == 403
    (leak,) = client.gateway.book.entries("leak")
    assert leak.account == account_of("one")
    assert client.gateway.book.totals.of(account_of("one")).leaks == 1


# taking back


def test_queued_request_is_cancelled_for_free() -> None:
    client = Client(gateway(), "queue")
    task = client.bought()
    client.wait(0.5)
    assert client.cancel(task).status == 202
    document = client.poll(task).document
    assert (document["status"], document["error_type"]) == ("COMPLETED", "CANCELED")
    assert client.gateway.book.totals.paid == 0
    client.wait()
    assert client.poll(task).document["error_type"] == "CANCELED"
    assert len(client.gateway.book.entries("end")) == 1


def test_rendering_task_cannot_be_cancelled() -> None:
    client = Client(gateway(), "queue")
    task = client.bought()
    client.wait(2)
    assert client.cancel(task).status == 400
    client.wait()
    assert client.poll(task).document["status"] == "COMPLETED"
    assert "error" not in client.poll(task).document


def test_request_id_is_returned(client: Client) -> None:
    assert client.submit().headers["X-Request-Id"] == "req-1"
    assert client.poll("nobody").headers["X-Request-Id"] == "req-1"


def test_callbacks_report_each_change(client: Client) -> None:
    told: list[tuple[str, str]] = []
    client.gateway.call_back = lambda task, document: told.append((task.callback_url or "", document["status"]))
    client.bought(callback_url="http://me/")
    client.bought()
    client.wait()
    client.gateway.advance(client.now)
    assert told == [("http://me/", "in_progress"), ("http://me/", "completed")]


def test_an_envelope_around_everything(client: Client) -> None:
    client.behave(wrapped=True)
    document = client.submit().document
    assert document["status"] == {"code": 200, "message": "success"}
    assert client.poll(document["data"]["id"]).document["data"]["status"] == "in_queue"
