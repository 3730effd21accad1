"""What a person says about jobs of a shared ledger, and about a ledger that may have lost something."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storyboard.simulator import SimulatorConfig, serve
from storyboard.simulator.faults import FaultRule
from tests.support.cli import Cli
from tests.support.farm import Farm, check_sums
from tests.support.shop import SETTINGS, TOGETHER, Shop

YES = "--yes"


@pytest.fixture
def shop(farm: Farm, tmp_path: Path) -> Iterator[Shop]:
    """A person whose project shares the ledger, before a gateway whose tasks cannot be looked up by our own ids."""
    for name in ("work", "home"):
        (tmp_path / name).mkdir()
    cli = Cli(tmp_path / "work", tmp_path / "home")
    with serve(SimulatorConfig(take=0.05, no_lookup=frozenset({"generation"}))) as gateway:
        shop = Shop(cli, gateway, environment={"STORYBOARD_LEDGER": farm.address})
        cli.write("storyboard.toml", f'project = "lantern"\n{SETTINGS}')
        yield shop


def unknown(shop: Shop) -> None:
    """Lose the reply to the second job's request."""
    shop.gateway.stage(FaultRule("lost-reply", prompt="Paper boats"))
    assert shop.states(YES, code=7) == {"street#1": "built", "river#1": "unknown"}


def river(farm: Farm) -> list[tuple[object, ...]]:
    return farm.sql("SELECT state, task IS NOT NULL, charged, reserved FROM storyboard.attempts WHERE seconds = 4")


def test_job_that_is_given_up_is_given_up_for_the_team(shop: Shop, farm: Farm) -> None:
    unknown(shop)
    assert shop("resolve", "river#1", "--abandon").code == 0
    assert river(farm) == [("abandoned", False, None, "0.336")]
    assert shop("resolve", "river#1", "--unbilled").code == 0
    assert river(farm) == [("abandoned", False, "0", "0.336")]
    check_sums(farm)


def test_task_that_a_person_names_is_known_to_the_team(shop: Shop, farm: Farm) -> None:
    unknown(shop)
    task = list(shop.gateway.simulator.tasks)[-1]
    assert shop("resolve", "river#1", "--adopt", task).code == 0
    assert river(farm)[0][:2] == ("submitted", True)
    assert set(shop.states(YES).values()) <= {"built", "cached"}
    assert shop.paid == TOGETHER
    check_sums(farm)


def test_amount_on_the_bill_is_corrected_for_the_team(shop: Shop, farm: Farm) -> None:
    shop.build(YES)
    assert shop("costs", "--correct", "river#1", "0.50").code == 0
    assert river(farm)[0][2] == "0.50"
    check_sums(farm)


def test_closed_ledger_buys_nothing_until_a_person_has_seen_who_has_told(shop: Shop, farm: Farm) -> None:
    shop.build(YES, "--only", "street")
    farm.machine("tom@desk", "tom").close()
    farm.sql("DELETE FROM storyboard.attempts")
    farm.sql("DELETE FROM storyboard.purses")
    farm.sql("INSERT INTO storyboard.facts VALUES ('closed', 'it was restored from a backup')")
    closed = shop("build", YES)
    assert closed.code == 3
    assert "the ledger is closed: it was restored from a backup" in closed.out + closed.err
    assert farm.sql("SELECT state FROM storyboard.attempts") == [("done",)], "this machine has told what it bought"

    asked = shop("resolve", "--rebuilt")
    assert asked.code == 2
    mine = farm.sql("SELECT name FROM storyboard.told")[0][0]
    assert f"Machines that have reported what they know: {mine}" in asked.err
    assert "Not yet: tom@desk (last seen 20" in asked.err
    assert "--yes" in asked.err
    reopened = shop("resolve", "--rebuilt", YES)
    assert reopened.code == 0
    assert "the ledger is trusted again" in reopened.out
    assert shop("resolve", "--rebuilt", YES).out.strip() == "the ledger was not rebuilt: builds may buy already"
    assert set(shop.states(YES).values()) == {"cached", "built"}
    assert shop.paid == TOGETHER
    check_sums(farm)


def test_nobody_is_asked_about_a_job_that_no_other_machine_may_send(shop: Shop) -> None:
    shop.build(YES)
    refused = shop("resolve", "river#1", "--take-over", YES)
    assert refused.code == 2
    assert "no other machine may still send this job" in refused.err
