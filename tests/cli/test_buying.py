"""Buying on the command line, against a gateway on a real socket: leave, caps, keys, locks, exit codes."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from storyboard.simulator import account_of
from tests.support.shop import KEY, SETTINGS, STORY, TOGETHER, Shop

YES = "--yes"


def test_permitted_build_pays_once_and_says_what_it_paid(shop: Shop) -> None:
    done = shop("build", YES)
    assert done.code == 0, done.err
    assert "build/lanterns/lanterns.mp4   10 s   paid $0.84" in done.out
    assert shop.paid == TOGETHER and shop.posts == 2
    again = shop("build", YES)
    assert again.code == 0 and "nothing to pay" in again.out
    assert shop.posts == 2


def test_json_has_the_state_cost_and_task_of_each_job(shop: Shop) -> None:
    done = shop("build", YES, "--json")
    document = json.loads(done.out)
    [story] = document["stories"]
    assert document["paid"] == "0.84" and document["diagnostics"] == []
    assert story["path"] == "lanterns.story" and story["film"] == "build/lanterns/lanterns.mp4"
    [street, river] = story["jobs"]
    assert (street["id"], street["state"], street["cost"], street["attempts"]) == ("street#1", "built", "0.504", 1)
    assert river["clip"] == "build/lanterns/clips/02-river-1.mp4" and river["error"] is None
    assert {street["task"], river["task"]} == {block["task"] for block in shop.lock}


def test_unstated_cost_is_shown_as_reserved_and_not_as_paid(shop: Shop) -> None:
    shop.gateway.stage({"do": "silent-cost", "prompt": "boats"})
    done = shop("build", YES, "--json")
    document = json.loads(done.out)
    street, river = document["stories"][0]["jobs"]
    assert (document["paid"], document["reserved"]) == ("0.504", "0.336")
    assert (street["cost"], street["reserved"]) == ("0.504", None)
    assert (river["cost"], river["reserved"], river["state"]) == (None, "0.336", "built")
    again = shop("build", YES, "--json").json
    assert (again["paid"], again["reserved"]) == ("0.00", "0.00"), "it is told of by the build that bought it"


def test_build_with_no_wait_says_what_it_has_reserved(shop: Shop) -> None:
    done = shop("build", YES, "--no-wait")
    assert done.code == 6 and "about $0.84, not yet stated" in done.out and "nothing to pay" not in done.out
    done = shop("build")
    assert "paid $0.84" in done.out and "not yet stated" not in done.out


def test_possible_cost_of_an_unknown_outcome_is_shown_as_reserved(shop: Shop) -> None:
    shop.behave(no_lookup=frozenset({"generation"}))
    shop.gateway.stage({"do": "lost-reply", "prompt": "boats"})
    jobs = shop.build(YES, code=7)
    assert (jobs["river#1"]["state"], jobs["river#1"]["reserved"]) == ("unknown", "0.336")
    assert "about $0.34, not yet stated" in shop("build", YES).out


def test_refused_job_is_not_reserved(shop: Shop) -> None:
    shop.gateway.stage({"do": "policy", "prompt": "boats"})
    assert shop.build(YES, code=3)["river#1"]["reserved"] is None


def test_without_permission_nothing_is_bought(shop: Shop) -> None:
    done = shop("build")
    assert done.code == 4 and "--yes" in done.out
    assert shop.posts == 0 and shop.paid == 0


def test_without_permission_running_jobs_are_fetched(shop: Shop) -> None:
    assert shop.states(YES, "--no-wait", code=6) == {"street#1": "running", "river#1": "running"}
    assert shop.paid == TOGETHER
    assert shop.states() == {"street#1": "built", "river#1": "built"}
    assert shop.posts == 2


def test_without_permission_purchases_of_another_machine_are_adopted(shop: Shop, tmp_path: Path) -> None:
    shop.build(YES)
    other = shop.elsewhere(tmp_path / "other", "lanterns.story", "storyboard.toml")
    assert other.states() == {"street#1": "built", "river#1": "built"}
    assert shop.posts == 2


def test_without_permission_an_unreachable_gateway_is_asked_once(shop: Shop) -> None:
    shop.environment["STORYBOARD_BASE_URL"] = "http://127.0.0.1:9"
    assert shop.states(code=4) == {"street#1": "skipped", "river#1": "skipped"}


def test_max_cost_is_permission_and_caps_the_run(shop: Shop) -> None:
    jobs = shop.build("--max-cost", "0.6", code=4)
    assert (jobs["street#1"]["state"], jobs["river#1"]["state"]) == ("built", "skipped")
    assert "--max-cost" in jobs["river#1"]["reason"] and "0.6" in jobs["river#1"]["reason"]
    assert shop.paid == Decimal("0.504")
    assert shop.states("--max-cost", "0.6") == {"street#1": "cached", "river#1": "built"}


def test_max_cost_covers_all_stories_of_a_run(shop: Shop) -> None:
    shop.cli.write("more.story", STORY.replace("lanterns", "lamps").replace("Paper", "Tin"))
    shop("build", "--max-cost", "1")
    assert shop.paid <= 1 and shop.posts == 2


@pytest.mark.parametrize("amount", ["-1", "nan", "x", "1e40"])
def test_value_that_is_not_an_amount_is_wrong_use(shop: Shop, amount: str) -> None:
    assert shop("build", "--max-cost", amount).code == 2
    assert shop.posts == 0


def test_without_a_key_nothing_is_sent_and_the_message_says_what_to_do(shop: Shop) -> None:
    shop.key = ""
    done = shop("build", YES)
    assert done.code == 5
    assert "No API key. Set STORYBOARD_API_KEY" in done.out + done.err
    assert "--provider animatic" in done.out + done.err
    assert shop.requests == 0
    assert shop("build", "--provider", "animatic").code == 0


def test_key_is_not_required_if_nothing_needs_it(shop: Shop) -> None:
    shop.build(YES)
    shop.key = ""
    for arguments in ([], ["--locked"]):
        done = shop("build", *arguments)
        assert done.code == 0 and "API key" not in done.out + done.err


def test_rejected_key_stops_buying(shop: Shop) -> None:
    shop.behave(keys=frozenset({"another"}))
    done = shop("build", YES)
    assert done.code == 5 and "STORYBOARD_API_KEY" in done.out
    assert shop.posts == 0 and not shop.lock


def test_empty_balance_stops_buying_and_fetches_running_jobs(shop: Shop) -> None:
    shop.behave(balance=Decimal("0.6"))
    assert shop.states(YES, "--concurrency", "1", code=5) == {"street#1": "built", "river#1": "skipped"}
    assert [block["state"] for block in shop.lock] == ["done"]


def test_key_is_never_written_to_a_file(shop: Shop) -> None:
    shop.gateway.stage({"do": "policy", "message": f"the key {KEY} asked for boats", "prompt": "boats"})
    done = shop("build", YES)
    assert done.code == 3 and "[key]" in done.out
    assert KEY not in done.out + done.err
    files = [file for file in (*shop.cli.folder.rglob("*"), *shop.cli.home.rglob("*")) if file.is_file()]
    assert files and not [file for file in files if KEY.encode() in file.read_bytes()]
    assert shop.gateway.totals().of("nobody").leaks == 0


def test_ledger_names_the_account_by_a_salted_fingerprint(shop: Shop, tmp_path: Path) -> None:
    shop.build(YES)
    accounts = {job["account"] for job in json.loads(shop("store", "ls", "--json").out)["jobs"]}
    [account] = accounts
    assert re.fullmatch("[0-9a-f]{16}", account) and account != account_of(KEY)
    other = shop.elsewhere(tmp_path / "other")
    other.build()
    assert {job["account"] for job in json.loads(other("store", "ls", "--json").out)["jobs"]} != accounts


def test_key_is_not_sent_to_a_gateway_that_only_the_project_names(shop: Shop) -> None:
    shop.cli.write("storyboard.toml", f'provider = "kirin"\nbase_url = "{shop.gateway.url}"\n')
    shop.environment["STORYBOARD_BASE_URL"] = ""
    done = shop("build", YES)
    assert done.code == 5 and shop.gateway.url in done.err
    assert shop.requests == 0
    assert shop("plan").code == 0
    assert shop("build", YES, "--base-url", shop.gateway.url).code == 0


def test_key_is_sent_to_a_gateway_of_the_users_configuration(shop: Shop) -> None:
    shop.environment["STORYBOARD_BASE_URL"] = ""
    own = shop.cli.home / "config" / "storyboard" / "config.toml"
    own.parent.mkdir(parents=True)
    own.write_text(f'base_url = "{shop.gateway.url}/"\n')
    assert shop("build", YES).code == 0
    shop.cli.write("storyboard.toml", f'provider = "kirin"\nbase_url = "{shop.gateway.url}"\n')
    shop.edit("boats", "junks")
    assert shop("build", YES).code == 0, "the project only says again what the user says"


def test_flag_overrides_the_environment(shop: Shop) -> None:
    shop.environment["STORYBOARD_BASE_URL"] = "http://127.0.0.1:9"
    assert shop("build", YES, "--base-url", shop.gateway.url).code == 0


@pytest.mark.parametrize("duplicates", ["refuse", "second"])
def test_both_dialects_can_buy(shop: Shop, duplicates: str) -> None:
    shop.behave(duplicates=duplicates)
    shop.cli.write("storyboard.toml", 'provider = "kirin"\nprotocol = "queue"\nwait = 0.5\nfirst_poll = 0.05\n')
    assert shop.states(YES) == {"street#1": "built", "river#1": "built"}
    assert {block["dialect"] for block in shop.lock} == {"queue"}
    assert shop.paid == TOGETHER


def test_a_job_of_another_dialect_is_held(shop: Shop) -> None:
    shop.build(YES, "--no-wait", code=6)
    shop.cli.write("storyboard.toml", 'provider = "kirin"\nprotocol = "queue"\nwait = 0.5\nfirst_poll = 0.05\n')
    jobs = shop.build(YES, code=5)
    assert {job["state"] for job in jobs.values()} == {"held"} and "generation" in jobs["river#1"]["reason"]
    assert shop.posts == 2


def test_a_job_of_another_account_is_held(shop: Shop) -> None:
    shop.build(YES, "--no-wait", code=6)
    shop.key = "sk-somebody-else"
    assert set(shop.states(YES, code=5).values()) == {"held"}
    assert set(shop.planned().values()) == {"held"}
    assert shop.posts == 2


def test_refused_prompt_is_not_sent_again_until_it_changes(shop: Shop) -> None:
    shop.gateway.stage({"do": "policy", "prompt": "boats", "message": "sensitive content"})
    jobs = shop.build(YES, code=3)
    assert jobs["river#1"]["state"] == "failed" and "sensitive content" in jobs["river#1"]["error"]["message"]
    posts = shop.posts
    assert shop.states(YES, code=3)["river#1"] == "failed" and shop.posts == posts
    assert shop.planned()["river#1"] == "failed"
    assert shop.states(YES, "--retry", "river.boats")["river#1"] == "built"


def test_clip_larger_than_its_card_allows_is_refused(shop: Shop) -> None:
    card = Path(str(files("storyboard.cards.data") / "kirin_v3_t2v.toml")).read_text()
    shop.cli.write("cards/small.toml", card.replace("max_prompt", "max_clip_bytes = 1000\nmax_prompt", 1))
    done = shop("build", YES, "--attempts", "1")
    assert "larger than 1,000 bytes" in done.out + done.err


def test_attempts_are_counted_and_bounded(shop: Shop) -> None:
    shop.gateway.stage({"do": "fail", "code": "006001094", "prompt": "boats", "times": "always", "share": 0})
    job = shop.build(YES, "--attempts", "2", code=3)["river#1"]
    assert (job["state"], job["attempts"]) == ("failed", 2)
    assert shop.posts == 3


def test_a_lost_job_needs_rebuy(shop: Shop) -> None:
    shop.behave(forget_after=0.0)
    shop.build(YES, "--no-wait", code=6)
    shop.gateway.jump(10)
    jobs = shop.build(YES, code=3)
    assert {job["state"] for job in jobs.values()} == {"lost"}
    assert "--rebuy" in jobs["river#1"]["reason"] and "0.336" in jobs["river#1"]["reason"]
    assert shop.posts == 2
    shop.behave(forget_after=None)
    assert shop.states(YES, "--rebuy", "river.boats", code=3) == {"street#1": "lost", "river#1": "built"}
    assert shop.posts == 3


def test_purchase_of_another_machine_is_lost_when_this_key_sees_its_file_is_gone(shop: Shop, tmp_path: Path) -> None:
    shop.build(YES)
    other = shop.elsewhere(tmp_path / "other")
    shop.gateway.stage({"do": "expired", "prompt": "boats", "times": "always"})
    other.cli.write("storyboard.toml", SETTINGS.replace("0.5", "0.1"))
    job = other.build(YES, code=3)["river#1"]
    assert job["state"] == "lost" and "0.336" in job["reason"] and shop.posts == 2
    assert other.planned()["river#1"] == "lost"
    shop.gateway.stage()
    assert other.planned("--rebuy", "river.boats")["river#1"] == "buy"


def test_rebuy_alone_is_not_permission(shop: Shop) -> None:
    shop.behave(forget_after=0.0)
    shop.build(YES, "--no-wait", code=6)
    shop.gateway.jump(10)
    shop.build(YES, code=3)
    shop.behave(forget_after=None)
    assert shop.states("--rebuy", "river.boats", code=4)["river#1"] == "skipped"
    assert shop.posts == 2


def test_unknown_outcome_is_exit_code_7_and_never_sent_again(shop: Shop) -> None:
    shop.behave(no_lookup=frozenset({"generation"}))
    shop.gateway.stage({"do": "lost-reply", "prompt": "boats"})
    done = shop("build", YES)
    assert done.code == 7
    assert "may be rendering and billed" in done.out and "storyboard status" in done.out
    assert shop("build", YES).code == 7
    assert shop.posts == 2
    assert shop.planned() == {"street#1": "cached", "river#1": "unknown"}


def test_only_limits_what_is_bought(shop: Shop) -> None:
    assert shop.states(YES, "--only", "river") == {"street#1": "skipped", "river#1": "built"}
    assert shop.posts == 1


def test_a_lost_reply_is_adopted(shop: Shop) -> None:
    shop.gateway.stage({"do": "lost-reply", "prompt": "boats"})
    assert shop.states(YES) == {"street#1": "built", "river#1": "built"}
    assert shop.paid == TOGETHER and not shop.gateway.totals().bought_twice


def test_an_error_in_any_file_submits_nothing(shop: Shop) -> None:
    shop.cli.write("broken.story", "story “x”\n")
    assert shop("build", YES).code == 1
    assert shop.requests == 0
