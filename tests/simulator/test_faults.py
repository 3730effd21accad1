"""Every fault does what its line says, to the requests it was staged for and to no other."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from storyboard.errors import UsageError
from storyboard.simulator import rules_from
from storyboard.simulator.fault_catalogue import KINDS, Stage
from storyboard.simulator.messages import DIALECTS, RESET, VANISHED, Answer, Dialect, Operation
from storyboard.simulator.options import FORMS
from storyboard.simulator.responses import ERROR_SHAPES
from tests.support.gateway import Client, gateway

DIALECT_OF: dict[str, Dialect] = {"not-ready": "queue", "undocumented": "queue"}


@pytest.fixture
def client() -> Client:
    return Client(gateway())


@pytest.fixture(params=DIALECTS)
def either_client(request: pytest.FixtureRequest) -> Client:
    """In each dialect."""
    return Client(gateway(), request.param)


def history(client: Client) -> list[Any]:
    """What a client sees of one job that fails and of one that does not, from the order to the file."""
    seen: list[Any] = []
    for external_id in ("sb-bad", "sb-good"):
        if external_id == "sb-bad":
            client.stage({"do": "fail", "share": 1.0, "external_id": external_id})
        seen.append(client.submit(external_id=external_id))
        seen.append(client.poll(external_id))
        client.wait(5)
        seen.append(client.poll(external_id))
        seen.append(client.result(external_id) if client.dialect == "queue" else None)
        client.wait(5)
        seen.append(client.poll(external_id))
        seen.append(client.result(external_id) if client.dialect == "queue" else None)
        task = next((each for each in client.gateway.simulator.tasks.values() if each.external_id == external_id), None)
        if task and task.phase(client.now) == "completed":
            seen.append(client.cancel(task.id))
            fresh = client.gateway.files.url("http://gateway", task, client.now + 60)
            seen.append(client.fetch(fresh))
            seen.append(client.fetch(fresh, byte_range="bytes=3-"))
    client.wait(60)
    client.gateway.advance(client.now)
    return [_comparable(each) for each in seen] + [client.gateway.book.totals.document()["paid"]]


def _comparable(answer: Answer | None) -> Any:
    if answer is None:
        return None
    told = answer.document or answer.content
    return (answer.status, _without_ids(told), answer.media_type, answer.delivery, answer.padding, *answer.headers)


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        names = ("id", "url", "jobId", "request_id", "status_url", "response_url", "cancel_url")
        return {name: _without_ids(each) for name, each in value.items() if name not in names}
    if isinstance(value, list):
        return [_without_ids(each) for each in value]
    return value[:10] if isinstance(value, bytes) else value


def rule(name: str) -> dict[str, Any]:
    return {"do": name, "times": "always"}


@pytest.mark.parametrize("name", KINDS)
def test_every_fault_has_an_effect(name: str) -> None:
    dialect = DIALECT_OF.get(name, "generation")
    plain, faulty = Client(gateway(), dialect), Client(gateway(), dialect)
    faulty.stage(rule(name))
    assert history(plain) == history(Client(gateway(), dialect)), "without a fault, it is the same each time"
    assert history(faulty) != history(plain)
    assert faulty.gateway.book.totals.faults[name] > 0


@pytest.mark.parametrize("name", [kind.name for kind in KINDS.values() if Operation.SUBMIT in kind.operations])
def test_submit_is_accepted_or_not(name: str) -> None:
    client = Client(gateway())
    client.stage({"do": name})
    client.submit(external_id="sb-1")
    made = len(client.gateway.book.entries("task"))
    assert made == {Stage.INSTEAD: 0, Stage.DELIVERY: name == "twice"}.get(KINDS[name].stage, 1)
    assert len(client.gateway.book.entries("charge")) == made
    assert client.submit("Another.", "sb-2").status == 200, "a rule strikes once"


READS = (Operation.POLL, Operation.RESULT, Operation.DOWNLOAD)


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("dialect", ["generation", "queue"])
def test_a_fault_of_reads_changes_nothing_of_the_task(operation: Operation, dialect: Dialect) -> None:
    client = Client(gateway(), dialect)
    task = client.bought()
    client.wait()
    url = client.url(task)
    for kind in KINDS.values():
        if operation in kind.operations:
            client.stage({"do": kind.name, "operation": operation.value})
            _ask(client, operation, task, url)
    assert client.gateway.book.totals.faults, "no fault struck"
    assert not client.gateway.faults.left
    assert client.poll(task).document["status"].lower() == "completed"
    assert client.fetch(client.url(task)).status == 200
    assert client.gateway.book.totals.paid == Decimal("0.42")


def _ask(client: Client, operation: Operation, task: str, url: str) -> Answer:
    match operation:
        case Operation.POLL:
            return client.poll(task)
        case Operation.DOWNLOAD:
            return client.fetch(url)
    return client.result(task)


# each for itself


@pytest.mark.parametrize(("hard", "delivery"), [(True, RESET), (False, VANISHED)])
def test_lost_reply(client: Client, hard: bool, delivery: object) -> None:
    client.stage({"do": "lost-reply", "hard": hard})
    assert client.submit(external_id="sb-1").delivery == delivery
    assert client.poll("sb-1").status == 200
    assert [entry.answer for entry in client.gateway.book.entries("post")] == ["cut"]


def test_delivered_late(client: Client) -> None:
    client.stage({"do": "delivered-late", "seconds": 20}, {"do": "charge", "usd": "3.50"})
    assert client.submit(external_id="sb-1").delivery == VANISHED
    client.wait(19)
    assert client.poll("sb-1").status == 404
    assert client.gateway.next_due == client.now + 1
    client.wait(1)
    assert client.poll("sb-1").document["status"] == "in_queue"
    assert client.gateway.book.totals.paid == Decimal("3.50")
    assert [entry.answer for entry in client.gateway.book.entries("post")] == ["cut"]


def test_late_delivery_can_create_a_second_task(client: Client) -> None:
    client.behave(duplicates="second")
    client.stage({"do": "delivered-late", "seconds": 20})
    client.submit(external_id="sb-1")
    client.bought(external_id="sb-1")
    client.wait(20)
    client.gateway.advance(client.now)
    assert len(client.gateway.book.totals.bought_twice) == 1


def test_twice(client: Client) -> None:
    client.stage({"do": "twice"}, {"do": "twice"})
    assert client.submit(external_id="sb-1").status == 409, "the second answer of a gateway that refuses"
    assert client.submit().status == 200
    assert client.submit("A bank.").status == 200
    assert len(client.gateway.simulator.tasks) == 4
    assert len(client.gateway.book.totals.same_order) == 1


@pytest.mark.parametrize("code", ["006001094", "006001095", "006001099"])
@pytest.mark.parametrize("billed", [None, True, False])
def test_fail(client: Client, code: str, billed: bool | None) -> None:
    client.stage({"do": "fail", "code": code, "message": "no", "share": 0.2, "billed": billed})
    task = client.bought()
    client.wait(2)
    document = client.poll(task).document
    assert (document["status"], document["error"]) == ("failed", {"code": code, "error_message": "no"})
    assert "usage" not in document
    assert client.gateway.book.totals.paid == (Decimal("0.42") if billed else 0)


def test_policy_at_once_and_later(client: Client) -> None:
    client.stage({"do": "policy", "prompt": "blood"}, {"do": "policy-later", "prompt": "knife"})
    assert client.submit("Lots of blood.").status == 400
    assert client.submit("A boat.").status == 200
    task = client.bought("A knife.")
    client.wait()
    assert "content policy" in client.poll(task).document["error"]["error_message"]


def test_completed_with_error(client: Client) -> None:
    client.stage({"do": "completed-with-error"})
    task = client.bought()
    client.wait()
    document = client.poll(task).document
    assert (document["status"], document["error"]["code"]) == ("completed", "006001095")
    assert "output" not in document


def test_stuck(client: Client) -> None:
    client.behave(concurrency=1)
    client.stage({"do": "stuck"})
    task = client.bought()
    client.wait(10**7)
    document = client.poll(task).document
    assert (document["status"], document["progress"]) == ("in_progress", 0.99)
    assert client.submit().status == 429, "it keeps its place"


def test_task_that_ends_before_it_begins_is_reported(client: Client) -> None:
    client.stage({"do": "slow", "seconds": 0.5})
    assert client.submit(external_id="sb-quick").document["progress"] == 0.0
    client.wait(1)
    assert client.poll("sb-quick").document["status"] == "completed"


def test_slow(client: Client) -> None:
    client.stage({"do": "slow", "seconds": 100})
    task = client.bought()
    client.wait(99)
    assert client.poll(task).document["status"] == "in_progress"
    client.wait(1)
    assert client.poll(task).document["status"] == "completed"


def test_show_late_and_lost(client: Client) -> None:
    client.stage({"do": "show-late", "seconds": 30}, {"do": "lost", "nth": 2})
    late, lost = client.bought(external_id="sb-1"), client.bought(external_id="sb-2")
    assert {client.poll(each).status for each in (late, "sb-1", lost, "sb-2")} == {404}
    assert client.submit(external_id="sb-2").status == 409
    client.wait(30)
    assert [client.poll(each).status for each in (late, "sb-1", lost, "sb-2")] == [200, 200, 404, 404]
    assert client.gateway.book.totals.paid == Decimal("0.84")


def test_charge_and_silent_cost(client: Client) -> None:
    client.stage({"do": "charge", "usd": "1.25"}, {"do": "silent-cost", "nth": 2})
    dear, silent = client.bought(), client.bought()
    client.wait()
    assert client.poll(dear).document["usage"]["cost"] == "1.25"
    assert "usage" not in client.poll(silent).document
    assert client.gateway.book.totals.paid == Decimal("1.67")


def test_wrong_seconds_and_short_lived_url(client: Client) -> None:
    client.stage({"do": "short-clip", "length": 2}, {"do": "short-lived-url", "nth": 2})
    short, brief = client.bought(), client.bought()
    client.wait()
    assert client.fetch(client.url(short)).body().startswith(b"2 s of film")
    assert client.fetch(client.url(brief)).status == 403


@pytest.mark.parametrize("shape", ERROR_SHAPES)
@pytest.mark.parametrize("status", [400, 402, 404, 418, 500])
def test_refuse_in_every_shape(client: Client, shape: str, status: int) -> None:
    client.stage({"do": "refuse", "operation": "poll", "shape": shape, "status": status, "code": 7, "message": "no"})
    answer = client.poll("sb-1")
    assert answer.status == status
    assert (b"no" in answer.body()) is (shape != "empty")


def test_rate_limit_with_and_without_a_time(client: Client) -> None:
    client.stage({"do": "rate-limit"}, {"do": "rate-limit", "retry_after": 3})
    client.stage({"do": "rate-limit", "retry_after": 3, "as_date": True})
    waits = [client.submit().headers.get("Retry-After") for _ in range(3)]
    assert waits[:2] == [None, "3"]
    assert waits[2]
    assert waits[2].endswith("GMT")


@pytest.mark.parametrize("code", range(40201, 40209))
def test_balance(client: Client, code: int) -> None:
    client.stage({"do": "balance", "code": code})
    refused = client.submit()
    assert (refused.status, refused.document["status"]["error_code"]) == (402, code)


def test_shapes_of_replies(client: Client) -> None:
    task = client.bought()
    client.wait()
    plain = client.poll(task).document
    told = {}
    for name in ("strings", "numbers", "seconds", "outputs", "extra-fields", "wrapped", "other-case", "without-url"):
        client.stage({"do": name, "operation": "poll"})
        told[name] = client.poll(task).document
    assert told["strings"]["created_at"] == str(plain["created_at"])
    assert told["strings"]["output"][0]["content"][0]["duration"] == "5"
    assert told["numbers"]["usage"]["cost"] == 0.42
    assert told["numbers"]["id"] == task
    assert told["seconds"]["created_at"] == plain["created_at"] / 1000
    assert told["outputs"]["outputs"][0]["type"] == "video"
    assert {name: told["extra-fields"][name] for name in plain} == plain
    assert told["extra-fields"] != plain
    assert told["wrapped"]["data"].keys() == plain.keys()
    assert told["other-case"]["status"] == "COMPLETED"
    assert told["without-url"].keys() == plain.keys() - {"output"}


def test_an_unknown_status_is_that_of_an_unfinished_task_alone(client: Client) -> None:
    client.stage({"do": "unknown-status", "word": "dreaming", "operation": "poll", "times": "always"})
    task = client.bought()
    assert client.poll(task).document["status"] == "dreaming"
    client.wait()
    assert client.poll(task).document["status"] == "completed"


def test_a_failed_tasks_error_as_text_and_its_code_as_number(client: Client) -> None:
    client.stage(
        {"do": "fail"}, {"do": "text-error", "operation": "poll"}, {"do": "numbers", "operation": "poll", "nth": 2}
    )
    task = client.bought()
    client.wait()
    assert client.poll(task).document["error"] == "006001095: the task's response was an error"
    assert client.poll(task).document["error"]["code"] == 6001095


# rules


def test_rules_match_what_they_name() -> None:
    client = Client(gateway())
    client.stage(
        {"do": "refuse", "operation": "submit", "external_id": "sb-1", "status": 418},
        {"do": "refuse", "operation": "poll", "prompt": "boat", "status": 419},
        {"do": "refuse", "operation": "poll", "dialect": "queue", "status": 420},
        {"do": "refuse", "operation": "submit", "model": "kirin_v1_t2v", "status": 421},
    )
    assert [client.submit(external_id=each).status for each in ("sb-2", "sb-1")] == [200, 418]
    bank = client.bought("A bank.")
    assert [client.poll(each).status for each in (bank, "sb-2", "sb-2")] == [200, 419, 200]
    queue = Client(client.gateway, "queue")
    assert [queue.poll("x").status for _ in range(2)] == [420, 404]
    assert len(client.gateway.faults.left) == 1


def test_nth_and_times() -> None:
    client = Client(gateway())
    client.stage({"do": "not-found", "operation": "poll", "nth": 2, "times": 2})
    task = client.bought()
    assert [client.poll(task).status for _ in range(5)] == [200, 404, 404, 200, 200]


def test_several_rules_can_match_one_request(client: Client) -> None:
    client.stage({"do": "fail", "code": "006001094"}, {"do": "lost-reply"}, {"do": "silent-cost"})
    assert client.submit(external_id="sb-1").delivery == VANISHED
    client.wait()
    assert client.poll("sb-1").document["error"]["code"] == "006001094"
    assert client.gateway.book.totals.faults == Counter({"fail": 1, "lost-reply": 1, "silent-cost": 1})


def test_every_default_option_value_is_valid() -> None:
    used = {(name, value) for kind in KINDS.values() for name, value in kind.options.items()}
    assert {name for name, _ in used} == FORMS.keys()
    assert all(value is None or FORMS[name].fits(value) for name, value in used)


def test_a_rule_reads_as_it_was_written() -> None:
    written = {"do": "stall", "operation": ["poll"], "prompt": "boat", "nth": 3, "times": "always", "seconds": 9}
    (rule,) = rules_from(written)
    assert rule.document() == written
    assert rules_from([rule.document()]) == (rule,)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (7, "not an object"),
        ({}, "no fault `None`"),
        ({"do": "lost-replay"}, "no fault `lost-replay`"),
        ({"do": "cut", "sahre": 0.1}, "no option `sahre`"),
        ({"do": "refuse", "shape": "round"}, "`shape` is one of status, "),
        ({"do": "refuse", "status": 42}, "`status` is an HTTP status"),
        ({"do": "refuse", "status": None}, "`status` is an HTTP status"),
        ({"do": "stall", "seconds": "soon"}, "`seconds` is a number"),
        ({"do": "stall", "seconds": True}, "`seconds` is a number"),
        ({"do": "cut", "share": 1.5}, "`share` is a number from 0 to 1"),
        ({"do": "charge", "usd": "much"}, "`usd` is US dollars"),
        ({"do": "wrong-type", "type": "a\r\nb"}, "`type` is a media type"),
        ({"do": "refuse", "operation": ["poll", "dance"]}, "`dance`"),
        ({"do": "cut", "operation": "submit"}, "`submit`"),
        ({"do": "cut", "times": 0}, "`times` is a number"),
        ({"do": "cut", "nth": True}, "`nth` is a number"),
        ({"do": "cut", "prompt": 7}, "`prompt` is a text"),
        ({"do": "cut", "dialect": "klingon"}, "no dialect `klingon`"),
    ],
)
def test_malformed_rule_is_reported(rule: Any, words: str) -> None:
    with pytest.raises(UsageError, match="rule 2") as caught:
        rules_from([{"do": "reset"}, rule])
    assert words in caught.value.message


# chance


def chances(seed: int, chaos: float = 0.3, order: int = 1) -> dict[str, Answer]:
    client = Client(gateway(chaos=chaos, seed=seed))
    prompts = [f"Boat {number}." for number in range(200)]
    return {prompt: client.submit(prompt) for prompt in prompts[::order]}


def test_random_choice_depends_on_the_seed_and_not_the_order() -> None:
    def met(answers: dict[str, Answer]) -> dict[str, tuple[Any, ...]]:
        return {prompt: (answer.status, answer.delivery) for prompt, answer in sorted(answers.items())}

    assert met(chances(1)) == met(chances(1, order=-1))
    assert met(chances(1)) != met(chances(2))


def test_random_faults_hit_their_share() -> None:
    client = Client(gateway(chaos=0.25, seed=3))
    for number in range(1000):
        client.submit(f"Boat {number}.")
    faults = client.gateway.book.totals.faults
    assert 200 < faults.total() < 300
    assert faults.keys() <= {kind.name for kind in KINDS.values() if kind.weight}
    assert len(faults) > 10


def test_retry_succeeds() -> None:
    client = Client(gateway(chaos=0.5, seed=5))
    answers = [client.poll("nobody").document for _ in range(60)]
    (most, count), *others = Counter(str(answer) for answer in answers).most_common()
    assert "task not found" in most
    assert count > 20
    assert len(others) > 3


def test_first_of_two_rules_applies_first(client: Client) -> None:
    client.stage(
        {"do": "refuse", "status": 418}, {"do": "lost-reply"}, {"do": "reset"}, {"do": "refuse", "status": 419}
    )
    assert [(client.submit().status) for _ in range(4)] == [418, 0, 419, 200]
    assert not client.gateway.faults.left


# what arrives whole, and means something else than usual


def test_late_address(either_client: Client) -> None:
    client = either_client
    client.stage({"do": "late-address", "seconds": 60})
    task = client.bought()
    client.wait()
    assert client.poll(task).document["status"].lower() == "completed"
    assert not _outputs(client, task)
    client.wait(60)
    assert _outputs(client, task)


@pytest.mark.parametrize("half", [False, True])
def test_late_file(client: Client, half: bool) -> None:
    client.stage({"do": "late-file", "seconds": 60, "half": half})
    task = client.bought()
    client.wait()
    url = client.url(task)
    early = client.fetch(url)
    client.wait(60)
    whole = client.fetch(client.url(task)).body()
    assert early.status == (200 if half else 404)
    assert not half or early.body() == whole[: len(whole) // 2]


def test_refused_under_200(client: Client) -> None:
    client.stage({"do": "refused-under-200"})
    answer = client.submit()
    assert (answer.status, answer.document["code"]) == (200, 1301)
    assert "content policy" in answer.document["message"]
    assert not client.gateway.simulator.tasks


def test_final_word(either_client: Client) -> None:
    client = either_client
    client.stage({"do": "final-word", "operation": "poll", "word": "done", "failed": "error", "times": "always"})
    client.stage({"do": "fail", "nth": 2})
    tasks = [client.bought(), client.bought()]
    assert client.poll(tasks[0]).document["status"].lower() == "in_queue"
    client.wait()
    assert [client.poll(task).document["status"] for task in tasks] == ["done", "error"]


def test_other_currency(client: Client) -> None:
    client.stage({"do": "other-currency", "currency": "CNY", "rate": 7})
    task = client.bought()
    client.wait()
    assert client.poll(task).document["usage"] == {"cost": "2.94", "currency": "CNY", "discount": 1.0}
    assert client.gateway.book.totals.paid == Decimal("0.42")


def test_billed_failure(either_client: Client) -> None:
    client = either_client
    client.stage({"do": "billed-failure"})
    task = client.bought()
    client.wait()
    document = client.poll(task).document
    assert document["error"]
    assert document["usage"]["cost"] == "0.42"
    assert client.gateway.book.totals.paid == Decimal("0.42")


def _outputs(client: Client, task: str) -> object:
    if client.dialect == "queue":
        return client.result(task).document["outputs"]
    return client.poll(task).document.get("output")
