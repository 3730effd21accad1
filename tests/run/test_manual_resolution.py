from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.errors import StoryboardError, UsageError
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.jobs.request import Request
from storyboard.providers.kirin.gateway import Kirin
from storyboard.run.manual_resolution import (
    abandon,
    adopt,
    correct,
    find_attempt,
    same_account,
    status,
    unbilled,
    unbilled_of,
)
from storyboard.run.world import Machine
from storyboard.store import Attempt, AttemptError, Cap, LocalStore, StoryRef, Whose
from storyboard.store.job_status import Verdict, status_of

STORY = StoryRef("/films", "river.story")
OLD = Whose("kirin", "https://gateway.test", "generation", "old")
NEW = replace(OLD, account="new")


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


def recorded(store: LocalStore, key: str = "abcd1234", **more: object) -> Attempt:
    attempt = Attempt(
        key=key,
        number=1,
        external_id=f"sb-{key}-1-1",
        whose=OLD,
        story=STORY,
        state=PurchaseState.INTENT,
        content=key,
        addresses=(f"river.{key}", "river.wide"),
        seconds=5,
        model="kirin_v3_t2v",
        request=Request("kirin_v3_t2v", ()),
        run="r",
        opened_at=100.0,
        sends=1,
        reserved=Decimal("0.42"),
    )
    attempt = replace(attempt, **more)  # type: ignore[arg-type]
    written = store.ledger.correct(attempt)
    assert isinstance(written, Attempt)
    return written


def spent(store: LocalStore) -> Decimal:
    return store.ledger.spent(Cap("all", Decimal(0), story=STORY))


def test_status_lists_the_latest_open_attempt_and_its_account(store: LocalStore) -> None:
    first = recorded(store, "aaaa", state=PurchaseState.FAILED)
    second = recorded(store, "aaaa", number=2, external_id="sb-2", opened_at=200.0)
    theirs = recorded(store, "bbbb", whose=NEW, state=PurchaseState.SUBMITTED, opened_at=300.0)
    recorded(store, "cccc", state=PurchaseState.DONE)
    assert first not in [each.attempt for each in status(store)]
    assert [(each.attempt, each.held) for each in status(store, OLD)] == [(second, False), (theirs, True)]
    assert not status(store, OLD, replace(STORY, path="other.story"))


def test_a_job_is_found_by_its_key_or_by_an_address(store: LocalStore) -> None:
    one = recorded(store, "abcd1234")
    two = recorded(store, "abcd5678")
    assert find_attempt(store, "abcd12") == one
    assert find_attempt(store, "river.abcd5678") == two
    for name in ("abcd", "river.wide", "nowhere"):
        with pytest.raises(UsageError):
            find_attempt(store, name)


def test_address_means_a_shot_of_this_project(store: LocalStore) -> None:
    mine = recorded(store, "aaaa", addresses=("river.wide",))
    recorded(store, "bbbb", addresses=("river.wide",), story=StoryRef("/other", "river.story"))
    assert find_attempt(store, "river.wide", "/films") == mine
    with pytest.raises(UsageError) as miss:
        find_attempt(store, "river.wid", "/films")
    assert "river.wide" in str(miss.value.help)


def test_local_jobs_and_another_gateway_without_a_key(store: LocalStore) -> None:
    recorded(store, "aaaa", whose=Whose("animatic"))
    theirs = recorded(store, "bbbb", state=PurchaseState.SUBMITTED)
    failed = recorded(store, "cccc", state=PurchaseState.FAILED)
    nobody = Whose("kirin", "https://else.test", "generation")
    assert [(each.attempt, each.held) for each in status(store, nobody)] == [(theirs, True), (failed, False)]
    assert [each.held for each in status(store, replace(OLD, account=""))] == [False, False]


def test_unknown_job_becomes_the_adopted_task(store: LocalStore) -> None:
    adopted = adopt(store, recorded(store), "t9", now=200.0)
    assert store.ledger.history(["abcd1234"])["abcd1234"] == (adopted,)
    assert (adopted.state, adopted.task) == (PurchaseState.SUBMITTED, "t9")
    with pytest.raises(UsageError, match="already"):
        adopt(store, recorded(store, "ffff"), "t9", now=200.0)


def test_abandoned_job_counts_until_recorded_as_unbilled(store: LocalStore) -> None:
    given_up = abandon(store, recorded(store), now=200.0)
    assert (given_up.state, spent(store)) == (PurchaseState.ABANDONED, Decimal("0.42"))
    unbilled(store, given_up, now=300.0)
    assert spent(store) == 0


def test_spent_attempt_is_found_behind_later_attempts(store: LocalStore) -> None:
    given_up = abandon(store, recorded(store), now=200.0)
    done = recorded(store, number=2, external_id="sb-2", state=PurchaseState.DONE, charged=Decimal(1))
    assert unbilled_of(store, done) == given_up
    unbilled(store, given_up, now=300.0)
    assert unbilled_of(store, done) == done


def test_a_failure_that_was_not_billed_stays_a_failure(store: LocalStore) -> None:
    failed = recorded(store, state=PurchaseState.FAILED, error=AttemptError("1", "no", final=True))
    assert unbilled(store, failed, now=300.0).state is PurchaseState.FAILED
    assert spent(store) == 0


