"""A plan that is kept binds a build to the world that it was made in."""

from __future__ import annotations

import json
import shlex

import pytest

from tests.support.shop import SETTINGS, TOGETHER, Shop


def test_build_with_a_saved_plan_buys_what_it_says(shop: Shop) -> None:
    done = shop("plan", "--out", "plan.json")
    assert done.code == 0 and "to buy: 2 jobs, 10 s, about $0.84" in done.out
    assert shop("build", "--plan", "plan.json").code == 4, "a plan is no leave"
    assert shop.posts == 0
    assert shop("build", "--plan", "plan.json", "--yes").code == 0
    assert shop.paid == TOGETHER


@pytest.mark.parametrize("change", ["text", "bought", "price", "story", "only"])
def test_outdated_plan_is_refused_and_nothing_is_sent(shop: Shop, change: str) -> None:
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
    assert done.code == 4 and "plan --out" in done.err
    assert ("made without --only, not with --only river" if more else "changed since") in done.err
    assert shop.posts == posts


def test_build_with_a_plan_needs_none_of_its_options_again(shop: Shop) -> None:
    shop.cli.write("other.story", 'story "O"\n  .model kirin_v3_t2v\n\nshot s 5s\n  A moon.\n')
    shop.edit("  .model kirin_v3_t2v\n", '  .model kirin_v3_t2v\n\nparam what = "boats"\n')
    shop.edit("Paper boats", "Paper {{ what }}")
    words = ["lanterns.story", "--only", "river", "--set", "what=lamps", "--as", "lamps", "--provider", "kirin"]
    (shop.cli.folder / "plans").mkdir()
    assert shop("plan", "--out", "plans/p.json", *words).code == 0
    done = shop("build", "--plan", "plans/p.json", "--yes")
    assert done.code == 0, done.err
    assert shop.posts == 1
    assert (shop.cli.folder / "build/lanterns.lamps/clips/02-river-1.mp4").exists()
    assert (shop.cli.folder / "lanterns.lamps.story.lock").exists()


def test_repeating_the_options_of_the_plan_is_accepted(shop: Shop) -> None:
    words = ["--only", "river", "--only", "street.wide"]
    assert shop("plan", "--out", "plan.json", *words).code == 0
    assert shop("build", "--plan", "plan.json", "--yes", *words[2:], *words[:2]).code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "street"], "made with --only river, not with --only street"),
        (["--as", "night"], "made without --as, not with --as night"),
        (
            ["--set", "a=1", "--provider", "animatic"],
            "with --set a=1; without --provider, not with --provider animatic",
        ),
        (["--rebuy", "river"], "made without --rebuy, not with --rebuy river"),
    ],
)
def test_options_that_contradict_the_plan_are_reported(shop: Shop, words: list[str], said: str) -> None:
    assert shop("plan", "--out", "plan.json", "--only", "river").code == 0
    done = shop("build", "--plan", "plan.json", "--yes", *words)
    assert done.code == 4 and said in done.err and "omit these options" in done.err
    assert shop.posts == 0


def test_older_plan_is_used_with_the_options_that_are_given(shop: Shop) -> None:
    assert shop("plan", "--out", "plan.json", "--only", "river").code == 0
    file = shop.cli.folder / "plan.json"
    document = json.loads(file.read_text())
    del document["asked"]
    file.write_text(json.dumps(document))
    assert "changed since" in shop("build", "--plan", "plan.json", "--yes").err
    assert shop("build", "--plan", "plan.json", "--yes", "--only", "river").code == 0


def test_plan_file_is_written_each_time(shop: Shop) -> None:
    for _ in range(2):
        (shop.cli.folder / "plan.json").unlink(missing_ok=True)
        assert shop.process("plan", "--out", "plan.json").code == 0
        assert (shop.cli.folder / "plan.json").exists()


def test_build_reads_the_plan_file_each_time(shop: Shop) -> None:
    shop.build("--yes")
    assert shop.process("plan", "--out", "plan.json").code == 0
    for _ in range(2):
        assert shop.process("build", "--plan", "plan.json").code == 0
    (shop.cli.folder / "plan.json").write_text("{}")
    assert shop.process("build", "--plan", "plan.json").code == 2


def test_story_with_errors_writes_no_plan(shop: Shop) -> None:
    shop.edit("shot boats 4s", "shot boats 40s")
    assert shop("plan", "--out", "plan.json").code == 1
    assert not (shop.cli.folder / "plan.json").exists()


def test_saved_plan_keeps_its_provider(shop: Shop) -> None:
    shop.cli.write("storyboard.toml", "wait = 0.5\nfirst_poll = 0.05\n")
    assert shop("plan", "--out", "plan.json").code == 0
    assert shop("build", "--plan", "plan.json", "--yes").code == 0
    assert shop.paid == TOGETHER


def test_file_that_is_not_a_plan_is_wrong_use(shop: Shop) -> None:
    shop.cli.write("plan.json", json.dumps({"stories": []}))
    assert shop("build", "--plan", "plan.json", "--yes").code == 2
    assert shop("build", "--plan", "none.json", "--yes").code == 2
    shop.cli.write("plan.json", json.dumps({"plan": 1, "asked": {"only": "river"}, "stories": []}))
    assert shop("build", "--plan", "plan.json", "--yes").code == 2
    assert shop("plan", "--out", "no/where.json").code == 3


def test_last_line_of_a_plan_is_the_command_to_run(shop: Shop) -> None:
    shop.edit("  .model kirin_v3_t2v\n", '  .model kirin_v3_t2v\n\nparam what = "boats"\n')
    words = ["lanterns.story", "--only", "river", "--set", "what=two words", "--as", "two"]
    last = shop("plan", *words).out.splitlines()[-1]
    assert last == "storyboard build lanterns.story --only river --set 'what=two words' --as two"
    assert shop("build", "--yes", *shlex.split(last)[2:]).code == 0
    assert shop.posts == 1
    assert shop("plan").out.splitlines()[-1] == "storyboard build"
    assert shop("plan", "--out", "my plan.json").out.splitlines()[-1] == "storyboard build --plan 'my plan.json'"


def test_last_line_names_the_provider_if_build_would_use_a_free_one(shop: Shop) -> None:
    shop.cli.write("storyboard.toml", "wait = 0.5\nfirst_poll = 0.05\n")
    last = shop("plan").out.splitlines()[-1]
    assert last == "storyboard build --provider kirin"
    assert shop(*shlex.split(last)[1:], "--yes").code == 0
    assert shop.paid == TOGETHER
    assert shop("plan", "--provider", "animatic").out.splitlines()[-1] == "storyboard build --provider animatic"


def test_plan_names_every_cap_and_where_a_build_would_stop(shop: Shop) -> None:
    shop.cli.write("storyboard.toml", f'{SETTINGS}budget = "0.70 USD"\n')
    shop.edit("  .model kirin_v3_t2v\n", "  .model kirin_v3_t2v\n  .budget 0.60 USD\n")
    plan = shop("build", "--dry-run", "--max-cost", "0.5").out
    for cap, limit, over in (
        ("--max-cost", "$0.50", "$0.34"),
        (".budget of lanterns.story", "$0.60", "$0.24"),
        ("the project's budget", "$0.70", "$0.14"),
    ):
        assert f"{cap}: {limit}, spent $0.00" in plan
        assert f"{over} over the budget: build would stop at {cap}" in plan
    assert "--max-cost" not in shop("plan").out
    assert shop.states("--max-cost", "0.5", code=4) == {"street#1": "skipped", "river#1": "built"}
