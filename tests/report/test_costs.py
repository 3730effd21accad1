"""Sums of spending."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.jobs.purchase_state import PurchaseState
from storyboard.jobs.request import Request
from storyboard.report.costs import UNDATED, add_up, costs_report, sums
from storyboard.report.frames import View
from storyboard.report.style import plain
from storyboard.store import Attempt, StoryRef, Whose

HERE = Path("/films")
BOUGHT = Attempt(
    key="k",
    number=1,
    external_id="sb-k-1",
    whose=Whose("kirin", "https://gateway.test", "generation", "a"),
    story=StoryRef("/films", "a.story"),
    state=PurchaseState.DONE,
    content="c",
    addresses=("river.wide",),
    seconds=7,
    model="kirin_v3_t2v",
    request=Request("kirin_v3_t2v", ()),
    run="r",
    opened_at=1_700_000_000.0,
    charged=Decimal("0.1"),
    reserved=Decimal("9"),
)


@pytest.fixture
def far_east() -> Iterator[None]:
    if not hasattr(time, "tzset"):
        pytest.skip("the time zone of this process cannot be changed")
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Pacific/Kiritimati"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def test_sums_are_exact_however_many_there_are() -> None:
    assert add_up([BOUGHT] * 1000).cost == Decimal("100.0")


def test_charge_replaces_the_reserved_price() -> None:
    found = add_up([BOUGHT, replace(BOUGHT, charged=None), replace(BOUGHT, charged=None, reserved=None)])
    assert (found.charged, found.reserved, found.unpriced) == (Decimal("0.1"), Decimal(9), 1)


def test_days_are_local(far_east: None) -> None:
    assert list(sums([BOUGHT], "day", HERE)) == ["2023-11-15"], "14 November, 22:13 in London"
    assert list(sums([replace(BOUGHT, opened_at=0.0)], "day", HERE)) == [UNDATED]


def test_scenes_of_one_name_in_two_stories_stay_apart() -> None:
    other = replace(BOUGHT, story=StoryRef("/films", "b.story"))
    assert list(sums([BOUGHT, other], "scene", HERE)) == ["a.story river", "b.story river"]


def test_variants_stay_apart() -> None:
    variant = replace(BOUGHT, story=StoryRef("/films", "a.story", "night"))
    assert list(sums([BOUGHT, variant], "story", HERE)) == ["a.story", "a.story (night)"]


def test_unknown_price_is_shown() -> None:
    report = plain(
        costs_report([replace(BOUGHT, charged=None, reserved=None)], Decimal(0), ["model"], View(None, HERE))
    )
    assert "$0.00 and more" in report and "the price of 1 task is unknown" in report
