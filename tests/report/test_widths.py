"""The columns of plan, costs and status stand below one another and fit the terminal, whatever script names have."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from storyboard.report.costs import costs_report
from storyboard.report.frames import View
from storyboard.report.plan import plan_part
from storyboard.report.status import status_report
from storyboard.report.style import cells, plain
from storyboard.store import StoryRef
from storyboard.store.job_status import Verdict
from tests.report.test_costs import BOUGHT
from tests.report.test_status import RUNNING, opened, view
from tests.report.values import FOLDER, PAID, job, step

NAMES = ("a", "river of lanterns", "灯笼", "灯笼河上的纸船和红色的月亮" * 3, "ночь", "e\u0301" * 30)
WIDTHS = pytest.mark.parametrize("width", [60, 80, 200])


def columns_at(lines: list[str], mark: str) -> set[int]:
    """The columns of the terminal at which these lines have the mark."""
    found = [re.search(mark, line) for line in lines]
    return {cells(match.string[: match.start()]) for match in found if match}


@WIDTHS
def test_columns_of_a_plan_line_up(width: int) -> None:
    steps = tuple(step(job(f"{name}#1", 5, "first", f"{name}2", "last"), Verdict.BUY, "new", "0.42") for name in NAMES)
    story = replace(PAID, plan=replace(PAID.plan, steps=steps))
    rows = [line for line in plain(plan_part(story, View(width, FOLDER)).lines).splitlines() if " 5 s " in line]
    assert len(rows) == len(NAMES)
    assert len(columns_at(rows, r"5 s  ")) == len(columns_at(rows, r"buy  \$0\.42")) == 1
    assert max(map(cells, rows)) <= width


@WIDTHS
def test_columns_of_costs_line_up(width: int) -> None:
    bought = [replace(BOUGHT, story=StoryRef("/films", f"{name}.story"), charged=Decimal("12.5")) for name in NAMES]
    bought.append(replace(BOUGHT, story=StoryRef("/films", "z.story"), charged=None, reserved=Decimal("0.42")))
    lines = plain(costs_report(bought, Decimal(0), ["story", "scene", "day"], View(width, FOLDER))).splitlines()
    rows = [line for line in lines if " 7 s " in line]
    assert len(rows) == 2 * (len(NAMES) + 1)
    assert len(columns_at(rows[: len(NAMES) + 1], "7 s ")) == len(columns_at(rows[len(NAMES) + 1 :], "7 s ")) == 1
    assert max(map(cells, lines[:-1])) <= width, "the sentence at the end may go on in the next line"


@WIDTHS
def test_columns_of_status_line_up(width: int) -> None:
    jobs = [opened(replace(RUNNING, addresses=(f"{name}.wide", f"{name}.push"))) for name in NAMES]
    rows = [line for line in plain(status_report(view(*jobs), width)).splitlines() if "$1.18 reserved" in line]
    assert len(rows) == len(NAMES)
    assert len(columns_at(rows, r"41 min ago  \$1\.18")) == 1
    assert max(map(cells, rows)) <= width


def test_nothing_is_shortened_without_a_column_limit() -> None:
    name = NAMES[3]
    story = replace(PAID, plan=replace(PAID.plan, steps=(step(job(f"{name}#1", 5, "a"), Verdict.BUY, "new", "0.42"),)))
    assert f"{name}#1" in plain(plan_part(story, View(None, FOLDER)).lines)
