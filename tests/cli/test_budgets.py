"""Budgets hold for good: over runs, machines, prices that were wrong, and what left the lock."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.shop import SETTINGS, STORY, Shop


def budget(shop: Shop, amount: str) -> None:
    shop.edit("  .model kirin_v3_t2v\n", f"  .model kirin_v3_t2v\n  .budget {amount} USD\n")


def test_a_storys_budget_stops_what_would_pass_it_whatever_leave_there_is(shop: Shop) -> None:
    budget(shop, "0.6")
    jobs = shop.build("--yes", code=4)
    assert (jobs["street#1"]["state"], jobs["river#1"]["state"]) == ("built", "skipped")
    assert "$0.34 more would pass the story's budget of $0.60; $0.50 of it is spent" in jobs["river#1"]["reason"]
    assert shop.states("--yes", "--max-cost", "5", code=4)["river#1"] == "skipped"
    assert shop.paid == Decimal("0.504")


def test_a_budget_counts_what_was_spent_on_texts_that_are_gone(shop: Shop) -> None:
    budget(shop, "0.9")
    shop.build("--yes")
    shop.edit("Paper boats", "Lamps")
    assert shop.states("--yes", code=4)["river#1"] == "skipped"
    assert shop.paid == Decimal("0.84")
    assert "budget: $0.90, spent $0.84" in shop("plan").out


def test_a_budget_counts_what_the_lock_tells_of_other_machines(shop: Shop, tmp_path: Path) -> None:
    budget(shop, "0.9")
    shop.build("--yes")
    other = shop.elsewhere(tmp_path / "other")
    other.edit("Paper boats", "Lamps")
    assert other.states("--yes", code=4)["river#1"] == "skipped"
    assert "spent $0.84" in other("plan").out


def test_without_the_lock_the_same_purchase_would_fit(shop: Shop, tmp_path: Path) -> None:
    """So it is the lock that the test before proves to be read."""
    budget(shop, "0.9")
    shop.build("--yes")
    other = shop.elsewhere(tmp_path / "other", "lanterns.story", "storyboard.toml")
    other.edit("Paper boats", "Lamps")
    other.edit("A street", "A lane")
    assert other.states("--yes")["river#1"] == "built"


def test_a_budget_counts_each_task_once(shop: Shop, tmp_path: Path) -> None:
    budget(shop, "0.9")
    shop.build("--yes")
    other = shop.elsewhere(tmp_path / "other")
    other.build()
    assert "spent $0.84" in other("plan").out, "fetched here, bought there, told by ledger and lock"


def test_a_project_that_moved_has_still_spent_its_money(shop: Shop) -> None:
    budget(shop, "0.9")
    shop.build("--yes")
    moved = shop.cli.folder.with_name("moved")
    shutil.move(shop.cli.folder, moved)
    shop.cli.folder = moved
    assert "spent $0.84" in shop("plan").out
    shop.edit("Paper boats", "Lamps")
    assert shop.states("--yes", code=4)["river#1"] == "skipped"


def test_a_job_counts_in_the_story_that_bought_it(shop: Shop) -> None:
    shop.build("--yes", "--no-wait", code=6)
    shop.build()
    twin = STORY.replace("  .model kirin_v3_t2v\n", "  .model kirin_v3_t2v\n  .budget 0.01 USD\n")
    shop.cli.write("twin.story", twin)
    assert shop("build", "twin.story").code == 0
    assert "budget: $0.01, spent $0.00" in shop("plan", "twin.story").out
    blocks = [json.loads(line) for line in (shop.cli.folder / "twin.story.lock").read_text().splitlines()[1:]]
    assert {block["cost"] for block in blocks} == {"0"}


def test_a_shot_that_is_renamed_elsewhere_keeps_its_cost(shop: Shop, tmp_path: Path) -> None:
    budget(shop, "0.9")
    shop.build("--yes")
    other = shop.elsewhere(tmp_path / "other")
    shutil.rmtree(other.cli.home)
    shutil.copytree(shop.cli.home, other.cli.home)
    other.edit("shot boats", "shot lamps")
    other.build()
    assert {block["cost"] for block in other.lock} == {"0.504", "0.336"}
    assert any("river.lamps" in block["shots"] for block in other.lock)


def test_what_is_reserved_is_what_such_jobs_have_cost_before(shop: Shop) -> None:
    shop.gateway.stage({"do": "charge", "usd": "2.40", "prompt": "street"})
    shop.build("--yes", "--only", "street")
    assert shop.paid == Decimal("2.40")
    assert shop.states("--max-cost", "1", code=4)["river#1"] == "skipped", "forty cents a second, by experience"
    assert shop.posts == 1


def test_a_cost_that_cannot_be_true_is_said_and_counts_as_the_estimate_until_it_is_corrected(shop: Shop) -> None:
    shop.gateway.stage({"do": "charge", "usd": "9000", "prompt": "street"})
    done = shop("build", "--yes", "--only", "street")
    assert done.code == 0 and "storyboard costs --correct" in done.out + done.err, done.out + done.err
    assert "$9000" in done.out + done.err
    assert "$0.50" in shop("costs").out, "what was reserved still counts"
    assert shop.states("--max-cost", "1")["river#1"] == "built", "nothing is learned from it"
    assert "$7.50 charged" in shop("costs", "--correct", "street.wide", "7.50").out
    assert "$7.84" in shop("costs").out


def test_charges_far_above_what_was_agreed_to_stop_the_buying(shop: Shop) -> None:
    shop.gateway.stage({"do": "charge", "usd": "2.40", "prompt": "street"})
    jobs = shop.build("--yes", "--concurrency", "1", code=4)
    assert jobs["street#1"]["state"] == "built"
    assert jobs["river#1"]["state"] == "skipped" and "agreed to" in jobs["river#1"]["reason"]
    assert shop.posts == 1


def test_a_failed_task_that_states_no_cost_counts_until_somebody_says_it_was_not_billed(shop: Shop) -> None:
    budget(shop, "0.9")
    shop.gateway.stage({"do": "fail", "code": "006001099", "prompt": "boats", "silent": True})
    shop.build("--yes", code=3)
    assert "spent $0.84" in shop("plan").out
    assert shop.states("--yes", "--retry", "river.boats", code=4)["river#1"] == "skipped"
    assert shop("resolve", "river.boats", "--unbilled").code == 0
    assert "spent $0.50" in shop("plan").out
    assert shop.states("--yes", "--retry", "river.boats")["river#1"] == "built"


def test_an_unknown_outcome_keeps_its_price(shop: Shop) -> None:
    budget(shop, "0.9")
    shop.behave(no_lookup=frozenset({"generation"}))
    shop.gateway.stage({"do": "reset", "prompt": "boats", "operation": "submit"})
    shop.build("--yes", code=7)
    assert "spent $0.84" in shop("plan").out


def test_a_projects_budget_holds_over_its_stories(shop: Shop) -> None:
    shop.cli.write("storyboard.toml", f'{SETTINGS}budget = "1.20 USD"\n')
    shop.build("lanterns.story", "--yes")
    shop.cli.write("more.story", STORY.replace("street of lanterns", "lane").replace("Paper", "Tin"))
    jobs = shop.build("more.story", "--yes", code=4)
    assert (jobs["street#1"]["state"], jobs["river#1"]["state"]) == ("skipped", "built")
    assert "the project's budget" in jobs["street#1"]["reason"]
    assert "project's budget: $1.20, spent $1.18" in shop("plan").out


def test_a_projects_budget_counts_locks_of_other_machines(shop: Shop, tmp_path: Path) -> None:
    shop.cli.write("storyboard.toml", f'{SETTINGS}budget = "1 USD"\n')
    shop.build("--yes")
    other = shop.elsewhere(tmp_path / "other")
    (other.cli.folder / "lanterns.story").unlink()
    other.cli.write("more.story", STORY.replace("street of lanterns", "lane").replace("Paper", "Tin"))
    assert set(other.states("--yes", code=4).values()) == {"skipped"}


def test_a_model_without_a_price_is_not_bought_under_a_cap(shop: Shop) -> None:
    shop.cli.write("lanterns.story", 'story "L"\n  .model kirin_v1_t2v\n\nshot boats 5s\n  Boats.\n')
    assert json.loads(shop("plan", "--json").out)["estimate"] is None
    jobs = shop.build("--max-cost", "100", code=4)
    assert "[prices]" in jobs["main#1"]["reason"]
    shop.cli.write("storyboard.toml", f'{SETTINGS}[prices]\nkirin_v1_t2v = "0.1"\n')
    assert json.loads(shop("plan", "--json").out)["estimate"] == "0.50"
    assert shop.states("--max-cost", "0.4", code=4) == {"main#1": "skipped"}
    assert shop.states("--max-cost", "0.5") == {"main#1": "built"}


@pytest.mark.parametrize("price", ["0.001", "0"])
def test_a_projects_price_never_lowers_a_built_in_one(shop: Shop, price: str) -> None:
    shop.cli.write("storyboard.toml", f'{SETTINGS}[prices]\nkirin_v3_t2v = "{price}"\n')
    assert json.loads(shop("plan", "--json").out)["estimate"] == "0.84"
    assert set(shop.states("--max-cost", "0.1", code=4).values()) == {"skipped"}
