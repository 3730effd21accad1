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


def test_a_line_a_job_with_since_when_its_task_and_its_price() -> None:
    shown = plain(status_report(view(opened(RUNNING))))
    assert "f2f122309522  running  crowd[" in shown
    assert "41 min ago  $1.18 reserved" in shown and "task t1" in shown
    assert "1 running      $1.18 reserved" in shown


def test_what_a_build_is_at_work_on_is_nothing_to_worry_about() -> None:
    unknown = replace(RUNNING, state=PurchaseState.INTENT, task=None)
    assert "a build is working on it" in plain(status_report(view(opened(unknown, busy=True))))


def test_an_address_can_be_pasted_and_a_servers_words_cannot_paint() -> None:
    shown = plain(status_report(view(opened(REFUSED))))
    assert """--retry 'crowd["north"]'""" in shown and "\x1b" not in shown


def test_of_several_alike_the_way_out_is_told_once() -> None:
    shown = plain(status_report(view(opened(REFUSED), opened(replace(REFUSED, key="bbbb")))))
    assert shown.count("--retry") == 1 and "--retry ADDRESS" in shown and "resolve KEY --unbilled" in shown


def test_the_document_names_the_account_that_is_wanted() -> None:
    [job] = status_document(view(opened(RUNNING, held=True)))["jobs"]
    assert job["wants"] == {
        "account": "866eaa8ff4a2bbcb",
        "base_url": "https://gateway.test",
        "dialect": "generation",
    }
    assert (job["state"], job["since"], job["costs"]) == ("held", "1970-01-01T00:03:20+00:00", "1.18")
