"""`store migrate`: from a store over to a shared ledger and back, as a person does it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.simulator import SimulatorConfig, serve
from storyboard.simulator.faults import FaultRule
from storyboard.store import Cap, LocalStore
from tests.support.cli import Cli
from tests.support.farm import Farm, check_sums
from tests.support.shop import SETTINGS, TOGETHER, Shop

YES = "--yes"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A person whose project has a name and shares nothing yet."""
    for name in ("work", "home"):
        (tmp_path / name).mkdir()
    cli = Cli(tmp_path / "work", tmp_path / "home")
    with serve(SimulatorConfig(take=0.05)) as gateway:
        shop = Shop(cli, gateway)
        cli.write("storyboard.toml", f'project = "lantern"\n{SETTINGS}')
        yield shop


def share(shop: Shop, farm: Farm) -> None:
    shop.environment["STORYBOARD_LEDGER"] = farm.address


def spent(shop: Shop) -> Decimal:
    store = LocalStore(shop.store)
    try:
        return store.ledger.spent(Cap("all", Decimal(0)))
    finally:
        store.close()


def test_what_a_store_bought_is_known_to_the_team_after_a_move(shop: Shop, farm: Farm, tmp_path: Path) -> None:
    shop.build(YES)
    shop.build("--provider", "animatic")
    share(shop, farm)
    moved = shop("store", "migrate")
    assert moved.code == 0, moved.err
    assert "moved 2 attempts into the ledger" in moved.out and "both say $0.84" in moved.out
    assert farm.sql("SELECT project, state, charged FROM storyboard.attempts ORDER BY seconds") == [
        ("lantern", "done", "0.336"),
        ("lantern", "done", "0.504"),
    ]
    check_sums(farm)
    again = shop("store", "migrate", "--json")
    assert again.json == {"to": "ledger", "added": 0, "changed": 0, "there": 2, "spent": "0.840"}

    other = shop.elsewhere(tmp_path / "other", "lanterns.story", "storyboard.toml")
    other.environment = dict(shop.environment)
    other.cli.write("storyboard.toml", f'project = "lantern"\n{SETTINGS}')
    assert set(other.states(YES).values()) == {"built"}
    assert shop.paid == TOGETHER


def test_ledger_comes_back_into_a_store_and_is_closed(shop: Shop, farm: Farm, tmp_path: Path) -> None:
    share(shop, farm)
    shop.build(YES)
    other = shop.elsewhere(tmp_path / "other", "lanterns.story")
    other.environment = dict(shop.environment)
    other.cli.write("storyboard.toml", f'project = "lantern"\n{SETTINGS}')
    back = other("store", "migrate", "--back")
    assert back.code == 0, back.err
    assert "moved 2 attempts into this store" in back.out
    assert spent(other) == TOGETHER
    shop.edit("Paper boats", "Big boats")
    closed = shop("build", YES)
    assert closed.code == 3
    assert "its purchases were moved to the store of" in closed.out + closed.err
    elsewhere = shop("store", "migrate")
    assert elsewhere.code == 2
    assert "and this is another store" in elsewhere.err

    del other.environment["STORYBOARD_LEDGER"]
    assert set(other.states(YES).values()) == {"built"}
    assert shop.paid == TOGETHER
    other.environment = dict(shop.environment)
    assert other("store", "migrate").code == 0
    assert shop.build(YES)["river#1"]["state"] == "built"
    check_sums(farm)


def test_nothing_is_moved_while_a_job_may_still_be_sent(shop: Shop, farm: Farm) -> None:
    shop.behave(no_lookup=frozenset({"generation"}))
    shop.gateway.stage(FaultRule("lost-reply", prompt="Paper boats"))
    shop.build(YES, code=7)
    store = LocalStore(shop.store)
    (row,) = [row for row in store.ledger.all() if row.task is None]
    store.ledger.reserve(row, (), row.version)
    store.close()
    share(shop, farm)
    refused = shop("store", "migrate")
    assert refused.code == 2
    assert "river.boats may still be sent" in refused.err
    assert farm.sql("SELECT count(*) FROM storyboard.attempts") == [(0,)]


def test_project_without_a_ledger_has_nowhere_to_move_to(shop: Shop) -> None:
    refused = shop("store", "migrate")
    assert refused.code == 2
    assert "STORYBOARD_LEDGER=" in refused.err
