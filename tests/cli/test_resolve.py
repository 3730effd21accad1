"""`resolve`: what a person says of a job is done, said in one line, and heeded by the next build."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.test_buying import YES
from tests.cli.test_status import unknown
from tests.support.shop import TOGETHER, Shop


def tasks(shop: Shop) -> list[str]:
    """The gateway's own ids of all tasks, in order."""
    return list(shop.gateway.simulator.tasks)


def test_an_adopted_task_is_fetched_and_nothing_is_paid_again(shop: Shop) -> None:
    key = unknown(shop)
    task = tasks(shop)[-1]
    done = shop("resolve", key[:8], "--adopt", task)
    assert done.code == 0, done.err
    assert done.out.splitlines() == [
        f"✓ river.boats ({key[:12]}): its task is {task}",
        "  the same build fetches it: storyboard build lanterns.story",
    ]
    assert shop.states() == {"street#1": "cached", "river#1": "built"}
    assert shop.posts == 2 and shop.paid == TOGETHER


def test_job_can_be_named_by_its_id(shop: Shop) -> None:
    unknown(shop)
    assert shop("resolve", "river#1", "--adopt", tasks(shop)[-1]).code == 0
    assert shop.states() == {"street#1": "cached", "river#1": "built"}
    assert "$0.30 charged" in shop("costs", "--correct", "river#1", "0.30").out
    missing = shop("resolve", "river#2", "--abandon")
    assert missing.code == 2 and "the ledger knows no job `river#2`" in missing.err
    shop.edit("shot boats", "shot 9 boats !!")
    broken = shop("resolve", "river#1", "--abandon")
    assert broken.code == 2 and "the stories have errors" in broken.err
    assert shop("resolve", "river.boats", "--accept").code == 0, "a shot's address needs no story"


def test_id_used_by_two_stories_is_ambiguous(shop: Shop) -> None:
    unknown(shop)
    shop.cli.write("twin.story", (shop.cli.folder / "lanterns.story").read_text().replace("Paper", "Tin"))
    shop.gateway.stage({"do": "lost-reply", "prompt": "boats"})
    shop.build(YES, "twin.story", code=7)
    done = shop("resolve", "river#1", "--abandon")
    assert done.code == 2 and "means 2 jobs" in done.err


def test_a_task_of_another_job_is_not_adopted(shop: Shop) -> None:
    key = unknown(shop)
    done = shop("resolve", key[:8], "--adopt", tasks(shop)[0])
    assert done.code == 2 and "street.wide, street.walk" in done.err


def test_abandoned_job_is_bought_again_under_another_id(shop: Shop) -> None:
    key = unknown(shop)
    done = shop("resolve", "river.boats", "--abandon")
    assert done.code == 0 and "given up, and its $0.34 counts as spent" in done.out
    assert f"storyboard resolve {key[:12]} --unbilled" in done.out
    assert shop.planned()["river#1"] == "buy"
    assert shop.states(YES)["river#1"] == "built"
    assert shop.posts == 3
    freed = shop("resolve", key[:12], "--unbilled")
    assert freed.code == 0 and "not billed, $0.34 is free again" in freed.out
    again = shop("resolve", key[:12], "--unbilled")
    assert again.code == 2 and "is done" in again.err


def test_unbilled_unknown_job_no_longer_counts(shop: Shop) -> None:
    key = unknown(shop)
    document = shop("resolve", key, "--unbilled", "--json").json
    assert (document["done"], document["jobs"][0]["state"]) == ("unbilled", "abandoned")
    assert document["jobs"][0]["charged"] == "0.00"
    assert shop("status").out.startswith("no open jobs")


def test_an_unbilled_failure_stays_a_failure(shop: Shop) -> None:
    shop.gateway.stage({"do": "fail", "code": "006001099", "prompt": "boats", "silent": True})
    shop.build(YES, code=3)
    assert "--unbilled" in shop("status").out
    done = shop("resolve", "river.boats", "--unbilled")
    assert done.code == 0 and "$0.34 is free again; it stays failed" in done.out
    assert "--unbilled" not in shop("status").out


def test_rotated_key_takes_over_the_jobs_it_finds(shop: Shop) -> None:
    shop.build(YES, "--no-wait", code=6)
    old, shop.key = shop.key, "sk-another"
    not_found = shop("resolve", "--same-account")
    assert not_found.code == 5 and "2 jobs are still held" in not_found.out
    shop.key = ""
    assert shop("resolve", "--same-account").code == 5
    shop.key = old
    with sqlite3.connect(shop.store / "ledger.sqlite3") as ledger:
        ledger.execute("UPDATE attempts SET account = '0123456789abcdef'")
    one = shop("resolve", "river.boats", "--same-account")
    assert one.code == 0 and "river.boats" in one.out and "street" not in one.out
    rest = shop("resolve", "--same-account")
    assert rest.code == 0 and "street.wide" in rest.out and "storyboard build lanterns.story" in rest.out
    assert shop("resolve", "--same-account").out == "no job is held for another account\n"
    assert shop.states() == {"street#1": "built", "river#1": "built"}
    assert shop.posts == 2


def test_rotated_key_is_not_sent_to_a_gateway_of_the_project(shop: Shop) -> None:
    shop.cli.write("storyboard.toml", f'provider = "kirin"\nbase_url = "{shop.gateway.url}"\n')
    shop.environment["STORYBOARD_BASE_URL"] = ""
    done = shop("resolve", "--same-account")
    assert done.code == 5 and shop.requests == 0 and shop.gateway.url in done.err


def test_rebuilt_ledger_buys_after_confirmation(shop: Shop) -> None:
    shop.store.mkdir()
    Path(shop.store / "ledger.sqlite3").write_bytes(b"no database" * 1000)
    assert shop("build", YES).code == 3 and shop.posts == 0
    assert shop("resolve", "--rebuilt").out == "the ledger is trusted again: builds may buy\n"
    assert shop.states(YES) == {"street#1": "built", "river#1": "built"}
    assert "not rebuilt" in shop("resolve", "--rebuilt").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["river.boats"], "choose exactly one"),
        (["river.boats", "--abandon", "--unbilled"], "choose exactly one"),
        (["river.boats", "--rebuilt"], "takes no JOB"),
        (["--abandon"], "JOB is missing"),
        (["river.boat", "--abandon"], "river.boats"),
        (["nowhere", "--abandon"], "knows no job `nowhere`"),
        (["river.boats", "--adopt", " "], "needs a task id"),
        (["street.wide", "--abandon"], "is done"),
    ],
)
def test_contradicting_options_are_wrong_use(shop: Shop, arguments: list[str], said: str) -> None:
    unknown(shop)
    done = shop("resolve", *arguments)
    assert done.code == 2 and said in done.err, done.err
    assert "1 unknown" in shop("status").out


def test_several_jobs_are_listed_and_none_is_settled(shop: Shop) -> None:
    shop.build(YES, "--no-wait", code=6)
    shop.edit("Paper", "Tin")
    shop.build(YES, "--no-wait", code=6)
    done = shop("resolve", "river.boats", "--abandon")
    assert done.code == 2 and done.err.count("(submitted)") == 2
    assert shop.paid == Decimal("1.176") and "2 running" in shop("status").out
