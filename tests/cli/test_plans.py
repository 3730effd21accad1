"""A plan that is kept binds a build to the world that it was made in."""

from __future__ import annotations

import json

import pytest

from tests.support.shop import TOGETHER, Shop


def test_a_build_by_a_kept_plan_buys_what_it_says(shop: Shop) -> None:
    done = shop("plan", "--out", "plan.json")
    assert done.code == 0 and "to buy: 2 jobs, 10 s, about $0.84" in done.out
    assert shop("build", "--plan", "plan.json").code == 4, "a plan is no leave"
    assert shop.posts == 0
    assert shop("build", "--plan", "plan.json", "--yes").code == 0
    assert shop.paid == TOGETHER


@pytest.mark.parametrize("change", ["text", "bought", "price", "story", "only"])
def test_a_changed_world_is_refused_and_nothing_is_sent(shop: Shop, change: str) -> None:
    assert shop("plan", "--out", "plan.json").code == 0
    more: list[str] = []
    if change == "text":
        shop.edit("boats", "junks")
    elif change == "bought":
        shop.build("--yes", "--only", "river")
    elif change == "price":
        shop.cli.write("storyboard.toml", 'provider = "kirin"\n[prices]\nkirin_v3_t2v = "0.5"\n')
    elif change == "story":
        shop.cli.write("more.story", 'story "M"\n  .model kirin_v3_t2v\n\nshot s 5s\n  A moon.\n')
    else:
        more = ["--only", "river"]
    posts = shop.posts
    done = shop("build", "--plan", "plan.json", "--yes", *more)
    assert done.code == 4 and "has changed since" in done.err and "plan --out" in done.err
    assert shop.posts == posts


def test_a_plan_is_written_each_time_it_is_asked_for(shop: Shop) -> None:
    for _ in range(2):
        (shop.cli.folder / "plan.json").unlink(missing_ok=True)
        assert shop.process("plan", "--out", "plan.json").code == 0
        assert (shop.cli.folder / "plan.json").exists()


def test_a_build_by_a_plan_looks_at_the_plan_each_time(shop: Shop) -> None:
    shop.build("--yes")
    assert shop.process("plan", "--out", "plan.json").code == 0
    for _ in range(2):
        assert shop.process("build", "--plan", "plan.json").code == 0
    (shop.cli.folder / "plan.json").write_text("{}")
    assert shop.process("build", "--plan", "plan.json").code == 2


def test_a_story_with_errors_leaves_no_plan(shop: Shop) -> None:
    shop.edit("shot boats 4s", "shot boats 40s")
    assert shop("plan", "--out", "plan.json").code == 1
    assert not (shop.cli.folder / "plan.json").exists()


def test_the_provider_of_a_kept_plan_is_that_of_plan(shop: Shop) -> None:
    shop.cli.write("storyboard.toml", "wait = 0.5\n")
    assert shop("plan", "--out", "plan.json").code == 0
    assert shop("build", "--plan", "plan.json", "--yes").code == 0
    assert shop.paid == TOGETHER


def test_a_file_that_is_no_plan_is_wrong_use(shop: Shop) -> None:
    shop.cli.write("plan.json", json.dumps({"stories": []}))
    assert shop("build", "--plan", "plan.json", "--yes").code == 2
    assert shop("build", "--plan", "none.json", "--yes").code == 2
    assert shop("plan", "--out", "no/where.json").code == 3
