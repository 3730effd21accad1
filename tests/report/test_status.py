from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from storyboard.jobs.purchase_state import PurchaseState
from storyboard.jobs.request import Request
from storyboard.report.status import Open, OpenView, status_document, status_report
from storyboard.report.style import plain
from storyboard.store import Attempt, AttemptError, StoryRef, Whose

RUNNING = Attempt(
    key="f2f122309522aa",
    number=1,
    external_id="sb-1",
    whose=Whose("kirin", "https://gateway.test", "generation", "866eaa8ff4a2bbcb"),
    story=StoryRef("/films", "river.story"),
    state=PurchaseState.SUBMITTED,
    content="c",
    addresses=('crowd["north"]', "灯笼.wide"),
    seconds=5,
    model="kirin_v3_t2v",
    request=Request("kirin_v3_t2v", ()),
    run="r",
    opened_at=100.0,
    submitted_at=200.0,
    task="t1",
    reserved=Decimal("1.18"),
)
REFUSED = replace(RUNNING, key="aaaa", state=PurchaseState.FAILED, error=AttemptError("1301", "sensitive\x1b", True))


def view(*jobs: Open) -> OpenView:
    return OpenView(jobs, 0, False, 2660.0)


def opened(attempt: Attempt, *, held: bool = False, busy: bool = False) -> Open:
    return Open(attempt, held, busy, "river.story", "storyboard build river.story")


def test_each_job_has_one_line_with_its_age_task_and_price() -> None:
    shown = plain(status_report(view(opened(RUNNING))))
    assert "f2f122309522  running  crowd[" in shown
    assert "41 min ago  $1.18 reserved" in shown and "task t1" in shown
    assert "1 running      $1.18 reserved" in shown


def test_job_of_a_running_build_is_not_a_problem() -> None:
    unknown = replace(RUNNING, state=PurchaseState.INTENT, task=None)
    assert "a build is working on it" in plain(status_report(view(opened(unknown, busy=True))))


def test_address_can_be_pasted_and_server_text_cannot_control_the_terminal() -> None:
    shown = plain(status_report(view(opened(REFUSED))))
    assert """--retry 'crowd["north"]'""" in shown and "\x1b" not in shown


def test_advice_for_similar_jobs_is_shown_once() -> None:
    shown = plain(status_report(view(opened(REFUSED), opened(replace(REFUSED, key="bbbb")))))
    assert shown.count("--retry") == 1 and "--retry ADDRESS" in shown and "resolve KEY --unbilled" in shown


def test_json_names_the_account_that_is_needed() -> None:
    [job] = status_document(view(opened(RUNNING, held=True)))["jobs"]
    assert job["wants"] == {
        "account": "866eaa8ff4a2bbcb",
        "base_url": "https://gateway.test",
        "dialect": "generation",
    }
    assert (job["state"], job["since"], job["costs"]) == ("held", "1970-01-01T00:03:20+00:00", "1.18")
