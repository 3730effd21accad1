"""`status`: what is open, in plain words, with the ways out; nobody is asked."""

from __future__ import annotations

from pathlib import Path

from tests.cli.test_buying import YES
from tests.support.shop import KEY, STORY, Shop


def unknown(shop: Shop) -> str:
    """A job of unknown outcome; its key."""
    shop.behave(no_lookup=frozenset({"generation"}))
    shop.gateway.stage({"do": "lost-reply", "prompt": "boats"})
    key: str = shop.build(YES, code=7)["river#1"]["key"]
    return key


def test_no_open_jobs_is_reported(shop: Shop) -> None:
    done = shop("status")
    assert (done.code, done.out.count("\n")) == (0, 1) and done.out.startswith("no open jobs")
    shop.build(YES)
    assert shop("status").out.startswith("no open jobs")


def test_running_job_is_shown_with_task_and_price_without_polling(shop: Shop) -> None:
    shop.build(YES, "--no-wait", code=6)
    tasks, requests = {block["task"] for block in shop.lock}, shop.requests
    done = shop("status")
    assert done.code == 0 and shop.requests == requests
    for word in (*tasks, "lanterns.story", "street.wide, street.walk", "$0.50 reserved", "2 running"):
        assert word in done.out
    assert "storyboard build lanterns.story  " in done.out


def test_unknown_outcome_is_shown_with_every_way_to_resolve_it(shop: Shop) -> None:
    key = unknown(shop)
    done = shop("status")
    assert "may be rendering and billed, so it is not sent again" in done.out
    for choice in ("--adopt TASK_ID", "--unbilled", "--abandon"):
        assert f"storyboard resolve {key[:12]} {choice}" in done.out
    [job] = shop("status", "--json").json["jobs"]
    assert (job["key"], job["state"], job["costs"], job["task"], job["wants"]) == (key, "unknown", "0.336", None, None)
    assert {way["command"].split()[1] for way in job["ways_out"]} == {"build", "resolve"}


def test_refusal_is_shown_in_the_words_of_the_server(shop: Shop) -> None:
    shop.gateway.stage({"do": "policy", "prompt": "boats", "message": "sensitive content"})
    shop.build(YES, code=3)
    done = shop("status", "lanterns.story")
    assert "sensitive content" in done.out and "--retry river.boats" in done.out


def test_lost_job_is_shown_with_its_cost(shop: Shop) -> None:
    shop.behave(forget_after=0.0)
    shop.build(YES, "--no-wait", code=6)
    shop.gateway.jump(10)
    shop.build(YES, code=3)
    done = shop("status")
    assert "2 lost" in done.out and "--rebuy ADDRESS" in done.out


def test_held_job_names_the_account_it_needs(shop: Shop) -> None:
    shop.build(YES, "--no-wait", code=6)
    [account] = {job["account"] for job in shop("store", "ls", "--json").json["jobs"]}
    shop.key = "sk-somebody-else"
    done = shop("status")
    assert f"needs the key of account {account} at {shop.gateway.url} (generation)" in done.out
    assert "--same-account" in done.out and KEY not in done.out
    [one, _] = shop("status", "--json").json["jobs"]
    assert one["state"] == "held" and one["wants"]["account"] == account


def test_other_dialect_is_reported_without_a_key(shop: Shop) -> None:
    shop.build(YES, "--no-wait", code=6)
    shop.key = ""
    assert "2 running" in shop("status").out
    shop.cli.write("storyboard.toml", 'provider = "kirin"\nprotocol = "queue"\n')
    assert "2 held" in shop("status").out


def test_status_is_limited_to_the_named_stories(shop: Shop) -> None:
    shop.cli.write("more/lamps.story", STORY.replace("Paper", "Tin").replace("A street", "A yard"))  # no job in common
    shop.build(YES, "--no-wait", code=6)
    assert {job["path"] for job in shop("status", "--json").json["jobs"]} == {"lanterns.story", "more/lamps.story"}
    one = shop("status", "more")
    assert "more/lamps.story" in one.out and "2 more jobs of other stories: storyboard status --all" in one.out
    everything = shop("status", "more", "--all").out
    assert "lanterns.story" in everything and "more job" not in everything


def test_jobs_of_a_deleted_story_are_listed(shop: Shop) -> None:
    shop.build(YES, "--no-wait", code=6)
    (shop.cli.folder / "lanterns.story").unlink()
    assert "2 running" in shop("status", "lanterns.story").out
    done = shop("status", "nowhere.story")
    assert done.code == 2 and "no file or folder `nowhere.story`" in done.err


def test_jobs_of_another_machine_are_listed_from_the_lock(shop: Shop, tmp_path: Path) -> None:
    key = unknown(shop)
    other = shop.elsewhere(tmp_path / "other", "lanterns.story", "lanterns.story.lock", "storyboard.toml")
    for names in ([], ["lanterns.story"]):
        done = other("status", *names)
        assert done.code == 0 and "lanterns.story.lock" in done.out
        assert f"{key[:12]}  unknown  river.boats  $0.34 reserved" in done.out
        assert "sent by another machine" in done.out and "no open jobs" not in done.out
    [told] = other("status", "--json").json["elsewhere"]
    assert (told["key"], told["shots"], told["costs"]) == (key, ["river.boats"], "0.336")
    assert shop("status", "--json").json["elsewhere"] == []


def test_damaged_ledger_is_reported_first(shop: Shop) -> None:
    shop.store.mkdir()
    Path(shop.store / "ledger.sqlite3").write_bytes(b"no database" * 1000)
    assert "storyboard resolve --rebuilt" in shop("status").out.splitlines()[0]
    assert shop("status", "--json").json["rebuilt"] is True