@pytest.mark.parametrize("settle", [lambda s, a: adopt(s, a, "t", 0.0), lambda s, a: abandon(s, a, 0.0)])
def test_settled_job_is_left_alone(store: LocalStore, settle: Callable[[LocalStore, Attempt], Attempt]) -> None:
    with pytest.raises(UsageError, match="is done"):
        settle(store, recorded(store, state=PurchaseState.DONE))


def test_job_of_a_running_build_is_left_alone(store: LocalStore) -> None:
    attempt = recorded(store)
    claim = store.claim(attempt.key)
    assert claim
    with pytest.raises(StoryboardError, match="is working on"):
        abandon(store, attempt, now=200.0)


def test_job_changed_meanwhile_is_left_alone(store: LocalStore) -> None:
    attempt = recorded(store)
    store.ledger.settle(replace(attempt, state=PurchaseState.DONE, task="t1"))
    with pytest.raises(StoryboardError, match="in the meantime"):
        abandon(store, attempt, now=200.0)


async def test_rotated_key_takes_over_the_jobs_it_finds(store: LocalStore) -> None:
    from storyboard.run.http_client import HttpClient
    from tests.support.wire import Answer, serving
    from tests.support.wire import Request as Received

    def answer(request: Received) -> Answer:
        found = request.path.endswith("/t1")
        return Answer(200, b'{"id": "t1", "status": "in_progress"}') if found else Answer(404)

    async with serving(answer) as wire, Machine(HttpClient(Kirin(wire.base), "key")) as machine:
        there = replace(OLD, base_url=wire.base)
        mine = recorded(store, "aaaa", whose=there, state=PurchaseState.SUBMITTED, task="t1")
        other = recorded(store, "bbbb", whose=there)
        elsewhere = recorded(store, "cccc")
        now = replace(there, account="new")
        assert await same_account(store, machine, Kirin(wire.base), now) == (replace(mine, whose=now),)
    assert {each.attempt for each in status(store, now) if each.held} == {other, elsewhere}


async def test_pulled_job_belongs_to_the_key_once_it_finds_the_task(store: LocalStore) -> None:
    """Its clip may be lost here later: then it is to be fetched from its task, and not held."""
    from storyboard.run.http_client import HttpClient
    from tests.support.wire import Answer, serving
    from tests.support.wire import Request as Received

    def answer(request: Received) -> Answer:
        return Answer(200, b'{"id": "t1", "status": "completed"}' if request.path.endswith("/t1") else b"{}")

    async with serving(answer) as wire, Machine(HttpClient(Kirin(wire.base), "key")) as machine:
        there = replace(OLD, base_url=wire.base, account="of-another-salt")
        pulled = recorded(store, "aaaa", whose=there, state=PurchaseState.DONE, task="t1", clip="c" * 64)
        now = replace(there, account="mine")
        assert status_of([pulled], now).verdict is Verdict.HELD
        only = find_attempt(store, "aaaa")
        assert await same_account(store, machine, Kirin(wire.base), now, only) == (replace(pulled, whose=now),)
    (row,) = store.ledger.history(["aaaa"])["aaaa"]
    assert status_of([row], now).verdict is Verdict.FINISHED
    assert row.costs == pulled.costs, "it counts as it did"


@pytest.mark.parametrize("state", [PurchaseState.FAILED, PurchaseState.ABANDONED, PurchaseState.FINISHED])
def test_a_task_is_adopted_from_any_state_and_the_one_before_keeps_counting(
    store: LocalStore, state: PurchaseState
) -> None:
    attempt = recorded(store, state=state, task="t1", charged=Decimal("0.40"), ended_at=150.0)
    adopted = adopt(store, attempt, "t2", now=200.0)
    assert (adopted.state, adopted.task, adopted.charged, adopted.ended_at) == ("submitted", "t2", None, None)
    assert spent(store) == Decimal("0.82"), "what was charged, and what is reserved now"
    assert find_attempt(store, "river.abcd1234") == adopted


@pytest.mark.parametrize("run, counts", [("run1", "0.50"), ("", "0")])
def test_task_of_a_refused_attempt_counts_its_price_again(store: LocalStore, run: str, counts: str) -> None:
    """The refusal had freed it. What another machine of the team has bought counts there, and not here."""
    attempt = recorded(store, state=PurchaseState.FAILED, reserved=Decimal(0), run=run)
    adopt(store, attempt, "t1", now=200.0, price=Decimal("0.50"))
    assert spent(store) == Decimal(counts)


def test_price_of_a_task_that_still_counts_stays(store: LocalStore) -> None:
    adopt(store, recorded(store, state=PurchaseState.FAILED), "t1", now=200.0, price=Decimal("0.50"))
    assert spent(store) == Decimal("0.42")


def test_a_task_of_another_job_is_not_adopted(store: LocalStore) -> None:
    recorded(store, "aaaa", state=PurchaseState.DONE, task="t1")
    with pytest.raises(UsageError, match=r"already belongs to river\.aaaa"):
        adopt(store, recorded(store, "bbbb"), "t1", now=200.0)


def test_amount_on_the_bill_counts(store: LocalStore) -> None:
    attempt = recorded(store, state=PurchaseState.DONE)
    assert correct(store, attempt, Decimal("7.50")).charged == Decimal("7.50")
    assert spent(store) == Decimal("7.50")
