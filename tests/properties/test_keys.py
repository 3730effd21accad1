"""What a key reacts to, and what it does not: one test an ingredient, and one for each that is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest

from storyboard.cards import Catalog, builtin_cards
from storyboard.jobs import key as keys
from storyboard.jobs.compile import compile_story
from storyboard.jobs.job import Job
from storyboard.jobs.key import job_key
from storyboard.story.story import Negatives, Shot, Transition
from tests.support.payloads import payload_of
from tests.support.shots import shot, span, story

CARDS = builtin_cards()
SETTINGS = {"mode": "pro", "sound": "on", "aspect_ratio": "9:16", "watermark": False}
SHOTS = [shot("a", 5, parameters=SETTINGS, negative=["x"]), shot("b", 4, parameters=SETTINGS, negative=["x"])]


def job_of(shots: list[Shot], cards: Catalog = CARDS) -> Job:
    jobs = compile_story(story(shots), cards).value
    assert jobs is not None
    (job,) = jobs
    return job


def each(**changes: Any) -> list[Shot]:
    return [replace(one, **changes) for one in SHOTS]


def setting(name: str, value: Any) -> list[Shot]:
    return each(parameters={**SETTINGS, name: value})


def first(**changes: Any) -> list[Shot]:
    return [replace(SHOTS[0], **changes), SHOTS[1]]


def with_default(name: str, default: Any) -> Catalog:
    card = CARDS["kirin_v3_t2v"]
    rules = {**card.parameters, name: replace(card.parameters[name], default=default)}
    return {"kirin_v3_t2v": replace(card, parameters=rules)}


def of_model(name: str, **changes: Any) -> Catalog:
    return {name: replace(CARDS["kirin_v3_t2v"], name=name, **changes)}


def job_in_language(tag: str) -> Job:
    jobs = compile_story(replace(story(SHOTS), language=tag), CARDS).value
    assert jobs is not None
    return jobs[0]


BEFORE = job_of(SHOTS)

INGREDIENTS: dict[str, Callable[[], Job]] = {
    "a prompt": lambda: job_of(first(prompt="Other.")),
    "a space in a prompt": lambda: job_of(first(prompt="Prompt of a. ")),
    "a length": lambda: job_of(first(seconds=Decimal(6))),
    "lengths swapped": lambda: job_of([replace(SHOTS[0], seconds=Decimal(4)), replace(SHOTS[1], seconds=Decimal(5))]),
    "the order of shots": lambda: job_of(SHOTS[::-1]),
    "a shot more": lambda: job_of([*SHOTS, replace(SHOTS[0], address="s.c")]),
    "a shot less": lambda: job_of(SHOTS[:1]),
    "mode": lambda: job_of(setting("mode", "std")),
    "sound": lambda: job_of(setting("sound", "off")),
    "aspect ratio": lambda: job_of(setting("aspect_ratio", "1:1")),
    "watermark": lambda: job_of(setting("watermark", True)),
    "no word on a watermark": lambda: job_of(
        each(parameters={name: value for name, value in SETTINGS.items() if name != "watermark"})
    ),
    "shared negatives": lambda: job_of(each(negative=Negatives(("x", "y")))),
    "the order of negatives": lambda: job_of(each(negative=Negatives(("y", "x")))),
    "no negatives": lambda: job_of(each(negative=Negatives(()))),
    "take": lambda: job_of(first(take=2)),
    "model": lambda: job_of(each(model="other"), of_model("other")),
    "a default that fills in": lambda: job_of(
        each(parameters={name: value for name, value in SETTINGS.items() if name != "mode"}),
        with_default("mode", "std"),
    ),
}


@pytest.mark.parametrize("change", INGREDIENTS)
def test_key_changes_with(change: str) -> None:
    after = INGREDIENTS[change]()
    assert after.content != BEFORE.content
    assert job_key(after, "kirin") != job_key(BEFORE, "kirin")
    assert (after.base == BEFORE.base) == (change == "take")


def without_mode_std() -> tuple[Job, Job]:
    written = {**SETTINGS, "mode": "std"}
    silent = {name: value for name, value in written.items() if name != "mode"}
    return job_of(each(parameters=written)), job_of(each(parameters=silent))


NOTHING: dict[str, Callable[[], Job]] = {
    "the scene's name": lambda: job_of(each(scene="t", address="t.a")),
    "a shot's name and address": lambda: job_of(first(name="z", address="s.z")),
    "where things stand": lambda: job_of(each(origin=shot("x").origin, negative=Negatives(("x",), span()))),
    "how a shot follows the one before it": lambda: job_of(
        each(transition=Transition("dissolve", Decimal("0.5"), span()))
    ),
    "the language of the film": lambda: job_in_language("zh"),
    "where settings stand": lambda: job_of(each(setting_spans={"mode": span()})),
    "the order of settings": lambda: job_of(each(parameters=dict(reversed(SETTINGS.items())))),
    "a callback": lambda: job_of(setting("callback_url", "https://example.test/")),
    "the take that is 1 anyway": lambda: job_of(first(take=1)),
    "a split before it": lambda: job_of(first(split_before=True)),
    "shares": lambda: job_of(first(shares=())),
    "limits and prices of the card": lambda: job_of(SHOTS, {
        "kirin_v3_t2v": replace(CARDS["kirin_v3_t2v"], max_prompt=9000, prices=(), title="x", checked="y", builtin=False)
    }),
}  # fmt: skip


@pytest.mark.parametrize("change", NOTHING)
def test_key_does_not_change_with(change: str) -> None:
    after = NOTHING[change]()
    assert (after.base, after.content) == (BEFORE.base, BEFORE.content)
    assert job_key(after, "kirin") == job_key(BEFORE, "kirin")


def test_written_default_equals_an_implied_default() -> None:
    written, silent = without_mode_std()
    assert payload_of(written) != payload_of(silent)
    assert written.content == silent.content


def test_one_shot_alone_is_not_one_shot_among_others() -> None:
    alone = job_of([replace(SHOTS[0], pack="shot")])
    assert alone.content == job_of(SHOTS[:1]).content != BEFORE.content


def test_the_provider_enters_the_key_and_nothing_else() -> None:
    assert len({job_key(BEFORE, name) for name in ("kirin", "animatic/1", "animatic/2")}) == 3
    assert job_key(BEFORE, "kirin") != BEFORE.content


def test_numbers_are_compared_by_value() -> None:
    def scaled(value: float) -> Job:
        return job_of([shot("a", 5, model="kirin_v1_t2v", parameters={"cfg_scale": value})])

    assert scaled(1).content == scaled(1.0).content
    assert scaled(0.5).content == job_of([shot("a", 5, model="kirin_v1_t2v")]).content
    assert scaled(0.5).content != scaled(0.51).content


def test_the_definition_is_pinned() -> None:
    """A change of these is a new key version: everything that was bought so far would be bought again."""
    assert keys.KEY_VERSION == 2
    assert (BEFORE.base, BEFORE.content, job_key(BEFORE, "kirin")) == PINNED


PINNED = (
    "92719791834baf4f974eb3a84011f1af5fdf9f6f898b2c80fce5982e185a287e",
    "485bb0577311d52c7452f5608d396ca05a93b9137eb007420451228355d3ab0b",
    "3b3fbaae0d797cb09059b8376adef21da5fafa9d7af8d20ad2f0b41041ed86f5",
)


def test_definition_spelled_out() -> None:
    shots = [{"prompt": "Prompt of a.", "seconds": 5}, {"prompt": "Prompt of b.", "seconds": 4}]
    request = {"model": "kirin_v3_t2v", "shots": shots, "negative": "x", "settings": SETTINGS, "assets": []}
    document: dict[str, Any] = {"key_version": 2, "request": request}

    def hashed(whole: dict[str, Any]) -> str:
        text = json.dumps(whole, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return sha256(text.encode()).hexdigest()

    assert BEFORE.base == hashed(document)
    assert BEFORE.content == hashed({**document, "take": 1})
    assert job_key(BEFORE, "kirin") == hashed({**document, "take": 1, "provider": "kirin"})
