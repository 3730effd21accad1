"""Every command that a message names is run: none pays for a job twice without saying that it buys."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from storyboard.media.animatic import render_animatic
from storyboard.media.render_options import Card, RenderOptions
from tests.cli.test_buying import YES
from tests.support.shop import TOGETHER, Shop

NAMED = re.compile(r"storyboard (?:build|resolve|status|costs|plan)\b[^.;,\n()]*")
SAYS_THAT_IT_BUYS = re.compile(r"\b(buys?|bought|pay|sends it again|tries it)\b|its price is free again")


def running(shop: Shop) -> None:
    shop.build(YES, "--no-wait", code=6)


def unknown(shop: Shop) -> None:
    shop.behave(no_lookup=frozenset({"generation"}))
    shop.gateway.stage({"do": "lost-reply", "prompt": "boats"})
    shop.build(YES, code=7)


def refused(shop: Shop) -> None:
    shop.gateway.stage({"do": "policy", "prompt": "boats"})
    shop.build(YES, code=3)


def failed_and_charged(shop: Shop) -> None:
    shop.gateway.stage({"do": "fail", "code": "006001094", "prompt": "boats", "billed": True, "stated": True})
    assert shop.build(YES, code=3)["river#1"]["state"] == "billed-failure"


def lost(shop: Shop) -> None:
    shop.behave(forget_after=0.0)
    shop.build(YES, "--no-wait", code=6)
    shop.gateway.jump(10)
    shop.build(YES, code=3)
    shop.behave(forget_after=None)


def finished(shop: Shop) -> None:
    shop.gateway.stage({"do": "without-url", "operation": "poll", "prompt": "boats", "times": 3})
    shop.build(YES, "--no-wait", code=6)
    shop.gateway.jump(10)  # both tasks are over, however slow this machine is
    assert shop.build(YES, "--no-wait", code=6)["river#1"]["state"] == "finished"


def odd_word(shop: Shop) -> None:
    """A task whose state the gateway names with a word that is not known."""
    shop.gateway.stage({"do": "unknown-status", "operation": "poll", "prompt": "boats", "times": "always"})
    shop.behave(take=60.0)
    assert shop.build(YES, "--no-wait", code=6)["river#1"]["state"] == "running"
    shop("build", "--no-wait")
    shop.gateway.jump(100)


def charged_beyond_belief(shop: Shop) -> None:
    shop.gateway.stage({"do": "charge", "usd": "9000", "prompt": "boats"})
    shop.build(YES, "--no-wait", code=6)
    shop.gateway.jump(10)


def held(shop: Shop) -> None:
    """Bought with a key that was rotated since."""
    shop.build(YES, "--no-wait", code=6)
    shop.key = "sk-simulated-another-one"


def filled_in(shop: Shop, command: str) -> str | None:
    """The command with what a person fills in: the task, a clip, the bill. None where it names one of several jobs."""
    clip = shop.cli.folder / "clip.mp4"
    if not clip.exists():
        render_animatic([Card("Boats.", Decimal(4))], "16:9", clip, RenderOptions(longer_side=64, fps=4))
    for name, value in {
        "TASK_ID": next(reversed(shop.gateway.simulator.tasks), "task"),
        "FILE": str(clip),
        "USD": "0.34",
    }.items():
        command = re.sub(rf"\b{name}\b", value, command)
    return None if re.search(r"\b(KEY|ADDRESS|JOB)\b", command) else command


def advised(shop: Shop) -> Iterator[tuple[str, str]]:
    """Each command that is named to a person now, with the words that go with it."""
    for job in shop("status", "--json").json["jobs"]:
        for way in job["ways_out"]:
            yield way["command"], way["does"]
    for command in ("status", "plan"):
        for line in shop(command).out.splitlines():
            yield from ((found.strip(" `"), line) for found in NAMED.findall(line))
    stories: list[dict[str, Any]] = shop("build", "--json", "--no-wait").json["stories"]
    said = [words for story in stories for words in (*story["notices"], *(job["reason"] for job in story["jobs"]))]
    for words in said:
        yield from ((found.strip(" `"), words) for found in NAMED.findall(words))


SITUATIONS = [running, unknown, refused, failed_and_charged, lost, finished, odd_word, charged_beyond_belief, held]


@pytest.mark.parametrize("situation", SITUATIONS)
def test_no_advised_command_pays_twice_without_saying_so(situation: Callable[[Shop], None], shop: Shop) -> None:
    situation(shop)
    commands = dict(advised(shop))
    assert commands, "something can be done"
    shop.gateway.stage()
    for command, words in sorted(commands.items(), key=lambda each: bool(SAYS_THAT_IT_BUYS.search(each[1]))):
        whole = filled_in(shop, command)
        if whole is None:
            continue
        words_of_it = shlex.split(whole)[1:]
        says = SAYS_THAT_IT_BUYS.search(words) is not None
        shop(*words_of_it, *([YES] if words_of_it[0] == "build" else []))
        paid = shop.gateway.totals().paid if situation is not charged_beyond_belief else Decimal(0)
        assert says or (paid <= TOGETHER and shop.posts <= 2), (command, words, paid, shop.posts)
        if says:
            break


def test_a_finished_task_without_an_address_has_its_own_line_everywhere(shop: Shop) -> None:
    finished(shop)
    assert shop.planned()["river#1"] == "finished"
    done = shop("status")
    assert "1 finished" in done.out and "finished and charged" in done.out and "--retry" not in done.out
    shop.gateway.stage()
    assert shop.states(YES)["river#1"] == "built"
    assert shop.posts == 2


@pytest.mark.parametrize("situation", [refused, failed_and_charged, lost])
def test_second_purchase_is_offered_with_its_price(situation: Callable[[Shop], None], shop: Shop) -> None:
    situation(shop)
    [reason] = [job["reason"] for job in shop("plan", "--json").json["jobs"] if job["id"] == "river#1"]
    assert "for about $0.336" in reason
    assert "for about $0.336: --re" in shop.build("--no-wait", code=3)["river#1"]["reason"]


def test_a_failure_that_was_charged_has_its_own_line_everywhere(shop: Shop) -> None:
    failed_and_charged(shop)
    assert shop.planned()["river#1"] == "billed-failure"
    assert "for about $0.34" in shop("plan").out or "for about $0.336" in shop("plan").out
    assert "1 billed-failure" in shop("status").out
    shop.build(YES, code=3)
    assert shop.posts == 2, "it is not bought again by itself"
    assert shop.states(YES, "--retry", "river.boats")["river#1"] == "built"


def test_a_clip_that_was_fetched_by_hand_is_accepted(shop: Shop) -> None:
    shop.build(YES, "--only", "street")
    clip = shop.cli.folder / "build" / "lanterns" / "clips" / "01-street-1.mp4"
    finished(shop)
    done = shop("resolve", "river.boats", "--accept", str(clip))
    assert done.code == 0, done.err
    assert shop.states(YES) == {"street#1": "cached", "river#1": "cached"}
    assert shop.posts == 2
    assert shop("resolve", "street.wide", "--accept").code == 0, "the store has it"
    assert shop("resolve", "river.boats", "--accept", "storyboard.toml").code == 2
