from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from syrupy.assertion import SnapshotAssertion

from storyboard.diagnostics import Rule, Severity
from storyboard.money import dollars, exact, over
from storyboard.plan.steps import Plan
from storyboard.report.build import build_document, build_part, build_report
from storyboard.report.compile import compile_document
from storyboard.report.documents import as_json
from storyboard.report.frames import View
from storyboard.report.plan import plan_document, plan_part, plan_report
from storyboard.report.progress import PlainProgress, told_apart
from storyboard.report.style import Line, cells, plain
from storyboard.report.views import BuildView, JobsView, JobView, PlanPart, PlanView
from storyboard.run.events import Ended, Event, Fetching, Notice, Queued, Rendering, Retrying
from storyboard.run.result import JobState
from storyboard.store.job_status import Verdict
from tests.report import values
from tests.report.values import ANIMATIC, BROKEN, BUILT, CROWD, FOLDER, FREE, PAID, STORY, WIDE
from tests.support.payloads import payload_of

ERROR = Rule("SB203", "prompt-too-long", Severity.ERROR, "", "", "", "").at(values.HERE, "too long")
WINDOW = View(100, FOLDER)


def for_scripts(story: PlanView) -> PlanPart:
    return plan_part(story, WINDOW, for_people=False)


@pytest.mark.parametrize("width", [60, 80, 120, None])
def test_a_plan_says_what_would_be_bought_and_why(width: int | None, snapshot: SnapshotAssertion) -> None:
    shown = plain(plan_report([plan_part(PAID, View(width, FOLDER))]))
    assert shown == snapshot
    starts = {cells(line.partition(" s ")[0]) for line in shown.splitlines() if re.match("  [^ ]", line)}
    assert len(starts) == 1, "the seconds stand below one another, whatever script the scene has"


def test_free_plan_shows_no_money(snapshot: SnapshotAssertion) -> None:
    shown = plain(plan_report([plan_part(FREE, WINDOW)]))
    assert shown == snapshot
    assert "$" not in shown


def test_a_job_that_two_stories_need_is_bought_once() -> None:
    document = plan_document([for_scripts(PAID), for_scripts(PAID)], [], FOLDER)
    assert document["estimate"] == "3.528"
    assert (document["new_seconds"], document["reused_seconds"]) == (21, 24)
    assert len(document["jobs"]) == 10


def test_unknown_price_is_not_guessed() -> None:
    steps = (values.step(WIDE, Verdict.BUY, "new", None),)
    story = PlanView(STORY, Plan("kirin", steps), True)
    assert plan_document([for_scripts(story)], [], FOLDER)["estimate"] is None
    assert "to buy: 1 job, 7 s, price not known" in plain(plan_report([plan_part(story, WINDOW)]))


@pytest.mark.parametrize("built", [BUILT, BROKEN, ANIMATIC], ids=["film", "parts", "animatic"])
def test_build_says_what_is_complete_and_what_is_missing(built: BuildView, snapshot: SnapshotAssertion) -> None:
    assert plain(build_report([build_part(built, WINDOW)])) == snapshot


def test_jobs_of_another_build_are_shown() -> None:
    running = [values.result(job, JobState.RUNNING, "not waited for", task="t") for job in (WIDE, CROWD)]
    for number, said in (
        (1, "1 job is still rendering remotely and stays yours. The same command picks it up."),
        (2, "2 jobs are still rendering remotely and stay yours. The same command picks them up."),
    ):
        result = replace(values.PARTS, jobs=tuple(running[:number]))
        built = replace(BROKEN, result=result)
        assert f"  {said}" in plain(build_report([build_part(built, WINDOW)])).splitlines()


def test_json_has_the_fields_that_scripts_need(snapshot: SnapshotAssertion) -> None:
    compiled = JobsView(
        STORY,
        "Lantern Night",
        "kirin",
        tuple(JobView(job, key, payload_of(job), {"id": "sb-1"}) for job, key in ((WIDE, "key-1"), (CROWD, "key-2"))),
    )
    assert as_json(compile_document([compiled], [ERROR], FOLDER)) == snapshot(name="compile")
    assert as_json(plan_document([for_scripts(PAID)], [ERROR], FOLDER)) == snapshot(name="plan")
    assert as_json(
        build_document([build_part(each, WINDOW, for_people=False) for each in (BUILT, BROKEN)], [ERROR], FOLDER)
    ) == snapshot(name="build")


def test_plain_progress_is_one_line_per_fact(snapshot: SnapshotAssertion) -> None:
    written: list[Line] = []
    progress = PlainProgress(written.extend)
    events: tuple[Event, ...] = (
        Queued(WIDE, "k"),
        Queued(WIDE, "k", "another build has this job"),
        Rendering(WIDE, "k", 190.0),
        Fetching(WIDE, "k", 5, 10),
        Retrying(WIDE, "k", "the gateway is busy", 12.4),
        Notice("no font for emoji: shown as discs", WIDE),
        Notice("the status `odd` is taken as still running"),
        *(Ended(result) for result in BROKEN.result.jobs),
    )
    for event in events:
        progress(event)
    assert plain(written) == snapshot


def test_progress_names_the_stories_if_there_are_several() -> None:
    written: list[Line] = []
    other = replace(WIDE)
    progress = told_apart(PlainProgress(written.extend), [("night", [WIDE]), ("dawn", [other])])
    for event in (Queued(WIDE, "k", "busy"), Notice("a note", other), Notice("of all")):
        progress(event)
    assert plain(written) == f"  night {WIDE.id}   waits: busy\n  note: dawn {WIDE.id}: a note\n  note: of all\n"


@pytest.mark.parametrize(
    ("amount", "script", "person"),
    [
        ("0", "0.00", "$0.00"),
        ("0.84", "0.84", "$0.84"),
        ("1.344", "1.344", "$1.34"),
        ("0.0042", "0.0042", "$0.0042"),
        ("12", "12.00", "$12.00"),
        ("1E+2", "100.00", "$100.00"),
        ("0.005", "0.005", "$0.01"),
        ("0.50400", "0.504", "$0.50"),
    ],
)
def test_money_is_exact_for_scripts_and_to_the_cent_for_people(amount: str, script: str, person: str) -> None:
    assert exact(Decimal(amount)) == script
    assert dollars(Decimal(amount)) == person
    assert Decimal(script) == Decimal(amount)


def test_overfull_job_is_visible() -> None:
    assert over(Decimal("1.008"), Decimal("0.5"), Decimal("1.5")) == ("$1.01", "$0.50", "$1.50")
    assert over(Decimal("1.004"), Decimal("0.5"), Decimal("1.5")) == ("$1.004", "$0.50", "$1.50")
