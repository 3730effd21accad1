"""Budgets hold for good: over runs, machines, prices that were wrong, and what left the lock."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.files.lock import held_together
from storyboard.files.user_folders import config_folder, state_folder
from tests.support.shop import SETTINGS, STORY, TOGETHER, Shop


def budget(shop: Shop, amount: str) -> None:
    shop.edit("  .model kirin_v3_t2v\n", f"  .model kirin_v3_t2v\n  .budget {amount} USD\n")


def test_budget_of_a_story_stops_purchases_whatever_the_permission(shop: Shop) -> None:
    budget(shop, "0.6")
    jobs = shop.build("--yes", code=4)
    assert (jobs["street#1"]["state"], jobs["river#1"]["state"]) == ("built", "skipped")
    assert (
        "$0.34 more would exceed .budget of lanterns.story ($0.60), of which $0.50 is spent"
        in jobs["river#1"]["reason"]
    )
    assert shop.states("--yes", "--max-cost", "5", code=4)["river#1"] == "skipped"
    assert shop.paid == Decimal("0.504")


def test_budget_counts_money_spent_on_deleted_texts(shop: Shop) -> None:
    budget(shop, "0.9")
    shop.build("--yes")
    shop.edit("Paper boats", "Lamps")
    assert shop.states("--yes", code=4)["river#1"] == "skipped"
    assert shop.paid == Decimal("0.84")
    plan = shop("plan").out
    assert ".budget of lanterns.story: $0.90, spent $0.84" in plan
    assert "$0.28 over the budget: build would stop\n" in plan


def test_budget_counts_purchases_of_other_machines_from_the_lock(shop: Shop, tmp_path: Path) -> None:
    budget(shop, "0.9")
    shop.build("--yes")
    other = shop.elsewhere(tmp_path / "other")
    other.edit("Paper boats", "Lamps")
    assert other.states("--yes", code=4)["river#1"] == "skipped"
    assert "spent $0.84" in other("plan").out


def test_without_the_lock_the_same_purchase_fits_the_budget(shop: Shop, tmp_path: Path) -> None:
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


def test_moved_project_keeps_its_spending(shop: Shop) -> None:
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
    assert ".budget of twin.story: $0.01, spent $0.00" in shop("plan", "twin.story").out
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


def test_reservation_is_what_such_jobs_have_cost_before(shop: Shop) -> None:
    shop.gateway.stage({"do": "charge", "usd": "2.40", "prompt": "street"})
    shop.build("--yes", "--only", "street")
    assert shop.paid == Decimal("2.40")
    assert shop.states("--max-cost", "1", code=4)["river#1"] == "skipped", "forty cents a second, by experience"
    assert shop.posts == 1


def test_implausible_cost_is_reported_and_counts_as_the_estimate_until_corrected(shop: Shop) -> None:
    shop.gateway.stage({"do": "charge", "usd": "9000", "prompt": "street"})
    done = shop("build", "--yes", "--only", "street")
    assert done.code == 0 and "storyboard costs --correct" in done.out + done.err, done.out + done.err
    assert "$9000" in done.out + done.err
    assert "$0.50" in shop("costs").out, "what was reserved still counts"
    assert shop.states("--max-cost", "1")["river#1"] == "built", "nothing is learned from it"
    assert "$7.50 charged" in shop("costs", "--correct", "street.wide", "7.50").out
    assert "$7.84" in shop("costs").out


def test_charges_far_above_the_agreed_sum_stop_buying(shop: Shop) -> None:
    shop.gateway.stage({"do": "charge", "usd": "2.40", "prompt": "street"})
    jobs = shop.build("--yes", "--concurrency", "1", code=4)
    assert jobs["street#1"]["state"] == "built"
    assert jobs["river#1"]["state"] == "skipped" and "was agreed" in jobs["river#1"]["reason"]
    assert shop.posts == 1


def test_failed_task_without_a_stated_cost_counts_until_recorded_as_unbilled(shop: Shop) -> None:
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


def test_budget_of_a_project_covers_all_its_stories(shop: Shop) -> None:
    shop.cli.write("storyboard.toml", f'{SETTINGS}budget = "1.20 USD"\n')
    shop.build("lanterns.story", "--yes")
    shop.cli.write("more.story", STORY.replace("street of lanterns", "lane").replace("Paper", "Tin"))
    jobs = shop.build("more.story", "--yes", code=4)
    assert (jobs["street#1"]["state"], jobs["river#1"]["state"]) == ("skipped", "built")
    assert "the project's budget" in jobs["street#1"]["reason"]
    assert "project's budget: $1.20, spent $1.18" in shop("plan").out


def test_budget_of_a_project_counts_locks_of_other_machines(shop: Shop, tmp_path: Path) -> None:
    shop.cli.write("storyboard.toml", f'{SETTINGS}budget = "1 USD"\n')
    shop.build("--yes")
    other = shop.elsewhere(tmp_path / "other")
    (other.cli.folder / "lanterns.story").unlink()
    other.cli.write("more.story", STORY.replace("street of lanterns", "lane").replace("Paper", "Tin"))
    assert set(other.states("--yes", code=4).values()) == {"skipped"}


def own_budget(shop: Shop, amount: str) -> None:
    own = config_folder(shop.cli.environment)
    own.mkdir(parents=True, exist_ok=True)
    (own / "config.toml").write_text(f'budget = "{amount} USD"\n')


def test_personal_budget_covers_all_projects(shop: Shop, tmp_path: Path) -> None:
    own_budget(shop, "1.20")
    shop.build("--yes")
    other = tmp_path / "other"
    other.mkdir()
    (other / "storyboard.toml").write_text(f'{SETTINGS}budget = "100 USD"\n')
    text = STORY.replace("street of lanterns", "lane").replace("Paper", "Tin")
    (other / "more.story").write_text(text.replace("_v3_t2v\n", "_v3_t2v\n  .budget 50 USD\n", 1))
    shop.cli.folder = other
    plan = shop("plan").out
    assert "your own budget: $1.20, spent $0.84" in plan
    assert "the project's budget" not in plan, "it is looser than the person's own, which holds anyway"
    assert "$0.48 over the budget: build would stop at your own budget" in plan
    jobs = shop.build("--yes", "--max-cost", "30", code=4)
    assert (jobs["street#1"]["state"], jobs["river#1"]["state"]) == ("skipped", "built")
    assert "$0.50 more would exceed your own budget ($1.20), of which $0.84 is spent" in jobs["street#1"]["reason"]
    assert shop.paid == Decimal("1.176")


def test_personal_budget_covers_other_and_deleted_stores(shop: Shop, tmp_path: Path) -> None:
    own_budget(shop, "1.20")
    shop.build("--yes", "--store", str(tmp_path / "first"))
    shop.edit("lanterns at dusk", "lamps at dusk")
    (shop.cli.folder / "lanterns.story.lock").unlink()
    assert "your own budget: $1.20, spent $0.84" in shop("plan", "--store", str(tmp_path / "second")).out
    jobs = shop.build("--yes", "--store", str(tmp_path / "second"), code=4)
    assert jobs["street#1"]["state"] == "skipped"
    shutil.rmtree(tmp_path / "first")
    paid = shop.paid
    assert shop.build("--yes", "--store", str(tmp_path / "third"), code=4)["street#1"]["state"] == "skipped"
    assert shop.paid == paid <= Decimal("1.20")


def test_several_stores_in_one_build_are_refused_under_a_personal_budget(shop: Shop) -> None:
    own_budget(shop, "5")
    shop.environment["STORYBOARD_STORE"] = ""
    for name in ("one", "two"):
        shop.cli.write(f"{name}/storyboard.toml", f'{SETTINGS}store = "kept"\n')
        shop.cli.write(f"{name}/film.story", STORY.replace("street of lanterns", f"street {name}"))
    done = shop("build", "one", "two", "--yes")
    assert done.code == 4 and "your own budget applies to all stores" in done.err and shop.posts == 0
    assert shop("build", "one", "--yes").code == 0


def test_two_builds_with_two_stores_keep_to_a_personal_budget(shop: Shop, tmp_path: Path) -> None:
    own_budget(shop, "1.20")
    for name in ("one", "two"):
        shop.cli.write(f"{name}/storyboard.toml", SETTINGS)
        shop.cli.write(f"{name}/film.story", STORY.replace("street of lanterns", f"street {name}"))
    with ThreadPoolExecutor() as pool:
        both = pool.map(
            lambda name: shop.process("build", name, "--yes", "--store", str(tmp_path / name)), ("one", "two")
        )
        codes = [done.code for done in both]
    assert set(codes) <= {0, 4} and codes != [0, 0], codes
    assert shop.paid <= Decimal("1.20")
    for name in ("one", "two"):
        shop("build", name, "--yes", "--store", str(tmp_path / name))
    assert TOGETHER <= shop.paid <= Decimal("1.20")


def test_under_a_personal_budget_only_one_store_buys_at_a_time(shop: Shop, tmp_path: Path) -> None:
    own_budget(shop, "5")
    folder = state_folder(shop.cli.environment) / "buying"
    folder.mkdir(parents=True)
    with held_together(folder / ("0" * 64)):
        done = shop("build", "--yes", "--store", str(tmp_path / "other"))
        assert done.code == 4 and "another build is buying with another store" in done.err
    assert shop.posts == 0
    assert shop("build", "--yes", "--store", str(tmp_path / "other")).code == 0, "what is left of a lock locks nothing"


def test_damaged_record_of_stores_stops_buying_under_a_personal_budget(shop: Shop) -> None:
    own_budget(shop, "5")
    shop.build("--yes")
    [note] = state_folder(shop.cli.environment).glob("bought_with.json")
    for text in ("{", "{}", '[{"store": 1}]', '[{"store": "a", "ledger": "b", "spent": "x"}]'):
        note.write_text(text)
        done = shop("build", "--yes")
        assert done.code != 0 and "bought_with.json" in done.err and "Traceback" not in done.err, done


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
def test_price_of_a_project_never_lowers_a_built_in_price(shop: Shop, price: str) -> None:
    shop.cli.write("storyboard.toml", f'{SETTINGS}[prices]\nkirin_v3_t2v = "{price}"\n')
    assert json.loads(shop("plan", "--json").out)["estimate"] == "0.84"
    assert set(shop.states("--max-cost", "0.1", code=4).values()) == {"skipped"}


CARD = """name = "kirin_local"
title = "A model of this project"
source = "nobody"
checked = "2026-11-22"
max_prompt = 2500
max_negative = 2500

