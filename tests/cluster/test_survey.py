"""What people see of a shared ledger: who is there, what runs and waits, and what was spent, on a real server."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from storyboard.jobs.purchase_state import PurchaseState
from storyboard.project.ledger_survey import ledger_spending, ledger_view
from storyboard.report.style import plain
from storyboard.report.team_costs import team_sums
from storyboard.report.team_status import TeamBudget, TeamPerson, team_report
from storyboard.store.attempt import StoryRef
from tests.support.attempts import an_attempt
from tests.support.farm import Farm, joined, wanted
from tests.support.shop import Shop

ADDRESS = "postgresql://db/films"


def test_view_of_a_ledger_counts_each_persons_jobs_by_state(farm: Farm) -> None:
    mei, tom = farm.machine("mei@laptop", "mei"), farm.machine("farm-1", "tom")
    running = replace(joined(mei, an_attempt("k1")).attempt, task="task-1", state=PurchaseState.SUBMITTED)
    mei.heard(running)
    joined(mei, an_attempt("k2"))
    joined(tom, an_attempt("k3"))
    tom.leave(an_attempt("k3"))
    tom.want(wanted("k4", "k5", person="tom"))
    view = ledger_view(farm.machine("looking", "ann"), ADDRESS)
    assert view.people == (TeamPerson("mei", running=2), TeamPerson("tom", unknown=1, waiting=2))
    assert {(job.key, job.state, job.by, job.task) for job in view.jobs} == {
        ("k1", "running", "mei@laptop", "task-1"),
        ("k2", "running", "mei@laptop", None),
        ("k3", "unknown", "farm-1", None),
    }
    assert view.purchases == 3 and view.closed is None
    assert view.budgets == (TeamBudget("lantern-7f3a", Decimal(0), Decimal("3.00")),)
    assert {(each.name, each.state, each.may_send) for each in view.holders} == {
        ("mei@laptop", "connected", 1),
        ("farm-1", "connected", 0),
    }


def test_intent_of_a_process_that_is_gone_is_unknown_and_names_it(farm: Farm) -> None:
    mei = farm.machine("mei@laptop", "mei")
    joined(mei, an_attempt("k1"))
    mei.session._drop()  # the connection is lost, and nothing is said
    look = farm.machine("looking", "ann")
    [job] = ledger_view(look, ADDRESS).jobs
    assert (job.state, job.by, job.may_send) == ("unknown", "mei@laptop", ("mei@laptop",))
    [holder] = ledger_view(look, ADDRESS).holders
    assert (holder.state, holder.may_send) == ("cut off", 1)
    look.bury(mei.session.holder.id, "it was taken apart")
    [holder] = ledger_view(look, ADDRESS).holders
    assert holder.state == "dead"
    assert ledger_view(look, ADDRESS).jobs[0].may_send == ()


def test_closed_ledger_names_who_has_told_what_they_know_and_who_has_not(farm: Farm) -> None:
    mei, tom = farm.machine("mei@laptop", "mei"), farm.machine("farm-1", "tom")
    joined(tom, an_attempt("k1"))
    farm.sql("INSERT INTO storyboard.facts VALUES ('closed', 'it was restored')")
    mei.tell([], whole=True)
    view = ledger_view(mei, ADDRESS)
    assert view.closed == "it was restored" and view.told == ("mei@laptop",) and "farm-1" in view.not_told
    lines = plain(team_report(view, 0.0))
    assert "nothing is bought, because it was restored" in lines and "run storyboard status --all there" in lines


def test_spending_of_a_ledger_is_told_by_person_story_and_month(farm: Farm) -> None:
    mei, tom = farm.machine("mei@laptop", "mei"), farm.machine("farm-1", "tom")
    one = joined(mei, an_attempt("k1", opened_at=1_700_000_000.0)).attempt
    mei.settle(replace(one, state=PurchaseState.DONE, task="t1", clip="c" * 64, charged=Decimal("0.75")))
    other = StoryRef("dunes-01ab", "dunes.story", "de")
    joined(tom, an_attempt("k2", story=other, opened_at=1_702_000_000.0, reserved="2.50"))
    spending = ledger_spending(mei, ADDRESS)
    total = Decimal("3.25")
    for view in ("person", "project", "story", "month"):
        assert sum(each.cost for each in team_sums(spending.purchases, view).values()) == total
    assert {name: (each.charged, each.reserved) for name, each in team_sums(spending.purchases, "story").items()} == {
        "dunes-01ab dunes.story as de": (Decimal(0), Decimal("2.50")),
        "lantern-7f3a lantern.story": (Decimal("0.75"), Decimal(0)),
    }
    assert list(team_sums(spending.purchases, "month")) == ["2023-11", "2023-12"]
    assert list(team_sums(spending.purchases, "person")) == ["mei", "tom"]


def test_status_and_costs_of_a_team_read_the_shared_ledger(shop: Shop, farm: Farm) -> None:
    shop.build("--yes", "--no-wait", code=6)
    done = shop("status", "--all", "--json")
    assert done.code == 0, done.err
    [team] = done.json["teams"]
    assert (team["record"], team["address"], team["trouble"]) == ("ledger", farm.address, None)
    assert {(job["state"], job["project"], job["story"]) for job in team["jobs"]} == {
        ("running", "lantern", "lanterns.story")
    }
    assert team["budgets"] == [{"project": "lantern", "spent": "0.00", "reserved": "0.84", "holds": []}]
    [person] = team["people"]
    assert person["running"] == 2
    shop.build("--yes")
    costs = shop("costs", "--team", "--json").json
    assert Decimal(costs["total"]["charged"]) == shop.paid and costs["total"]["tasks"] == 2
    assert [row["person"] for row in costs["by_person"]] == [person["name"]]
    assert shop("status", "--all", "--page", "team.html").code == 0
    assert "lantern" in (shop.cli.folder / "team.html").read_text()


def test_a_ledger_that_is_away_leaves_the_status_of_this_machine(shop: Shop) -> None:
    shop.build("--yes", "--no-wait", code=6)
    shop.environment["STORYBOARD_LEDGER"] = "postgresql://127.0.0.1:9/films"
    done = shop("status", "--all")
    assert done.code == 3 and "2 running" in done.out and "not reached" in done.out
    assert shop("costs", "--team").code == 3


def test_the_password_of_a_database_is_nowhere_in_a_status(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "secret-of-the-database")
    shop.build("--yes")
    printed = [shop("status", "--all", *more) for more in ((), ("--json",), ("--page", "team.html"))]
    printed.append(shop("costs", "--team"))
    texts = [done.out + done.err for done in printed] + [(shop.cli.folder / "team.html").read_text()]
    assert not [text for text in texts if "secret-of-the-database" in text]
