"""Rerolls: which take comes, what the lock says of it, and where there can be none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storyboard.errors import UsageError
from storyboard.jobs.lock import EMPTY_LOCK, Lock
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.plan import reroll
from tests.support.bought import block, jobs_of
from tests.support.past import FakePast
from tests.support.shots import shot

SHOTS = [shot("a", 5), shot("b", 5), shot("c", 5, scene="t")]
JOBS = jobs_of(SHOTS)


def test_a_new_take_is_one_more_than_any_before() -> None:
    first = reroll(JOBS, "s.b", EMPTY_LOCK, ())
    assert (first.job.take, first.job.base, first.job.shots) == (2, JOBS[0].base, JOBS[0].shots)
    assert first.jobs == (first.job, JOBS[1])
    assert jobs_of(SHOTS, first.lock)[0] == first.job
    lock = first.lock.with_blocks([block(first.job, state="failed", take=6)])
    past = FakePast()
    past.bought(JOBS[0], PurchaseState.FAILED, take=4)
    assert reroll(JOBS, "s.b", lock, past.attempts).job.take == 7


def test_kept_take_is_chosen_for_free() -> None:
    second = reroll(JOBS, "s.a", EMPTY_LOCK, ())
    lock = second.lock.with_blocks([block(JOBS[0], state="done"), block(second.job, state="done")])
    back = reroll(jobs_of(SHOTS, lock), "s.a", lock, (), take=1)
    assert back.job == JOBS[0]
    assert jobs_of(SHOTS, back.lock) == JOBS
    past = FakePast()
    past.bought(JOBS[0])
    assert reroll(JOBS, "s.a", EMPTY_LOCK, past.attempts, take=1).job == JOBS[0]


def test_take_that_is_not_kept() -> None:
    lock = Lock({"c": block(JOBS[0], state="done")})
    with pytest.raises(UsageError, match="there is no take 5 of s#1") as trouble:
        reroll(JOBS, "s.a", lock, (), take=5)
    assert trouble.value.help == "kept: 1"


def test_take_set_in_the_story_must_be_changed_there() -> None:
    jobs = jobs_of([shot("a", 5), replace(shot("b", 5), take=3)])
    with pytest.raises(UsageError, match=r"`s.b` sets its own take: `.take 3` \(night.story:\d+\)") as trouble:
        reroll(jobs, "s.a", EMPTY_LOCK, ())
    assert "`.take 4`" in (trouble.value.help or "")


def test_an_address_of_several_jobs_or_of_none() -> None:
    jobs = jobs_of([shot("a", 5), shot("b", 5, split_before=True)])
    with pytest.raises(UsageError, match="matches several jobs: s#1, s#2"):
        reroll(jobs, "s", EMPTY_LOCK, ())
    with pytest.raises(UsageError, match="there is no shot at"):
        reroll(jobs, "s.x", EMPTY_LOCK, ())