[duration]
allowed = [3, 4, 5, 6, 7, 8, 9, 10]
default = 5

[providers.kirin]
duration = "string"

[[providers.kirin.prices]]
per_second = "0.0001"
"""


def with_own_card(shop: Shop, prices: str = "") -> None:
    shop.cli.write("cards/local.toml", CARD)
    shop.cli.write("storyboard.toml", SETTINGS + prices)
    shop.cli.write("lanterns.story", 'story "L"\n  .model kirin_local\n\nshot boats 5s\n  Boats.\n')


def own_configuration(shop: Shop, text: str) -> None:
    own = config_folder(shop.cli.environment)
    own.mkdir(parents=True, exist_ok=True)
    (own / "config.toml").write_text(text)


@pytest.mark.parametrize("prices", ["", '[prices]\nkirin_local = "0.0001"\n'])
def test_price_of_a_project_never_lowers_the_users_price_for_its_model(shop: Shop, prices: str) -> None:
    with_own_card(shop, prices)
    assert json.loads(shop("plan", "--json").out)["estimate"] == "0.0005"
    own_configuration(shop, '[prices]\nkirin_local = "0.2"\n')
    assert json.loads(shop("plan", "--json").out)["estimate"] == "1.00"
    own_configuration(shop, '[prices]\nkirin_v3_t2v = "0.01"\n')
    shop.cli.write("lanterns.story", STORY)
    assert json.loads(shop("plan", "--json").out)["estimate"] == "0.10", "one's own may lower a built-in one"


def test_model_priced_only_by_a_project_is_not_bought_under_a_personal_budget(shop: Shop) -> None:
    with_own_card(shop)
    own_budget(shop, "5")
    [job] = shop.build("--yes", code=4).values()
    assert job["state"] == "skipped" and "in your own configuration" in job["reason"] and shop.posts == 0
    own_configuration(shop, 'budget = "5 USD"\n[prices]\nkirin_local = "0.2"\n')
    assert "only the project" not in str(shop("build", "--yes", "--json").json)
    assert shop.posts == 1
