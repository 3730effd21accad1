"""Whole runs against a gateway on a real socket: each job meets a fault of its own, in both dialects."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from storyboard.errors import ExitCode
from storyboard.jobs.lock import EMPTY_LOCK
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.providers.kirin.dialects import DialectName
from storyboard.providers.kirin.gateway import Kirin
from storyboard.run.admission import Gate, Halt
from storyboard.run.credentials import account_of
from storyboard.run.events import Event, Fetching, Retrying, ignore
from storyboard.run.executor import begin, finish, run
from storyboard.run.http_client import HttpClient
from storyboard.run.journal import NoLock
from storyboard.run.purchase import Purchase
from storyboard.run.result import JobState
from storyboard.run.run_state import GatewayInsight, RunRules
from storyboard.run.world import Machine
from storyboard.simulator.config import SimulatorConfig
from storyboard.simulator.server import RunningSimulator, serve
from storyboard.store import Cap, LocalStore, Whose
from storyboard.store.gateway_traits import Lookup
from tests.support.builder import KEY, PRICE, STORY, build
from tests.support.fakes import a_job, a_plan
from tests.support.wire import Answer, Request, serving

BUYS = RunRules(may_buy=True, wait=1.0, first_poll=0.05, concurrency=40)


@dataclass(frozen=True)
class Staged:
    """A fault, and how the job that meets it ends."""

    do: str
    ends: JobState = JobState.BUILT
    more: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def prompt(self) -> str:
        """The prompt of the job that meets it."""
        return f"A boat meets {self.do} {sorted(self.more.items())}."


def each(operation: str, *names: str) -> list[Staged]:
    return [Staged(name, more={"operation": operation}) for name in names]


HARMLESS = [
    *each("submit", "reset", "server-error", "proxy-error", "empty", "rate-limit", "lost-reply", "cut-reply"),
    *each("submit", "server-error-after", "garbled", "empty-reply", "wrapped", "strings", "numbers", "extra-fields"),
    *each("poll", "reset", "server-error", "rate-limit", "not-found", "lost-reply", "cut-reply", "garbled", "wrapped"),
    *each("poll", "strings", "numbers", "seconds", "unknown-status", "other-case", "without-url", "outputs"),
    *each("download", "reset", "server-error", "expired", "cut", "truncated", "not-video", "wrong-type", "no-ranges"),
    Staged("delivered-late", more={"seconds": 0.3}),
    Staged("show-late", more={"seconds": 0.4}),
    Staged("charge", more={"usd": "0.50"}),
    Staged("silent-cost"),
    Staged("fail", more={"code": "006001094"}),
    Staged("fail", more={"code": "006001095", "billed": False}),
    Staged("completed-with-error"),
    Staged("policy", JobState.FAILED),
    Staged("policy-later", JobState.FAILED),
    Staged("fail", JobState.FAILED, {"code": "006001099"}),
    Staged("fail", JobState.FAILED, {"code": "006001094", "times": 3}),
    Staged("repeated", JobState.UNKNOWN),
    Staged("late-address", more={"seconds": 1.0}),
    Staged("late-file", more={"seconds": 1.0, "half": False}),
    Staged("late-file", more={"seconds": 1.0, "half": True}),
    Staged("refused-under-200", JobState.FAILED),
    *(Staged("final-word", more={"operation": "poll", "word": word}) for word in ("succeeded", "Done", "FINISHED")),
    Staged("other-currency"),
    Staged("short-clip", more={"length": 2}),
    Staged("billed-failure", JobState.BILLED_FAILURE),
    Staged("undocumented"),
]


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


@pytest.fixture
def gateway() -> Iterator[RunningSimulator]:
    with serve(SimulatorConfig(take=0.3)) as running:
        yield running


def spent(store: LocalStore) -> Decimal:
    return store.ledger.spent(Cap("all", Decimal(0), story=STORY))


def paid(gateway: RunningSimulator) -> Decimal:
    return gateway.totals().paid


async def proven(store: LocalStore, gateway: RunningSimulator, dialect: DialectName) -> None:
    """One job without any fault, by which a look-up is seen to work."""
    result = await build(store, gateway.url, ["First of all."], BUYS, dialect=dialect)
    assert [job.state for job in result.jobs] == ["built"]


@pytest.mark.parametrize("dialect", ["generation", "queue"])
async def test_each_fault_ends_as_it_should(dialect: DialectName, store: LocalStore, gateway: RunningSimulator) -> None:
    await proven(store, gateway, dialect)
    gateway.stage(*({"do": staged.do, "prompt": staged.prompt, **staged.more} for staged in HARMLESS))
    events: list[Event] = []
    result = await build(store, gateway.url, [s.prompt for s in HARMLESS], BUYS, dialect=dialect, events=events)
    ends = {staged.prompt: (job.state, job.reason) for staged, job in zip(HARMLESS, result.jobs, strict=True)}
    wrong = {prompt: end for (prompt, end), s in zip(ends.items(), HARMLESS, strict=True) if end[0] != s.ends}
    assert not wrong
    totals = gateway.totals()
    assert not totals.same_order, "nothing is bought twice"
    assert sum(account.leaks for account in totals.accounts.values()) == 0, "no key where none belongs"
    assert any(isinstance(event, Retrying) for event in events)
    assert any(isinstance(event, Fetching) for event in events)
    assert KEY not in repr(events) + repr(result) + (store.folder / "river.story.lock").read_text()


async def test_ledger_equals_the_book_of_the_gateway_to_the_cent(store: LocalStore, gateway: RunningSimulator) -> None:
    await proven(store, gateway, "generation")
    gateway.stage(
        {"do": "charge", "prompt": "Two.", "usd": "0.37"},
        {"do": "fail", "prompt": "Three.", "code": "006001095", "billed": True},
        {"do": "lost-reply", "operation": "submit", "prompt": "Four."},
    )
    result = await build(store, gateway.url, ["One.", "Two.", "Three.", "Four."], BUYS)
    assert result.complete
    assert spent(store) == paid(gateway)


async def test_wrong_key_stops_at_once_with_a_message(store: LocalStore) -> None:
    with serve(SimulatorConfig(take=0.5, keys=frozenset({KEY}))) as gateway:
        result = await build(store, gateway.url, ["One.", "Two.", "Three."], BUYS, key="sk-another")
        assert {job.state for job in result.jobs} == {JobState.SKIPPED}
        assert result.exit_code is ExitCode.ACCESS
        assert any("STORYBOARD_API_KEY" in notice for notice in result.notices)
        assert not store.ledger.in_states(PurchaseState.INTENT)
        assert spent(store) == 0
        assert (await build(store, gateway.url, ["One."], BUYS)).complete


async def test_empty_account_stops_buying_and_fetches_running_jobs(store: LocalStore) -> None:
    with serve(SimulatorConfig(take=1.0, balance=Decimal("0.90"))) as gateway:
        prompts = ["One.", "Two.", "Three.", "Four."]
        result = await build(
            store, gateway.url, prompts, RunRules(may_buy=True, wait=1.0, first_poll=0.05, concurrency=2)
        )
        assert sorted(job.state for job in result.jobs) == ["built", "built", "skipped", "skipped"]
        assert result.exit_code is ExitCode.ACCESS
        assert (result.paid, spent(store)) == (2 * PRICE, 2 * PRICE)


async def test_too_many_at_once_lowers_how_many_are_tried(store: LocalStore) -> None:
    with serve(SimulatorConfig(take=0.5, concurrency=2)) as gateway:
        prompts = [f"Boat {number}." for number in range(6)]
        result = await build(
            store, gateway.url, prompts, RunRules(may_buy=True, wait=1.0, first_poll=0.05, concurrency=6)
        )
        assert result.complete
        assert {job.attempts for job in result.jobs} == {1}
        assert paid(gateway) == 6 * PRICE


async def test_run_without_waiting_is_resumed_later(store: LocalStore, gateway: RunningSimulator) -> None:
    gateway.configure(SimulatorConfig(take=2.0))
    first = await build(store, gateway.url, ["One."], RunRules(may_buy=True, no_wait=True, first_poll=0.05))
    assert ([job.state for job in first.jobs], first.exit_code) == (["running"], ExitCode.RUNNING)
    again = await build(store, gateway.url, ["One."], RunRules(first_poll=0.05))
    assert again.complete
    assert paid(gateway) == PRICE


async def test_overdue_task_counts_as_running(store: LocalStore, gateway: RunningSimulator) -> None:
    gateway.stage({"do": "stuck"})
    result = await build(store, gateway.url, ["One."], RunRules(may_buy=True, task_life=2.0, first_poll=0.05))
    (job,) = result.jobs
    assert (job.state, result.exit_code) == (JobState.RUNNING, ExitCode.RUNNING)
    assert "in_progress" in job.reason or "in_queue" in job.reason


async def test_unknown_status_is_reported_once(store: LocalStore, gateway: RunningSimulator) -> None:
    gateway.stage({"do": "stuck", "times": "always"})
    gateway.stage({"do": "unknown-status", "operation": "poll", "times": "always"})
    result = await build(store, gateway.url, ["One.", "Two."], replace(BUYS, task_life=2.5))
    assert [job.state for job in result.jobs] == ["running", "running"]
    assert len([notice for notice in result.notices if "reviewing" in notice]) == 1


async def test_clip_lost_locally_is_fetched_again_and_not_bought(store: LocalStore, gateway: RunningSimulator) -> None:
    (first,) = (await build(store, gateway.url, ["One."], BUYS)).jobs
    assert first.clip
    first.clip.write_bytes(b"damaged")
    (again,) = (await build(store, gateway.url, ["One."], RunRules(first_poll=0.05))).jobs
    assert (again.state, again.sha256, again.cost) == (JobState.BUILT, first.sha256, None)
    assert paid(gateway) == PRICE


async def test_job_cleared_by_the_gateway_is_lost_until_rebought_by_name(store: LocalStore) -> None:
    with serve(SimulatorConfig(take=0.5, forget_after=60.0)) as gateway:
        (first,) = (await build(store, gateway.url, ["One."], BUYS)).jobs
        assert first.clip
        first.clip.unlink()
        gateway.jump(3600)
        (job,) = (await build(store, gateway.url, ["One."], BUYS)).jobs
        assert (job.state, job.blame) == (JobState.LOST, ExitCode.JOB_FAILED)
        assert "$0.42" in job.reason
        rules = RunRules(may_buy=True, wait=1.0, first_poll=0.05, rebuy=frozenset({job.key}))
        (again,) = (await build(store, gateway.url, ["One."], rules)).jobs
        assert (again.state, again.attempts) == (JobState.BUILT, 2)


async def test_without_lookup_the_runner_learns_to_use_the_task_id(store: LocalStore) -> None:
    with serve(SimulatorConfig(take=0.5, no_lookup=frozenset({"generation"}))) as gateway:
        whose = Whose("kirin", gateway.url, "generation", account_of(KEY, store.ledger.salt()))
        assert (await build(store, gateway.url, ["One."], BUYS)).complete
        assert store.ledger.known(whose).lookup is Lookup.ABSENT
        assert (await build(store, gateway.url, ["Two."], BUYS)).complete


async def test_early_callback_fetches_the_result(store: LocalStore) -> None:
    with serve(SimulatorConfig(take=1.0)) as gateway:
        await proven(store, gateway, "generation")
        (before,) = store.ledger.all()
        store.ledger.correct(replace(before, took=7200.0))  # such a job is first polled after an hour, if nobody calls
        result = await build(store, gateway.url, ["Sooner."], BUYS, listening=True)
        assert result.complete


async def test_queue_refuses_callbacks_and_that_is_reported_once(store: LocalStore, gateway: RunningSimulator) -> None:
    result = await build(store, gateway.url, ["One.", "Two."], BUYS, dialect="queue", listening=True)
    assert result.complete
    assert [notice for notice in result.notices if "callback" in notice] == [
        "queue does not accept a callback address: none is sent, and tasks are polled"
    ]


async def test_unwritable_lock_prevents_sending(store: LocalStore, gateway: RunningSimulator) -> None:
    lock_file = store.folder / "river.story.lock"
    lock_file.write_text('{"version": 2}\n')
    plan = a_plan(a_job(1, "One."), provider="kirin")
    async with Machine(HttpClient(Kirin(gateway.url), KEY)) as machine:
        lock_file.write_text("<<<<<<< ours\n")
        account = account_of(KEY, store.ledger.salt())
        result = await run(
            plan, Kirin(gateway.url), store, machine, rules=BUYS, story=STORY, account=account, lock_file=lock_file
        )
    assert ([job.state for job in result.jobs], result.exit_code) == (["failed"], ExitCode.STORY_ERRORS)
    assert [row.state for row in store.ledger.all()] == [PurchaseState.WITHDRAWN]
    assert sum(account.posts for account in gateway.totals().accounts.values()) == 0
    lock_file.unlink()
    assert (await build(store, gateway.url, ["One."], BUYS)).complete


async def test_result_for_one_story_settles_the_same_job_of_another(
    store: LocalStore, gateway: RunningSimulator
) -> None:
    gateway.configure(SimulatorConfig(take=3.0))
    whose = Whose("kirin", gateway.url, "generation", account_of(KEY, store.ledger.salt()))
    halt = Halt()
    insight, gate = GatewayInsight(), Gate(5, halt.wakeup)
    async with Machine(HttpClient(Kirin(gateway.url), KEY)) as machine:
        runs = [
            begin(
                provider=Kirin(gateway.url),
                store=store,
                clock=machine.clock,
                rules=RunRules(may_buy=True, wait=0.2, first_poll=0.05),
                story=story,
                whose=whose,
                run_id="both",
                notify=ignore,
                halt=halt,
                gate=gate,
                insight=insight,
            )
            for story in (STORY, replace(STORY, path="other.story"))
        ]
        plans = [a_plan(a_job(n, prompt), provider="kirin") for n, prompt in enumerate(("One.", "Two."))]
        (step,) = plans[0].steps
        assert step.job
        intent = Purchase(runs[0], step.key, step.job, None).new_attempt(1)
        store.ledger.correct(replace(intent, sends=1, opened_at=intent.opened_at - 60))
        results = await asyncio.gather(
            *(finish(each, plan, machine, NoLock(), EMPTY_LOCK) for each, plan in zip(runs, plans, strict=True))
        )
    assert [job.state for result in results for job in result.jobs] == ["built", "built"]


@pytest.mark.parametrize(
    "page",
    [
        Answer(200, b"<html><title>Welcome</title></html>", {"content-type": "text/html"}),
        Answer(404, b"404 page not found"),
        Answer(301, headers={"location": "https://elsewhere.test/"}),
    ],
    ids=["page", "path", "redirect"],
)
async def test_unreachable_gateway_means_nothing_sent_and_nothing_final(store: LocalStore, page: Answer) -> None:
    async with serving(lambda request: page) as wire:
        result = await build(store, wire.base, ["One.", "Two."], BUYS)
    assert {request.method for request in wire.requests} == {"GET"}
    assert result.exit_code == ExitCode.ACCESS
    assert all("this is not a gateway: GET http://127.0.0.1" in job.reason for job in result.jobs)
    assert store.ledger.all() == ()


class ConfusedGateway:
    """A gateway of two jobs that mixes up their tasks. `ids` are those that it names in its answers to submits, and
    `polled` is the one that it names whichever is asked about."""

    def __init__(self, ids: Sequence[str], polled: str) -> None:
        self.ids, self.polled, self.posts = iter(ids), polled, 0

    def answer(self, request: Request) -> Answer:
        if request.method == "POST":
            self.posts += 1
            return Answer(200, json.dumps({"id": next(self.ids), "status": "in_queue"}).encode())
        if not self.posts:
            return Answer(404, b'{"error": {"code": "404", "message": "task not found"}}')
        output = [{"url": "http://127.0.0.1:1/v.mp4"}]
        return Answer(200, json.dumps({"id": self.polled, "status": "completed", "output": output}).encode())


async def test_task_of_one_job_is_never_the_answer_for_another(store: LocalStore) -> None:
    gateway = ConfusedGateway(["same", "same"], "same")
    async with serving(gateway.answer) as wire:
        result = await build(store, wire.base, ["One.", "Two."], replace(BUYS, no_wait=True))
    states = sorted(job.state for job in result.jobs)
    assert states == [JobState.FINISHED, JobState.UNKNOWN] or states == [JobState.RUNNING, JobState.UNKNOWN]
    (other,) = (job for job in result.jobs if job.state is JobState.UNKNOWN)
    assert "task same, which belongs to another job" in other.reason
    assert gateway.posts == 2
    assert sorted(row.task or "" for row in store.ledger.all()) == ["", "same"]
