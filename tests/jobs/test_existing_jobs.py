"""Packing with a lock: what exists is kept, what was chosen is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from storyboard.cards import builtin_cards
from storyboard.jobs.job import Job
from storyboard.jobs.lock import EMPTY_LOCK, Lock
from storyboard.story.story import Shot
from tests.support.bought import block, jobs_of
from tests.support.shots import shot

CARDS = builtin_cards()
SIX = [shot(name, 5) for name in "abcdef"]


def names(shots: Sequence[Shot], lock: Lock = EMPTY_LOCK) -> list[str]:
    return ["".join(each.name for each in job.shots) for job in jobs_of(shots, lock)]


def lock_of(jobs: Sequence[Job], **more: Any) -> Lock:
    return Lock({job.content: block(job, **{"state": "done", **more}) for job in jobs})


BOUGHT = lock_of(jobs_of(SIX))


def test_without_a_lock() -> None:
    assert names(SIX) == ["abc", "def"]
    assert names([shot("n", 4), *SIX]) == ["nab", "cd", "ef"]


def test_an_insertion_costs_only_itself() -> None:
    assert names([shot("n", 4), *SIX], BOUGHT) == ["n", "abc", "def"]
    assert names([*SIX[:3], shot("n", 4), *SIX[3:]], BOUGHT) == ["abc", "n", "def"]
    assert names([*SIX, shot("n", 4)], BOUGHT) == ["abc", "def", "n"]


def test_an_edit_costs_only_its_job() -> None:
    assert names([replace(SIX[0], prompt="New."), *SIX[1:]], BOUGHT) == ["abc", "def"]


def test_a_short_insertion_takes_the_least_with_it() -> None:
    """Two seconds are no job of their own: one of the two jobs has to go, and no more."""
    assert names([*SIX[:3], shot("n", 2), *SIX[3:]], BOUGHT) == ["abc", "nd", "ef"]


def test_undoing_an_edit_finds_its_jobs_again() -> None:
    inserted = [shot("n", 4), *SIX]
    both = Lock({**BOUGHT.blocks, **lock_of(jobs_of(inserted, BOUGHT)).blocks})
    assert names(SIX, both) == ["abc", "def"]
    assert names(inserted, both) == ["n", "abc", "def"]


def test_a_rename_finds_its_jobs_again() -> None:
    renamed = [replace(each, scene="t", address=f"t.{each.name}") for each in SIX]
    assert names([replace(shot("n", 4, scene="t")), *renamed], BOUGHT) == ["n", "abc", "def"]


@pytest.mark.parametrize(
    ("state", "exists"),
    [
        ("done", True),
        ("running", True),
        ("open", True),
        ("unknown", True),
        ("lost", True),
        ("failed", False),
        ("abandoned", False),
    ],
)
def test_which_jobs_exist(state: str, exists: bool) -> None:
    lock = lock_of(jobs_of(SIX), state=state)
    assert names([shot("n", 4), *SIX], lock) == (["n", "abc", "def"] if exists else ["nab", "cd", "ef"])


def test_the_take_that_was_chosen() -> None:
    first = jobs_of(SIX[:3])[0]
    second = jobs_of([replace(SIX[0], take=2), *SIX[1:3]])[0]
    third = jobs_of([replace(SIX[0], take=3), *SIX[1:3]])[0]
    lock = lock_of([first, second]).choosing(first.base, 2)
    (job,) = jobs_of(SIX[:3], lock)
    assert (job.take, job.content) == (2, second.content)
    assert jobs_of(SIX[:3], lock.choosing(first.base, 1))[0].content == first.content
    (own,) = jobs_of([replace(SIX[0], take=3), *SIX[1:3]], lock)
    assert own.content == third.content, "the story's own word goes before the lock's"
    assert names([shot("n", 4), *SIX[:3]], lock) == ["n", "abc"]


def test_lock_entry_of_another_take_is_not_an_existing_job() -> None:
    second = jobs_of([replace(SIX[0], take=2), *SIX[1:3]])
    assert names([shot("n", 4), *SIX], lock_of(second)) == ["nab", "cd", "ef"]


def test_other_settings_are_other_jobs() -> None:
    pro = [replace(each, parameters={"mode": "pro"}) for each in [shot("n", 4), *SIX]]
    assert names(pro, BOUGHT) == ["nab", "cd", "ef"]
