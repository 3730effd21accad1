"""What a person sees who builds by a shared ledger: real commands, a real PostgreSQL, a real gateway's book."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.farm import Farm, another, charged, check_sums
from tests.support.shop import SETTINGS, TOGETHER, Shop

YES = "--yes"


def test_build_writes_its_purchases_into_the_shared_ledger(shop: Shop, farm: Farm) -> None:
    assert set(shop.states(YES).values()) == {"built"}
    assert shop.paid == charged(farm) == TOGETHER
    rows = farm.sql("SELECT project, path, state, may, sends FROM storyboard.attempts")
    assert rows == [("lantern", "lanterns.story", "done", [], 1)] * 2
    assert farm.sql("SELECT count(*) FROM storyboard.jobs WHERE NOT done OR holder IS NOT NULL") == [(0,)]
    check_sums(farm)


def test_what_one_machine_bought_another_fetches_and_does_not_buy(shop: Shop, farm: Farm, tmp_path: Path) -> None:
    shop.build(YES)
    other, posts = another(shop, tmp_path / "other"), shop.posts
    assert set(other.planned().values()) <= {"running", "finished"}
    assert set(other.states(YES).values()) == {"built"}
    assert shop.posts == posts
    assert shop.paid == charged(farm) == TOGETHER
    check_sums(farm)


def test_second_build_on_the_same_machine_asks_nobody(shop: Shop) -> None:
    shop.build(YES)
    requests = shop.requests
    assert set(shop.states(YES).values()) == {"cached"}
    assert shop.requests == requests


def test_budget_of_the_project_counts_what_other_machines_bought(shop: Shop, farm: Farm, tmp_path: Path) -> None:
    other = another(shop, tmp_path / "other")
    other.edit("A street", "Another street")
    other.edit("Paper boats", "Big boats")
    for each in (shop, other):
        each.cli.write("storyboard.toml", f'project = "lantern"\nbudget = 1.00\n{SETTINGS}')
    shop.build(YES)
    assert set(other.states(YES, code=4).values()) == {"skipped"}
    assert shop.paid == charged(farm) == TOGETHER
    check_sums(farm)


def test_nothing_is_bought_while_the_ledger_is_away(shop: Shop) -> None:
    shop.environment["STORYBOARD_LEDGER"] = "postgresql://farm@127.0.0.1:1/films"
    done = shop("build", YES)
    assert done.code == 3
    assert "the ledger cannot be reached" in done.out + done.err
    assert shop.posts == 0


def test_bought_film_is_built_while_the_ledger_is_away(shop: Shop) -> None:
    shop.build(YES)
    shop.environment["STORYBOARD_LEDGER"] = "postgresql://farm@127.0.0.1:1/films"
    assert set(shop.states(YES).values()) == {"cached"}


def test_project_without_a_name_buys_nothing(shop: Shop) -> None:
    shop.cli.write("storyboard.toml", SETTINGS)
    done = shop("build", YES)
    assert done.code == 2
    assert "this project shares its purchases and has no name" in done.err
    assert 'write `project = "' in done.err
    assert shop.posts == 0


def test_ledger_that_only_the_project_names_is_refused(shop: Shop, farm: Farm) -> None:
    del shop.environment["STORYBOARD_LEDGER"]
    shop.cli.write("storyboard.toml", f'project = "lantern"\nledger = "{farm.address}"\n{SETTINGS}')
    done = shop("build", YES)
    assert done.code == 5
    assert f"the project's storyboard.toml names the ledger {farm.address}" in done.err
    assert "STORYBOARD_LEDGER=" in done.err
    assert farm.sql("SELECT to_regclass('storyboard.facts') IS NULL") == [(True,)]
    assert shop.posts == 0


def test_free_build_does_not_ask_the_ledger(shop: Shop, farm: Farm) -> None:
    shop.build("--provider", "animatic")
    assert farm.sql("SELECT to_regclass('storyboard.facts') IS NULL") == [(True,)]


@pytest.mark.parametrize(
    "address",
    ["postgresql://farm:secret@host/films", "postgresql://host/films?password=secret", "mysql://host/films", "films"],
)
def test_address_that_is_not_fit_is_refused_without_being_shown(shop: Shop, address: str) -> None:
    shop.environment["STORYBOARD_LEDGER"] = address
    done = shop("build", YES)
    assert done.code == 2
    assert "STORYBOARD_LEDGER" in done.err
    assert "secret" not in done.err + done.out


def test_missing_standby_is_refused(shop: Shop) -> None:
    shop.cli.write("storyboard.toml", f'project = "lantern"\nstandby = "synchronous"\n{SETTINGS}')
    done = shop("build", YES)
    assert done.code == 2
    assert "no commit waits for a standby" in done.err
    assert shop.posts == 0


def test_lock_names_the_ledger_and_no_build_without_it_buys(shop: Shop, tmp_path: Path) -> None:
    shop.build(YES)
    other = another(shop, tmp_path / "other", "lanterns.story", "lanterns.story.lock")
    other.edit("A street", "Another street")
    del other.environment["STORYBOARD_LEDGER"]
    posts = shop.posts
    done = other("build", YES, "--json")
    assert done.code == 2, (done.out, done.err)
    assert "was bought with a team's ledger" in done.out + done.err
    assert shop.posts == posts


def test_store_check_tries_the_ledger(shop: Shop, farm: Farm) -> None:
    done = shop("store", "check")
    assert done.code == 0, done.out
    assert "ledger" in done.out and "keeps what it confirms" in done.out
    farm.sql("INSERT INTO storyboard.facts VALUES ('closed', 'it was restored')")
    done = shop("store", "check")
    assert done.code == 2
    assert "the ledger is closed: it was restored" in done.out and "resolve --rebuilt" in done.out
    shop.environment["STORYBOARD_LEDGER"] = "postgresql://farm@127.0.0.1:1/films"
    assert shop("store", "check").code == 3


def test_closed_ledger_buys_nothing(shop: Shop, farm: Farm) -> None:
    shop("store", "check")
    farm.sql("INSERT INTO storyboard.facts VALUES ('closed', 'it was restored')")
    done = shop("build", YES)
    assert done.code == 3
    assert "the ledger is closed: it was restored" in done.out + done.err
    assert shop.posts == 0


def test_person_on_a_terminal_is_asked_once_about_the_projects_ledger(shop: Shop, farm: Farm) -> None:
    del shop.environment["STORYBOARD_LEDGER"]
    shop.cli.write("storyboard.toml", f'project = "lantern"\nledger = "{farm.address}"\n{SETTINGS}')
    seen = shop.cli.terminal("build", YES, env=shop.env, stdin=b"n\n")
    assert seen.code == 5
    assert f"storyboard.toml names the ledger {farm.address}" in seen.out.replace("\r\n", " ")
    assert shop.posts == 0
    assert shop.cli.terminal("build", YES, env=shop.env, stdin=b"y\n").code == 0
    assert shop("build", YES).code == 0
    assert shop.posts == 2


def test_missing_extra_is_named_with_the_way_to_install_it(shop: Shop, tmp_path: Path) -> None:
    blocker = tmp_path / "blocker"
    blocker.mkdir()
    (blocker / "psycopg.py").write_text("raise ImportError('not installed')\n")
    done = shop.cli.process("build", YES, env={**shop.env, "PYTHONPATH": str(blocker)})
    assert done.code == 2
    assert "a ledger on PostgreSQL needs the extra `cluster`" in done.err
    assert "pip install '.[cluster]'" in done.err
