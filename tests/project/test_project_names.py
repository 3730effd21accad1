"""A project is known by its name, so that its purchases stay its own when its folder is moved, copied or named later."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storyboard.simulator import SimulatorConfig, serve
from tests.support.cli import Cli
from tests.support.shop import SETTINGS, Shop

YES = "--yes"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    for name in ("work", "home"):
        (tmp_path / name).mkdir()
    with serve(SimulatorConfig(take=0.05)) as gateway:
        yield Shop(Cli(tmp_path / "work", tmp_path / "home"), gateway)


def name_it(shop: Shop, more: str = "") -> None:
    shop.cli.write("storyboard.toml", f'project = "lantern"\n{more}{SETTINGS}')


def moved(shop: Shop, folder: str, *, without_locks: bool = False) -> Shop:
    """The same project and the same store, in another folder."""
    target = shop.cli.folder.parent / folder
    shutil.copytree(shop.cli.folder, target)
    if without_locks:
        for lock in target.glob("*.lock"):
            lock.unlink()
    other = Shop(Cli(target, shop.cli.home), shop.gateway)
    for name in ("storyboard.toml", "lanterns.story"):
        other.cli.write(name, (shop.cli.folder / name).read_text())
    return other


def projects(shop: Shop) -> set[str]:
    return {job["project"] for job in json.loads(shop("store", "ls", "--json").out)["jobs"]}


@pytest.mark.posix("nothing is bought there yet")
def test_rows_have_the_name_or_without_one_the_folder(shop: Shop) -> None:
    shop.build(YES, "--only", "street")
    assert projects(shop) == {str(shop.cli.folder)}
    name_it(shop)
    shop.build(YES)
    assert projects(shop) == {"lantern"}, "what was bought before it had a name is its own"


@pytest.mark.posix("nothing is bought there yet")
@pytest.mark.parametrize("budget", ["story", "project"])
@pytest.mark.parametrize("named", ["before", "after"])
def test_budget_holds_when_the_folder_was_moved(shop: Shop, budget: str, named: str) -> None:
    """The locks are gone, so only the ledger knows what was spent."""
    more = 'budget = "0.60 USD"\n' if budget == "project" else ""
    if budget == "story":
        shop.edit(".model kirin_v3_t2v", ".model kirin_v3_t2v\n  .budget 0.60 USD")
    if named == "before":
        name_it(shop, more)
    shop.build(YES, "--only", "street")
    name_it(shop, more)
    shop("plan")
    shop.edit("Paper boats", "Big paper boats")
    other = moved(shop, "elsewhere", without_locks=True)
    assert other.build(YES, "--only", "river", code=4)["river#1"]["state"] == "skipped"
    assert shop.posts == 1


@pytest.mark.posix("nothing is bought there yet")
def test_costs_of_a_named_project_move_with_its_folder(shop: Shop) -> None:
    name_it(shop)
    shop.build(YES)
    other = moved(shop, "elsewhere", without_locks=True)
    spent = json.loads(other("costs", "--json").out)
    assert (spent["total"]["cost"], spent["elsewhere"]) == ("0.84", "0.00")


@pytest.mark.posix("nothing is bought there yet")
def test_costs_and_open_jobs_name_the_file_where_it_was_built(shop: Shop) -> None:
    name_it(shop)
    shop.build(YES, "--no-wait", code=6)
    status = shop("status")
    assert "lanterns.story" in status.out and "lantern/lanterns" not in status.out
    costs = json.loads(shop("costs", "--by", "story", "--json").out)
    assert [row["story"] for row in costs["by_story"]] == ["lanterns.story"]


@pytest.mark.posix("nothing is bought there yet")
def test_garbage_collection_reads_the_locks_of_a_named_project(shop: Shop) -> None:
    name_it(shop)
    shop.build(YES)
    before = sorted((shop.store / "clips").rglob("*.mp4"))
    assert shop("store", "gc", "--paid").code == 0
    assert sorted((shop.store / "clips").rglob("*.mp4")) == before
    assert set(shop.states(YES).values()) == {"cached"}
