"""Another take: that job alone is bought, the old clip stays, and one can go back for free."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.shop import TOGETHER, Shop


def film(shop: Shop) -> bytes:
    return (shop.cli.folder / "build/lanterns/lanterns.mp4").read_bytes()


def clip(shop: Shop) -> bytes:
    return (shop.cli.folder / "build/lanterns/clips/02-river-1.mp4").read_bytes()


def takes(shop: Shop) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (shop.cli.folder / "build/lanterns/takes").iterdir()}


def test_another_take_buys_that_job_alone_and_the_old_clip_stays(shop: Shop) -> None:
    shop.build("--yes")
    first, whole = clip(shop), film(shop)
    done = shop("reroll", "river.boats", "--yes")
    assert done.code == 0 and "paid $0.34" in done.out, done.err
    assert shop.paid == TOGETHER + Decimal("0.336") and shop.posts == 3
    assert clip(shop) != first
    assert shop.states() == {"street#1": "cached", "river#1": "cached"}, "the choice is in the lock"
    assert sorted(block["take"] for block in shop.lock) == [1, 1, 2]
    assert "1 clip of earlier versions is kept" in shop("plan").out
    assert "take 1, kept" in shop("plan", "--all").out
    sheet = (shop.cli.folder / "build/lanterns/index.html").read_text()
    assert sheet.count("--take 1") == 1, "the takes stand side by side"
    assert takes(shop) == {"02-river-1.take-1.mp4": first}, "they can be played where the folder goes"
    second = clip(shop)
    again = shop("reroll", "river.boats", "--take", "1")
    assert again.code == 0 and shop.posts == 3
    assert clip(shop) == first and film(shop) == whole
    assert takes(shop) == {"02-river-1.take-2.mp4": second}
    assert shop("reroll", "river.boats", "--take", "2").code == 0
    assert clip(shop) != first and shop.posts == 3


def test_job_id_is_accepted_as_an_address(shop: Shop) -> None:
    shop.build("--yes")
    assert shop("reroll", "river#1", "--yes").code == 0
    assert shop.posts == 3 and shop.paid == TOGETHER + Decimal("0.336")
    assert shop("reroll", "river#1", "--take", "1").code == 0 and shop.posts == 3
    done = shop("reroll", "river#7", "--yes")
    assert done.code == 2 and "river#7" in done.err and shop.posts == 3


def test_without_permission_nothing_is_bought_or_chosen(shop: Shop) -> None:
    shop.build("--yes")
    lock, whole, first = (shop.cli.folder / "lanterns.story.lock").read_bytes(), film(shop), clip(shop)
    done = shop("reroll", "river.boats")
    assert done.code == 4 and "lanterns.mp4" in done.out and "river#1  skipped" in done.out
    assert film(shop) == whole and clip(shop) == first
    done = shop("reroll", "river.boats", "--max-cost", "0.1", "--json")
    assert done.code == 4
    [told] = json.loads(done.out)["stories"]
    assert told["film"] == "build/lanterns/lanterns.mp4"
    assert [bool(job["clip"]) for job in told["jobs"]] == [True, False]
    assert film(shop) == whole
    assert shop.posts == 2
    assert (shop.cli.folder / "lanterns.story.lock").read_bytes() == lock
    assert shop.states() == {"street#1": "cached", "river#1": "cached"}


def test_running_take_is_chosen_and_continues(shop: Shop) -> None:
    shop.build("--yes")
    first = clip(shop)
    assert shop("reroll", "river.boats", "--yes", "--no-wait").code == 6
    assert shop.states() == {"street#1": "cached", "river#1": "built"}
    assert clip(shop) != first and shop.posts == 3


def test_chosen_take_is_stored_in_the_lock(shop: Shop, tmp_path: Path) -> None:
    shop.build("--yes")
    shop("reroll", "river.boats", "--yes")
    other = shop.elsewhere(tmp_path / "other")
    assert set(other.states().values()) == {"built"} and shop.posts == 3
    assert clip(other) == clip(shop)


def test_take_set_in_the_story_is_changed_there(shop: Shop) -> None:
    shop.edit("shot boats 4s\n", "shot boats 4s\n  .take 2\n")
    shop.build("--yes")
    done = shop("reroll", "river.boats", "--yes")
    assert done.code == 2 and ".take" in done.err and "lanterns.story:13" in done.err
    assert shop.posts == 2


@pytest.mark.parametrize(
    "arguments", [("nowhere",), ("street",), ("river.boats", "--take", "7"), ("river.boats", "--provider", "animatic")]
)
def test_wrong_use(shop: Shop, arguments: tuple[str, ...]) -> None:
    shop.cli.write("lanterns.story", (shop.cli.folder / "lanterns.story").read_text().replace("walk 3s", "walk 14s"))
    done = shop("reroll", *arguments, "--yes")
    assert done.code == 2 and done.err
    assert shop.posts == 0


def test_shots_outside_only_are_shown_where_they_exist(shop: Shop) -> None:
    shop.build("--yes")
    whole = film(shop)
    assert shop.states("--only", "river") == {"street#1": "cached", "river#1": "cached"}
    assert film(shop) == whole
    for path in shop.store.glob("clips/*/*"):
        path.chmod(0o600)
        path.write_bytes(b"damaged")
    requests = shop.requests
    assert shop.build("--only", "river")["street#1"]["state"] == "skipped"
    assert shop.posts == 2 and shop.requests > requests


def test_reroll_json_equals_build_json(shop: Shop) -> None:
    shop.build("--yes")
    document = json.loads(shop("reroll", "river.boats", "--yes", "--json").out)
    assert document["paid"] == "0.336"
    assert [job["state"] for job in document["stories"][0]["jobs"]] == ["cached", "built"]
