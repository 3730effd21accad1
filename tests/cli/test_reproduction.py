"""The same film anywhere: with the lock and the gateway, or with the lock and the clips and no network at all."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.shop import TOGETHER, Shop

NOWHERE = {"STORYBOARD_BASE_URL": "http://127.0.0.1:9"}


def clips(shop: Shop) -> list[bytes]:
    return [path.read_bytes() for path in sorted((shop.cli.folder / "build/lanterns/clips").iterdir())]


def film(shop: Shop) -> bytes:
    return (shop.cli.folder / "build/lanterns/lanterns.mp4").read_bytes()


def test_a_clone_with_the_lock_fetches_and_buys_nothing(shop: Shop, tmp_path: Path) -> None:
    shop.build("--yes")
    clone = shop.elsewhere(tmp_path / "clone")
    jobs = clone.build("--yes")
    assert {job["state"] for job in jobs.values()} == {"built"} and {job["cost"] for job in jobs.values()} == {None}
    assert shop.posts == 2 and shop.paid == TOGETHER
    assert (clips(clone), film(clone)) == (clips(shop), film(shop))


def test_a_locked_build_of_a_clone_fetches_and_writes_no_lock(shop: Shop, tmp_path: Path) -> None:
    shop.build("--yes")
    clone = shop.elsewhere(tmp_path / "clone")
    lock = clone.cli.folder / "lanterns.story.lock"
    before = lock.read_bytes(), lock.stat().st_mtime_ns
    assert set(clone.states("--locked").values()) == {"built"}
    assert (lock.read_bytes(), lock.stat().st_mtime_ns) == before
    assert film(clone) == film(shop) and shop.posts == 2


def test_lock_and_clips_are_enough_without_network_or_key(shop: Shop, tmp_path: Path) -> None:
    shop.build("--yes")
    clone = shop.elsewhere(tmp_path / "clone")
    shutil.copytree(shop.store / "clips", clone.store / "clips")
    clone.key = ""
    clone.environment.update(NOWHERE)
    clone.edit("shot boats", "shot lamps")
    clone.edit("scene street", "scene lane")
    assert set(clone.states("--locked").values()) == {"cached"}, "stale addresses are fine"
    assert clone("build", "--yes").code == 0
    assert [path.read_bytes() for path in sorted((clone.cli.folder / "build/lanterns/clips").iterdir())] == clips(shop)


def test_locked_build_lists_missing_jobs_and_spends_nothing(shop: Shop, tmp_path: Path) -> None:
    shop.build("--yes", "--only", "street")
    clone = shop.elsewhere(tmp_path / "clone")
    jobs = clone.build("--locked", "--yes", "--max-cost", "9", code=4)
    assert (jobs["street#1"]["state"], jobs["river#1"]["state"]) == ("built", "skipped")
    assert "river#1" in clone("build", "--locked").out
    assert shop.posts == 1


def test_locked_build_does_not_change_the_lock(shop: Shop) -> None:
    shop.build("--yes")
    (shop.cli.folder / "lanterns.story.lock").unlink()
    assert set(shop.states("--locked").values()) == {"cached"}, "the ledger names the clips"
    assert not (shop.cli.folder / "lanterns.story.lock").exists()


def test_deleted_lock_is_rebuilt_from_the_ledger(shop: Shop) -> None:
    shop.build("--yes")
    lock = shop.cli.folder / "lanterns.story.lock"
    before = lock.read_bytes()
    lock.unlink()
    shop.build()
    assert lock.read_bytes() == before and shop.posts == 2


def test_first_lock_adds_a_merge_rule_to_gitattributes(shop: Shop) -> None:
    assert not (shop.cli.folder / ".gitattributes").exists()
    shop("build")
    assert not (shop.cli.folder / "lanterns.story.lock").exists(), "nothing was begun"
    shop.build("--yes")
    assert "*.story.lock merge=union" in (shop.cli.folder / ".gitattributes").read_text()


def test_an_edit_pays_for_that_job_and_undoing_it_costs_nothing(shop: Shop) -> None:
    shop.build("--yes")
    shop.edit("Paper boats", "Paper lamps")
    assert shop.states("--yes") == {"street#1": "cached", "river#1": "built"}
    shop.edit("Paper lamps", "Paper boats")
    assert shop.states() == {"street#1": "cached", "river#1": "cached"} and shop.posts == 3


def test_a_local_animatic_writes_no_lock(shop: Shop) -> None:
    assert shop("build", "--provider", "animatic").code == 0
    assert not (shop.cli.folder / "lanterns.story.lock").exists() and shop.requests == 0


def test_a_damaged_clip_is_fetched_again_from_its_task(shop: Shop) -> None:
    shop.build("--yes")
    before = film(shop)
    for path in shop.store.glob("clips/*/*.mp4"):
        path.chmod(0o600)
        path.write_bytes(b"damaged")
    shutil.rmtree(shop.cli.folder / "build")
    jobs = shop.build()
    assert {job["state"] for job in jobs.values()} == {"built"} and shop.posts == 2
    assert film(shop) == before


def test_conflict_markers_in_a_lock_stop_the_build_with_what_to_do(shop: Shop) -> None:
    shop.build("--yes")
    lock = shop.cli.folder / "lanterns.story.lock"
    damaged = f"<<<<<<< HEAD\n{lock.read_text()}=======\n"
    lock.write_text(damaged)
    done = shop("build", "--yes")
    assert done.code == 1 and "lanterns.story.lock:1" in done.err and "keep the lines of both sides" in done.err
    assert lock.read_text() == damaged and shop.posts == 2
