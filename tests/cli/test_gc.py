"""`store gc`: what was bought goes only when somebody says so, and what a lock names last of all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from storyboard.store import LocalStore
from tests.support.shop import Shop

YES = "--yes"


def gc(shop: Shop, *arguments: str) -> Any:
    done = shop("store", "gc", "--json", *arguments)
    assert done.code == 0, (done.out, done.err)
    return json.loads(done.out)


def clips(shop: Shop) -> int:
    return len(list((shop.store / "clips").glob("*/*.mp4")))


def needs(shop: Shop) -> list[str]:
    return sorted(clip["need"] for clip in gc(shop, "--dry-run")["stay"])


@pytest.fixture
def bought(shop: Shop) -> Shop:
    """Two clips that were bought, one of them named by no lock any more."""
    shop.build(YES)
    shop.edit("Paper boats", "Lamps")
    assert shop("lock", "prune").code == 0
    return shop


def test_free_clips_are_removed_and_the_next_build_renders_them_again(shop: Shop) -> None:
    free = "--provider", "animatic"
    shop.build(*free)
    assert clips(shop) == 2
    assert [clip["need"] for clip in gc(shop)["removed"]] == ["free", "free"]
    assert clips(shop) == 0
    assert set(shop.states(*free).values()) == {"built"}
    assert shop("build", *free).code == 0 and clips(shop) == 2


def test_free_clips_are_removed_and_bought_clips_stay(shop: Shop) -> None:
    shop.build("--provider", "animatic")
    shop.build(YES)
    assert clips(shop) == 4
    assert [clip["need"] for clip in gc(shop)["removed"]] == ["free", "free"]
    assert clips(shop) == 2


def test_a_bought_clip_stays_though_no_lock_names_it(bought: Shop) -> None:
    assert gc(bought)["removed"] == [] and clips(bought) == 2
    assert needs(bought) == ["named", "unnamed"]
    assert "--paid removes them" in bought("store", "gc").out


def test_paid_removes_only_clips_that_no_lock_names(bought: Shop) -> None:
    document = gc(bought, "--paid")
    assert [(clip["need"], clip["cost"]) for clip in document["removed"]] == [("unnamed", "0.336")]
    assert document["bytes"] == document["removed"][0]["bytes"] > 0
    [left] = [file.stem for file in (bought.store / "clips").glob("*/*.mp4")]
    assert [block["clip"] for block in bought.lock] == [left]
    assert gc(bought, "--paid")["removed"] == []


def test_a_dry_run_removes_nothing(bought: Shop) -> None:
    assert len(gc(bought, "--force", "--dry-run")["removed"]) == 2
    assert clips(bought) == 2


def test_only_force_removes_a_clip_that_a_lock_names(shop: Shop) -> None:
    shop.build(YES)
    assert len(gc(shop, "--force")["removed"]) == 2 and clips(shop) == 0
    assert set(shop.states().values()) == {"built"}
    assert shop.posts == 2, "fetched, not bought"


@pytest.mark.parametrize("damage", ["gone", "conflict"])
def test_unreadable_lock_keeps_its_clips(shop: Shop, damage: str) -> None:
    shop.build(YES)
    lock = shop.cli.folder / "lanterns.story.lock"
    if damage == "gone":
        lock.unlink()
    else:
        lock.write_text("<<<<<<< ours\n")
    document = gc(shop, "--paid")
    assert document["removed"] == [] and document["unread_locks"] == ["lanterns.story.lock"]
    assert "lanterns.story.lock" in shop("store", "gc").out
    assert len(gc(shop, "--force")["removed"]) == 2


def test_lock_of_another_project_is_known_from_its_build(shop: Shop, tmp_path: Path) -> None:
    """The twin bought nothing: no row of the ledger leads to its lock."""
    shop.build(YES)
    shop.cli.write("twin.story", (shop.cli.folder / "lanterns.story").read_text())
    assert shop("build", "twin.story").code == 0
    shop.edit("Paper boats", "Lamps")
    assert shop("lock", "prune", "lanterns.story").code == 0
    assert gc(shop, "--paid")["removed"] == []
    (shop.cli.folder / "twin.story.lock").unlink()
    assert gc(shop, "--paid")["removed"] == [], "gone, but it was seen to name them"
    for note in (shop.store / "locks").iterdir():
        note.unlink()
    assert len(gc(shop, "--paid")["removed"]) == 1, "so it was the note that kept it"


@pytest.fixture
def two(shop: Shop) -> Shop:
    """Two films that share the boats; of the first only the store is left."""
    shop.build(YES, "lanterns.story")
    text = (shop.cli.folder / "lanterns.story").read_text()
    shop.cli.write("twin.story", text.replace("A street of lanterns", "A street of stalls"))
    shop.build(YES, "twin.story")
    assert clips(shop) == 3
    (shop.cli.folder / "lanterns.story").unlink()
    (shop.cli.folder / "lanterns.story.lock").unlink()
    return shop


LOCK = "lanterns.story.lock"


def test_forgetting_a_deleted_film_releases_its_clips(two: Shop) -> None:
    assert gc(two, "--paid")["removed"] == []
    document = gc(two, "--paid", "--forget", LOCK)
    assert [(clip["need"], clip["cost"]) for clip in document["removed"]] == [("unnamed", "0.504")]
    assert (document["forgotten_locks"], document["unread_locks"]) == ([LOCK], [])
    assert [clip["need"] for clip in document["stay"]] == ["named", "named"]
    assert set(two.states("twin.story").values()) == {"cached"}


def test_forgetting_alone_removes_no_bought_clip(two: Shop) -> None:
    assert gc(two, "--forget", LOCK, "--dry-run")["forgotten_locks"] == [LOCK]
    assert needs(two) == ["named", "named", "unsure"]
    assert gc(two, "--forget", LOCK)["removed"] == []
    assert needs(two) == ["named", "named", "unnamed"]
    assert f"forgotten: {LOCK}" not in two("store", "gc").out


def test_restored_lock_protects_its_clips_again(two: Shop, tmp_path: Path) -> None:
    gc(two, "--forget", LOCK)
    text = (two.cli.folder / "twin.story").read_text()
    two.cli.write("lanterns.story", text.replace("A street of stalls", "A street of lanterns"))
    assert set(two.states("lanterns.story").values()) == {"cached"}
    assert needs(two) == ["named", "named", "named"]
    (two.cli.folder / LOCK).unlink()
    assert needs(two) == ["named", "named", "unsure"]


def test_only_a_missing_lock_can_be_forgotten(two: Shop) -> None:
    done = two("store", "gc", "--paid", "--forget", "twin.story.lock")
    assert done.code == 2 and "exists" in done.err
    (two.cli.folder / "twin.story.lock").write_text("<<<<<<< ours\n")
    assert two("store", "gc", "--paid", "--forget", "twin.story.lock").code == 2
    done = two("store", "gc", "--paid", "--forget", "other.story.lock")
    assert done.code == 2 and LOCK in done.err
    assert clips(two) == 3


def test_clip_unknown_to_a_rebuilt_ledger_stays(shop: Shop) -> None:
    shop.build(YES)
    for part in shop.store.glob("ledger.sqlite3*"):
        part.write_bytes(b"rubbish" * 1000)
    for note in (shop.store / "locks").iterdir():
        note.unlink()
    assert gc(shop, "--paid")["removed"] == []
    assert needs(shop) == ["unsure", "unsure"]


def test_nothing_is_removed_while_a_build_is_running(bought: Shop) -> None:
    store = LocalStore(bought.store)
    claim = store.claim("a job")
    assert claim is not None
    done = bought("store", "gc", "--force")
    assert done.code == 3 and "a build is using the store" in done.err
    assert clips(bought) == 2
    claim.release()
    assert len(gc(bought, "--force")["removed"]) == 2


def test_terminal_asks_before_a_bought_clip_is_removed(bought: Shop) -> None:
    asked = bought.cli.terminal("store", "gc", "--paid", stdin=b"n\n")
    assert asked.code == 4 and "which cost $0.34? They can be fetched again only while" in asked.out
    assert clips(bought) == 2
    assert bought.cli.terminal("store", "gc", "--paid", stdin=b"y\n").code == 0
    assert clips(bought) == 1


def test_ledger_keeps_the_spending(bought: Shop) -> None:
    gc(bought, "--force")
    assert json.loads(bought("costs", "--json").out)["total"]["cost"] == "0.84"
