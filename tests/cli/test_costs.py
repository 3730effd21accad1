"""What was spent, by the ledger: exact, each task once, and without asking anybody."""

from __future__ import annotations

import csv
import io
import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.support.shop import STORY, Shop

YES = "--yes"


def costs(shop: Shop, *arguments: str) -> Any:
    done = shop("costs", "--json", *arguments)
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_every_view_adds_up_to_the_paid_sum(shop: Shop) -> None:
    shop.build(YES)
    requests = shop.requests
    document = costs(shop)
    assert shop.requests == requests, "nobody was asked"
    assert document["total"]["cost"] == document["total"]["charged"] == "0.84"
    for name in ("by_story", "by_scene", "by_model", "by_day"):
        assert sum(Decimal(row["cost"]) for row in document[name]) == shop.paid
    assert {row["scene"]: row["cost"] for row in document["by_scene"]} == {
        "lanterns.story river": "0.336",
        "lanterns.story street": "0.504",
    }
    assert [row["model"] for row in document["by_model"]] == ["kirin_v3_t2v"]


def test_reserved_sums_are_marked_as_reserved(shop: Shop) -> None:
    shop.gateway.stage({"do": "fail", "code": "006001099", "prompt": "boats", "silent": True})
    shop.build(YES, code=3)
    total = costs(shop)["total"]
    assert (total["cost"], total["charged"], total["reserved"]) == ("0.84", "0.504", "0.336")
    assert "spent: $0.84 on 2 tasks, including $0.34 reserved" in shop("costs").out


def test_the_animatic_costs_nothing(shop: Shop) -> None:
    shop("build", "--provider", "animatic")
    assert shop("costs").out == "nothing spent yet\n"
    assert costs(shop)["total"]["tasks"] == 0


def test_a_story_alone_and_a_folder_with_all_below(shop: Shop) -> None:
    shop.cli.write("more/tin.story", STORY.replace("street of lanterns", "lane").replace("Paper", "Tin"))
    shop("build", YES)
    assert shop.paid == Decimal("1.68")
    assert costs(shop)["total"]["cost"] == "1.68"
    assert costs(shop, "more")["total"]["cost"] == costs(shop, "lanterns.story")["total"]["cost"] == "0.84"
    assert [row["story"] for row in costs(shop, "more", ".")["by_story"]] == ["lanterns.story", "more/tin.story"]


def test_deleted_story_still_counts(shop: Shop) -> None:
    shop.build(YES)
    (shop.cli.folder / "lanterns.story").unlink()
    assert costs(shop)["total"]["cost"] == "0.84"
    assert costs(shop, "lanterns.story")["total"]["cost"] == "0.84"
    assert shop("costs", "lantern.story").code == 2


def test_jobs_known_only_from_the_lock_are_listed_apart(shop: Shop, tmp_path: Path) -> None:
    shop.build(YES)
    other = shop.elsewhere(tmp_path / "other")
    document = costs(other)
    assert (document["total"]["cost"], document["elsewhere"]) == ("0.00", "0.84")
    assert "spent elsewhere, according to the locks: $0.84" in other("costs", "lanterns.story").out
    assert costs(shop)["elsewhere"] == "0.00", "here the ledger has it"


def test_moved_folder_keeps_its_spending(shop: Shop) -> None:
    shop.build(YES)
    moved = shop.cli.folder.with_name("moved")
    shutil.move(shop.cli.folder, moved)
    shop.cli.folder = moved
    assert costs(shop)["elsewhere"] == "0.84"


def test_csv_has_exact_decimals(shop: Shop) -> None:
    shop.build(YES)
    rows = list(csv.DictReader(io.StringIO(shop("costs", "--by", "scene", "--csv").out)))
    assert [(row["scene"], row["cost"]) for row in rows] == [
        ("lanterns.story river", "0.336"),
        ("lanterns.story street", "0.504"),
    ]
    assert shop("costs", "--csv", "--json").code == 2


def test_one_story_is_grouped_by_scene_and_day(shop: Shop) -> None:
    shop.build(YES)
    out = shop("costs").out
    assert "scene" in out and "day" in out and "model" not in out
    assert out.splitlines()[-1] == "spent: $0.84 on 2 tasks"
