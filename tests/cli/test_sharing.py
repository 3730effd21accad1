"""`store pull` and `store push`: what was bought is used elsewhere without being bought or asked for again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.shop import Shop

YES = "--yes"


def copied(shop: Shop, *arguments: str) -> Any:
    done = shop("store", *arguments, "--json")
    assert done.code == 0, (done.out, done.err)
    return json.loads(done.out)


def accounts(shop: Shop, store: Path) -> set[str]:
    return {job["account"] for job in json.loads(shop("store", "ls", "--json", "--store", str(store)).out)["jobs"]}


def test_pulled_clips_make_the_film_without_the_gateway(shop: Shop, tmp_path: Path) -> None:
    shop.build(YES)
    new = str(tmp_path / "new")
    document = copied(shop, "pull", str(shop.store), "--store", new)
    assert (document["clips"], document["rows"], document["missing"]) == (2, 2, 0)
    assert document["bytes"] == sum(file.stat().st_size for file in (shop.store / "clips").glob("*/*.mp4"))
    requests = shop.requests
    assert set(shop.states(YES, "--store", new).values()) == {"cached"}
    assert shop.requests == requests
    assert copied(shop, "pull", str(shop.store), "--store", new)["clips"] == 0


def test_push_makes_a_complete_store(shop: Shop, tmp_path: Path) -> None:
    shop.build(YES)
    done = shop("store", "push", str(tmp_path / "copy"))
    assert done.code == 0 and done.out.startswith("copied 2 clips, ")
    assert "2 clips: none damaged" in shop("store", "verify", "--store", str(tmp_path / "copy")).out
    assert json.loads(shop("costs", "--json", "--store", str(tmp_path / "copy")).out)["total"]["cost"] == "0.84"


def test_account_of_this_key_is_recognised_in_the_other_store(shop: Shop, tmp_path: Path) -> None:
    """So that a clip which is lost there is fetched again from its task."""
    shop.build(YES)
    new = tmp_path / "new"
    copied(shop, "push", str(new))
    assert accounts(shop, new) != accounts(shop, shop.store)
    for clip in (new / "clips").glob("*/*.mp4"):
        clip.unlink()
    assert set(shop.states("--store", str(new)).values()) == {"built"}
    assert shop.posts == 2


def test_purchase_of_another_account_is_never_polled_with_this_key(shop: Shop, tmp_path: Path) -> None:
    shop.build(YES)
    new = tmp_path / "new"
    shop.key = "sk-somebody-else"
    copied(shop, "push", str(new))
    assert set(shop.states("--store", str(new)).values()) == {"cached"}, "the clips are there"
    for clip in (new / "clips").glob("*/*.mp4"):
        clip.unlink()
    requests = shop.requests
    assert set(shop.states(YES, "--store", str(new), code=5).values()) == {"held"}
    assert (shop.posts, shop.requests) == (2, requests)


def test_running_job_stays_in_its_store(shop: Shop, tmp_path: Path) -> None:
    shop.build(YES, "--no-wait", code=6)
    assert copied(shop, "push", str(tmp_path / "new"))["rows"] == 0


@pytest.mark.parametrize("place", ["nowhere", ".", "same"])
def test_path_that_is_not_another_store_is_wrong_use(shop: Shop, place: str) -> None:
    shop.build(YES)
    place = str(shop.store) if place == "same" else place
    assert shop("store", "pull", place).code == 2
    assert not (shop.cli.folder / "nowhere").exists()
    if place != "nowhere":
        assert shop("store", "push", place).code == 2
        assert not (shop.cli.folder / "clips").exists()
