"""Planning on a real store: the door that planning asks through is one that the store has."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from storyboard.cards import builtin_cards
from storyboard.jobs.lock import EMPTY_LOCK
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.plan import Past, PlanRequest, make_plan
from storyboard.store import LocalStore
from tests.support.bought import jobs_of
from tests.support.past import STORY, WHOSE, FakePast
from tests.support.shots import shot

REQUEST = PlanRequest("kirin", WHOSE, STORY)


def test_store_gives_everything_a_plan_needs(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")
    past: Past = store
    have, runs, new = jobs_of([shot(name, 5, pack="shot") for name in "abc"])
    clip = store.clips.scratch("x")
    clip.write_bytes(b"clip")
    sha256, _ = store.clips.add(clip)
    hand = FakePast()
    store.ledger.correct(replace(hand.bought(have), clip=sha256, charged=Decimal("0.50"), took=60.0))
    store.ledger.correct(hand.bought(runs, PurchaseState.SUBMITTED, submitted_at=100.0))
    plan = make_plan((have, runs, new), builtin_cards(), EMPTY_LOCK, past, REQUEST, now=130.0)
    store.close()
    assert [(step.state, step.reason, step.estimate) for step in plan.steps] == [
        ("cached", "in the store", 0),
        ("running", "submitted 30 s ago, usually takes 1 min", 0),
        ("buy", "new", Decimal("0.5")),
    ]
