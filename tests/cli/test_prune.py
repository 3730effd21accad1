"""`lock prune`: what nothing uses goes, what it cost does not."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from storyboard.jobs.lock import Lock
from storyboard.jobs.lockfile import read_lock, update_lock
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.project.lock_prune import Pruned, _without
from tests.support.shop import Shop

YES = "--yes"


def prune(shop: Shop, *arguments: str) -> Any:
    done = shop("lock", "prune", "--json", *arguments)
    assert done.code == 0, (done.out, done.err)
    return json.loads(done.out)


def shots(shop: Shop) -> set[str]:
    return {shot for block in shop.lock for shot in block["shots"]}


@pytest.fixture
def edited(shop: Shop) -> Shop:
    """The boats were bought, then rewritten."""
    shop.edit("  .model kirin_v3_t2v\n", "  .model kirin_v3_t2v\n  .budget 1 USD\n")
    shop.build(YES)
    shop.edit("Paper boats", "Lamps")
    return shop


def test_unused_entries_are_removed_and_used_ones_stay(edited: Shop) -> None:
    [story] = prune(edited)["stories"]
    assert [block["shots"] for block in story["pruned"]] == [["river.boats"]]
    assert story["pruned"][0]["cost"] == "0.336" and story["pruned"][0]["in_store"]
    assert shots(edited) == {"street.wide", "street.walk"}
    assert prune(edited)["pruned"] == 0


def test_prune_asks_nothing_and_buys_nothing(edited: Shop) -> None:
    before = edited.requests
    prune(edited)
    assert edited.requests == before


def test_a_dry_run_writes_nothing(edited: Shop) -> None:
    before = (edited.cli.folder / "lanterns.story.lock").read_bytes()
    assert prune(edited, "--dry-run")["pruned"] == 1
    assert (edited.cli.folder / "lanterns.story.lock").read_bytes() == before
    assert "would be removed: 1 job, $0.34" in edited("lock", "prune", "--dry-run").out


def test_pruned_jobs_count_against_the_budget_on_every_machine(edited: Shop, tmp_path: Path) -> None:
    prune(edited)
    assert edited.states(YES, code=4)["river#1"] == "skipped"
    other = edited.elsewhere(tmp_path / "other")
    assert "spent $0.84" in other("plan").out
    assert other.states(YES, code=4)["river#1"] == "skipped"


def test_undoing_an_edit_is_free_while_the_store_has_the_clip(edited: Shop) -> None:
    said = edited("lock", "prune").out
    assert "this store still has the clips of 1" in said and "costs again" not in said
    edited.edit("Lamps", "Paper boats")
    assert edited.states(YES) == {"street#1": "cached", "river#1": "cached"}
    assert edited.posts == 2


def test_prune_says_that_undoing_costs_again_without_the_clip(edited: Shop, tmp_path: Path) -> None:
    other = edited.elsewhere(tmp_path / "other")
    assert "undoing such an edit costs again" in other("lock", "prune").out


def test_pruned_job_is_looked_up_before_it_is_bought_again(edited: Shop, tmp_path: Path) -> None:
    prune(edited)
    other = edited.elsewhere(tmp_path / "other")
    other.edit("Lamps", "Paper boats")
    assert other.states(YES) == {"street#1": "built", "river#1": "built"}
    assert other.posts == 2
    assert "spent $0.84" in edited.elsewhere(tmp_path / "third")("plan").out


def test_pruned_job_that_is_bought_again_counts_twice(shop: Shop, tmp_path: Path) -> None:
    shop.edit("  .model kirin_v3_t2v\n", "  .model kirin_v3_t2v\n  .budget 1.2 USD\n")
    shop.behave(forget_after=60.0)
    shop.build(YES)
    shop.edit("Paper boats", "Lamps")
    prune(shop)
    shop.gateway.jump(100)
    shop.behave(forget_after=None)
    other = shop.elsewhere(tmp_path / "other")
    other.edit("Lamps", "Paper boats")
    assert other.states(YES, code=5) == {"street#1": "held", "river#1": "built"}
    assert other.paid == Decimal("1.176")
    third = other.elsewhere(tmp_path / "third")
    assert "spent $1.18" in third("plan").out and "spent $1.18" in other("plan").out
    third.edit("Paper boats", "Lamps")
    assert third.states(YES, code=5)["river#1"] == "skipped"
    assert third.posts == 3


@pytest.mark.parametrize("state", ["intent", "submitted", "finished"])
def test_possibly_running_jobs_stay_without_force(edited: Shop, state: Any) -> None:
    path = edited.cli.folder / "lanterns.story.lock"

    def change(lock: Lock) -> Lock:
        return lock.with_blocks(replace(b, state=state) for b in lock.blocks.values() if "river.boats" in b.shots)

    update_lock(path, change)
    [story] = prune(edited)["stories"]
    assert story["pruned"] == [] and [block["state"] for block in story["stay"]] == [state]
    assert "river.boats" in shots(edited)
    assert prune(edited, "--force")["cost"] == "0.336"
    assert "river.boats" not in shots(edited)
    assert [paid.cost for paid in read_lock(path).past.values()] == [Decimal("0.336")]


def test_error_in_a_story_leaves_every_lock_unchanged(edited: Shop) -> None:
    edited.cli.write("broken.story", "story “x”\n")
    done = edited("lock", "prune", "--json")
    assert done.code == 1 and json.loads(done.out)["diagnostics"]
    assert "river.boats" in shots(edited)


def test_entry_that_a_build_changes_meanwhile_stays(edited: Shop) -> None:
    path = edited.cli.folder / "lanterns.story.lock"
    [block] = [b for b in read_lock(path).blocks.values() if "river.boats" in b.shots]
    seen = replace(block, state=PurchaseState.FAILED)
    gone = _without(Pruned(edited.cli.folder / "lanterns.story", path, (seen,), (), frozenset()))
    assert gone.blocks == () and "river.boats" in shots(edited)


def test_lock_of_a_variant_is_pruned_only_when_named(shop: Shop) -> None:
    shop.build(YES, "--as", "night")
    shop.edit("Paper boats", "Lamps")
    assert prune(shop)["pruned"] == 0
    assert prune(shop, "--as", "night")["pruned"] == 1


def test_standard_input_has_no_lock(shop: Shop) -> None:
    assert shop("lock", "prune", "-").code == 2
