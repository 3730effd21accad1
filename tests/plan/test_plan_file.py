"""A plan in a file binds a build to the world that it was made in."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.errors import SpendingError, StoreError, UsageError
from storyboard.plan import Plan, Step
from storyboard.plan.plan_file import check_plans, save_plans
from storyboard.store.job_status import Verdict
from tests.support.bought import jobs_of
from tests.support.shots import shot

JOB = jobs_of([shot("a", 5), shot("b", 3)])[0]
BUY = Step("s#1", "k1", Verdict.BUY, "new", 8, Decimal("0.672"), JOB)
HAVE = Step("s#2", "k2", Verdict.CACHED, "in the store", 8, Decimal(0), JOB)
PLANS = {"a.story": Plan("kirin", (BUY, HAVE))}


def test_plan_without_changes_is_accepted(tmp_path: Path) -> None:
    save_plans(PLANS, tmp_path / "p.json")
    check_plans(PLANS, tmp_path / "p.json")
    running = replace(HAVE, state=Verdict.RUNNING, reason="submitted just now")
    check_plans({"a.story": Plan("kirin", (BUY, running))}, tmp_path / "p.json")


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({}, "a.story is not in this run"),
        ({**PLANS, "b.story": Plan("kirin", ())}, "b.story is new"),
        ({"a.story": Plan("other", (BUY, HAVE))}, "was for kirin"),
        ({"a.story": Plan("kirin", (replace(BUY, key="k9"), HAVE))}, "s#1 is a different job now"),
        ({"a.story": Plan("kirin", (BUY,))}, "the jobs changed"),
        (
            {"a.story": Plan("kirin", (replace(BUY, state=Verdict.CACHED), HAVE))},
            "s#1 would have been bought and no longer is",
        ),
        ({"a.story": Plan("kirin", (BUY, replace(HAVE, state=Verdict.BUY)))}, "s#2 would be bought now"),
        ({"a.story": Plan("kirin", (replace(BUY, estimate=Decimal(2)), HAVE))}, "estimated at $0.672 and is at $2.00"),
        ({"a.story": Plan("kirin", (replace(BUY, wanted=False), HAVE))}, "s#1 would have been bought and no longer is"),
    ],
)
def test_outdated_plan_is_refused(tmp_path: Path, now: dict[str, Plan], said: str) -> None:
    save_plans(PLANS, tmp_path / "p.json")
    with pytest.raises(SpendingError) as trouble:
        check_plans(now, tmp_path / "p.json")
    assert said in trouble.value.message


ODD = {"id": "a", "key": "k", "buys": True, "estimate": "x"}


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"plan": 1},
        {"plan": 1, "stories": [{}]},
        {"plan": 2, "stories": []},
        {"plan": 1, "stories": [{"story": "a", "provider": "p", "jobs": [ODD]}]},
        {"plan": 1, "stories": [], "asked": {"only": "s"}},
    ],
)
def test_file_that_is_not_a_plan(tmp_path: Path, document: object) -> None:
    (tmp_path / "p.json").write_text("" if document is None else json.dumps(document))
    with pytest.raises(UsageError, match=r"p\.json"):
        check_plans(PLANS, tmp_path / "p.json")
    with pytest.raises(UsageError, match="cannot be read"):
        check_plans(PLANS, tmp_path / "none.json")
    with pytest.raises(StoreError, match="cannot be written"):
        save_plans(PLANS, tmp_path / "no" / "p.json")
