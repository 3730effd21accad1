"""Plans: where each job stands, why, and what it costs; one test a sentence of the contract."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from storyboard.cards import load_catalog
from storyboard.jobs.job import Job
from storyboard.jobs.lock import EMPTY_LOCK, Block, Lock
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.plan import Plan, PlanRequest, Step, make_plan, take_over
from storyboard.plan.reconcile import block_of
from storyboard.store import AttemptError, Whose
from storyboard.story.story import Shot
from tests.support.bought import block, jobs_of
from tests.support.past import STORY, WHOSE, FakePast
from tests.support.shots import shot, span

CATALOG = load_catalog(None)
REQUEST = PlanRequest("kirin", WHOSE, STORY)


def plan_of(jobs: tuple[Job, ...], past: FakePast, *, lock: Lock = EMPTY_LOCK, now: float = 0.0, **asked: Any) -> Plan:
    return make_plan(jobs, CATALOG, lock, past, replace(REQUEST, **asked), now=now)


def only_step(past: FakePast, job: Job, **more: Any) -> Step:
    (step,) = plan_of((job,), past, **more).steps
    return step


def locked(*blocks: Block) -> Lock:
    return Lock({each.content: each for each in blocks})


FREE = Decimal(0)
JOB = jobs_of([shot("a", 5), shot("b", 3)])[0]


def test_new_job_is_bought_at_the_price_of_the_card() -> None:
    plan = plan_of((JOB,), FakePast())
    (step,) = plan.steps
    assert (step.id, step.state, step.reason, step.seconds) == ("s#1", "buy", "new", 8)
    assert step.estimate == step.worth == Decimal("0.672")
    assert (sum(step.seconds for step in plan.buying), plan.estimate, plan.reused_seconds) == (8, Decimal("0.672"), 0)


def test_job_in_the_store_costs_nothing() -> None:
    past = FakePast()
    past.bought(JOB)
    plan = plan_of((JOB,), past)
    assert (plan.steps[0].state, plan.steps[0].estimate) == ("cached", FREE)
    assert (plan.reused_seconds, plan.reused_worth, plan.estimate) == (8, Decimal("0.672"), FREE)


def test_clip_named_only_by_the_lock_is_used() -> None:
    past = FakePast(clip_names={"f00"})
    assert only_step(past, JOB, lock=locked(block(JOB, clip="f00", state=PurchaseState.DONE))).state == "cached"


@pytest.mark.parametrize(
    ("state", "more", "expected", "said"),
    [
        (PurchaseState.SUBMITTED, {"submitted_at": 880.0}, "running", "submitted 2 min ago"),
        (PurchaseState.FINISHED, {}, "finished", "has not been downloaded yet"),
        (PurchaseState.DONE, {"clip": "gone"}, "finished", "has not been downloaded yet"),
        (PurchaseState.INTENT, {}, "unknown", "never answered"),
        (PurchaseState.LOST, {"charged": Decimal("0.84")}, "lost", "had cost $0.84"),
        (PurchaseState.FAILED, {"error": AttemptError("400", "no blood", final=True)}, "failed", "no blood"),
        (PurchaseState.FAILED, {"error": AttemptError("006001094", "busy")}, "buy", "failed before: busy"),
        (PurchaseState.FAILED, {"charged": Decimal("0.84")}, "billed-failure", "--retry buys it once more for about"),
        (PurchaseState.ABANDONED, {}, "buy", "given up"),
        (PurchaseState.WITHDRAWN, {}, "buy", "new"),
    ],
)
def test_state_of_an_attempt_decides_the_verdict(
    state: PurchaseState, more: dict[str, Any], expected: str, said: str
) -> None:
    past = FakePast()
    past.bought(JOB, state, story=replace(STORY, path="other.story"), **more)
    step = only_step(past, JOB, now=1000.0)
    assert step.state == expected
    assert said in step.reason


@pytest.mark.parametrize("state", [PurchaseState.SUBMITTED, PurchaseState.INTENT, PurchaseState.LOST])
@pytest.mark.parametrize("other", [{"account": "f" * 16}, {"base_url": "https://else.test"}, {"dialect": "queue"}])
def test_job_of_another_account_is_held(state: PurchaseState, other: dict[str, str]) -> None:
    past = FakePast()
    past.bought(JOB, state, whose=replace(WHOSE, **other))
    step = only_step(past, JOB)
    assert step.state == "held"
    assert next(iter(other.values())) in step.reason


def test_unknown_account_matches_any() -> None:
    past = FakePast()
    past.bought(JOB, PurchaseState.SUBMITTED)
    assert only_step(past, JOB, gateway=replace(WHOSE, account="")).state == "running"


@pytest.mark.parametrize(
    ("state", "task", "expected"),
    [
        ("submitted", "t", "running"),
        ("done", "t", "finished"),
        ("intent", None, "unknown"),
        ("lost", "t", "lost"),
        ("failed", "t", "buy"),
        ("abandoned", None, "buy"),
    ],
)
def test_state_of_a_lock_entry_decides_the_verdict(state: Any, task: str | None, expected: str) -> None:
    assert only_step(FakePast(), JOB, lock=locked(block(JOB, state=state, task=task))).state == expected


def test_lock_entry_of_another_provider_is_ignored() -> None:
    assert only_step(FakePast(), JOB, lock=locked(block(JOB, provider="other"))).state == "buy"


def test_permission_to_buy_again() -> None:
    lost, refused = FakePast(), FakePast()
    lost.bought(JOB, PurchaseState.LOST)
    refused.bought(JOB, PurchaseState.FAILED, error=AttemptError("400", "no", final=True))
    assert only_step(lost, JOB, rebuy=("s.b",)).state == "buy"
    assert only_step(lost, JOB, rebuy=("s.c",), retry=("s",)).state == "lost"
    assert only_step(refused, JOB, retry=("s",)).state == "buy"
    assert only_step(refused, JOB, rebuy=("s",)).state == "failed"


def test_free_provider_renders_missing_clips_again_for_free() -> None:
    past = FakePast()
    request = {"key_id": "animatic/1", "gateway": Whose("animatic"), "pays": False}
    step = only_step(past, JOB, lock=locked(block(JOB)), **request)
    assert (step.state, step.estimate) == ("buy", FREE)


def test_one_key_twice_is_bought_and_counted_once() -> None:
    jobs = jobs_of([shot("a", 5, "Rain."), shot("b", 5, "Rain.", split_before=True)])
    plan = plan_of(jobs, FakePast())
    assert [step.estimate for step in plan.steps] == [Decimal("0.420"), 0]
    assert (sum(step.seconds for step in plan.buying), plan.estimate) == (5, Decimal("0.420"))
    assert plan.steps[1].reason == "the same as s#1"
    other = plan_of(jobs, FakePast(), only=("s.b",))
    assert other.estimate == Decimal("0.420")


def test_unused_lock_entries_are_listed() -> None:
    other = block(JOB, content="c9", shots=("s.x", "s.y"), key="k9")
    step = plan_of((JOB,), FakePast(), lock=locked(other)).steps[-1]
    assert (step.state, step.key, step.id, step.job, step.estimate) == ("unused", "k9", "s.x …", None, FREE)


def test_only_leaves_out_jobs_and_names_shots_bought_along() -> None:
    jobs = jobs_of([shot("a", 5), shot("b", 3), shot("c", 5, scene="t")])
    plan = plan_of(jobs, FakePast(), only=("s.a",))
    assert [(step.wanted, step.reason) for step in plan.steps] == [
        (True, "new; `s.b` is in the same job"),
        (False, "excluded by --only"),
    ]
    assert (sum(step.seconds for step in plan.buying), plan.steps[1].estimate) == (8, FREE)


def test_a_model_without_a_price() -> None:
    (job,) = jobs_of([shot("a", model="kirin_v2_6_t2v")])
    plan = plan_of((job,), FakePast())
    assert plan.steps[0].estimate is None
    assert plan.estimate is None


def test_estimates_are_corrected_by_what_was_charged() -> None:
    past = FakePast()
    for at, charged in enumerate(("0.30", "0.40", "0.90", "0")):
        (other,) = jobs_of([shot(f"x{at}", 5)])
        past.bought(other, charged=Decimal(charged))
    step = only_step(past, JOB)
    assert step.estimate == Decimal("0.64")
    (dearer,) = jobs_of([shot("a", 5, parameters={"mode": "pro"})])
    assert only_step(past, dearer).estimate == Decimal("0.560")


def test_usual_duration_is_shown() -> None:
    past = FakePast()
    (other,) = jobs_of([shot("x", 5)])
    past.bought(other, took=190.0)
    past.bought(JOB, PurchaseState.SUBMITTED, submitted_at=1000.0)
    assert only_step(past, JOB, now=1121.0).reason == "submitted 2 min 1 s ago, usually takes 3 min 10 s"


def reason(before: list[Shot], after: list[Shot], at: int = 0) -> str:
    """The reason for one job after an edit of a story that was bought as a whole; blocks as the ledger tells them."""
    past = FakePast()
    for job in jobs_of(before):
        past.bought(job)
    lock = take_over(EMPTY_LOCK, past.attempts, "kirin")
    steps = [step for step in plan_of(jobs_of(after, lock), past, lock=lock).steps if step.state == "buy"]
    return steps[at].reason


ABC = [shot("a", 5), shot("b", 4), shot("c", 3)]


@pytest.mark.parametrize(
    ("after", "why"),
    [
        ([shot("a", 5), shot("b", 4, "New."), shot("c", 3)], "prompt of `s.b` changed"),
        ([shot("a", 5, "New."), shot("b", 4, "New."), shot("c", 3)], "prompts of `s.a` and `s.b` changed"),
        ([shot("a", 5), shot("b", 3), shot("c", 3)], "length of `s.b` changed"),
        ([shot("a", 5), shot("b", 4), shot("c", 3, take=2)], "new take: 2"),
        ([shot("a", 5), shot("n", 2), shot("b", 4), shot("c", 3)], "repacked: `s.n` was inserted"),
        ([shot("a", 5), shot("c", 3)], "repacked: `s.b` was removed"),
        ([shot("a", 5), shot("b", 4), shot("c", 3, split_before=True)], "repacked: its shots share jobs differently than before"),
        ([*ABC, shot("z", 4, scene="t")], "new"),
        ([replace(each, parameters={"sound": "on"}) for each in ABC], "`sound` changed"),
        ([replace(each, negative=shot("x", negative=["y"]).negative) for each in ABC], "shared negatives changed"),
        ([replace(each, parameters={"watermark": True}) for each in ABC], "`watermark` changed"),
    ],
)  # fmt: skip
def test_plan_gives_the_reason(after: list[Shot], why: str) -> None:
    assert reason(ABC, after) == why


def test_changed_setting_is_named() -> None:
    line = span()
    both = [*ABC, shot("z", 4, scene="t")]

    def on(shots: list[Shot]) -> list[Shot]:
        return [replace(each, parameters={"sound": "on"}, setting_spans={"sound": line}) for each in shots]

    assert reason(both, on(both)) == "`sound` changed in the story"
    assert reason([*both, shot("y", 4, scene="t", split_before=True)], [*ABC, *on([both[3]]), *on([shot("y", 4, scene="t", split_before=True)])]) == "`sound` changed in scene `t`"  # fmt: skip


def test_from_a_lock_alone_only_the_change_is_known() -> None:
    before, after = jobs_of(ABC)[0], jobs_of([*ABC[:2], shot("c", 3, "New.")])[0]
    step = plan_of((after,), FakePast(), lock=locked(block(before, state=PurchaseState.DONE))).steps[0]
    assert step.reason == "its text or its settings changed"


def test_repacked_job_is_reported() -> None:
    """An insertion at the front leaves the bought jobs whole."""
    shots = [shot(name, 5) for name in "abcdef"]
    past = FakePast()
    for job in jobs_of(shots):
        past.bought(job)
    lock = take_over(EMPTY_LOCK, past.attempts, "kirin")
    states = [step.state for step in plan_of(jobs_of([shot("n", 4), *shots], lock), past, lock=lock).steps]
    assert states == ["buy", "cached", "cached"]


def test_existing_jobs_are_reused() -> None:
    past = FakePast()
    done = past.bought(JOB)
    mine = block_of(done)
    assert mine is not None
    past.bought(JOB, PurchaseState.WITHDRAWN, content="w")
    past.bought(JOB, whose=replace(WHOSE, provider="other"), content="o")
    assert take_over(EMPTY_LOCK, past.attempts, "kirin") == locked(mine)
    running = block(JOB)
    assert take_over(locked(running), past.attempts, "kirin").blocks[JOB.content].clip == done.clip
    theirs = block(JOB, state=PurchaseState.DONE, clip="theirs")
    assert take_over(locked(theirs), past.attempts, "kirin") == locked(theirs)
    pruned = locked(mine).without([JOB.content])
    assert take_over(pruned, past.attempts, "kirin") == pruned
