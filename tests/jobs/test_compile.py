"""From a checked story to jobs: what shares a job, what is sent, and what is said where it cannot be."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from storyboard.cards import load_catalog
from storyboard.diagnostics import Diagnostic, Severity
from storyboard.jobs.compile import compile_story
from storyboard.story.story import Shot
from tests.support.bought import jobs_of
from tests.support.payloads import payload_of
from tests.support.shots import run, shot, span, story

CATALOG = load_catalog(None)


def names(shots: list[Shot]) -> list[str]:
    return ["".join(s.name for s in job.shots) for job in jobs_of(shots)]


def errors(shots: list[Shot]) -> list[Diagnostic]:
    outcome = compile_story(story(shots), CATALOG)
    found = [d for d in outcome.diagnostics if d.severity is Severity.ERROR]
    assert (outcome.value is None) == bool(found)
    return found


def hints(shots: list[Shot]) -> list[Diagnostic]:
    return [d for d in compile_story(story(shots), CATALOG).diagnostics if d.severity is Severity.HINT]


def test_several_shots_are_one_payload() -> None:
    (job,) = jobs_of([shot("a", 5), shot("b", 3, parameters={"mode": "pro"}), shot("c", 4)][:1])
    assert payload_of(job) == {"model": "kirin_v3_t2v", "multi_shot": False, "prompt": "Prompt of a.", "duration": "5"}


def test_the_payload_of_several_shots_has_the_order_of_the_reference() -> None:
    set_ = {"watermark": False, "aspect_ratio": "9:16", "mode": "pro", "sound": "on"}
    (job,) = jobs_of(
        [shot("a", 5, parameters=set_, negative=["x", "y"]), shot("b", 3, parameters=set_, negative=["x", "y"])]
    )
    assert list(payload_of(job).items()) == [
        ("model", "kirin_v3_t2v"),
        ("multi_shot", True),
        ("shot_type", "customize"),
        (
            "multi_prompt",
            [
                {"index": 1, "prompt": "Prompt of a.", "duration": "5"},
                {"index": 2, "prompt": "Prompt of b.", "duration": "3"},
            ],
        ),
        ("negative_prompt", "x, y"),
        ("sound", "on"),
        ("mode", "pro"),
        ("aspect_ratio", "9:16"),
        ("duration", "8"),
        ("watermark_info", {"enabled": False}),
    ]
    assert (job.id, job.seconds, job.addresses) == ("s#1", 8, ("s.a", "s.b"))


def test_transport_travels_beside_the_payload() -> None:
    (job,) = jobs_of([shot("a", parameters={"callback_url": "https://example.test/"})])
    assert "callback_url" not in payload_of(job)
    assert job.transport == {"callback_url": "https://example.test/"}


def test_a_model_of_one_shot_a_job() -> None:
    first, second = jobs_of([shot("a", 5, model="kirin_v1_6_t2v"), shot("b", 10, model="kirin_v1_6_t2v")])
    assert payload_of(first) == {"model": "kirin_v1_6_t2v", "prompt": "Prompt of a.", "duration": 5}
    assert payload_of(second)["duration"] == 10


@pytest.mark.parametrize(
    "other",
    [
        {"scene": "t"},
        {"split_before": True},
        {"pack": "shot"},
        {"model": "kirin_v2_6_t2v"},
        {"parameters": {"mode": "pro"}},
        {"parameters": {"sound": "on"}},
        {"parameters": {"watermark_info": {"enabled": False}}},
        {"parameters": {"callback_url": "https://example.test/"}},
        {"negative": ["crowds"]},
        {"prompt": "x" * 513},
    ],
    ids=str,
)
def test_difference_that_separates_two_shots(other: dict[str, Any]) -> None:
    assert names([shot("a"), shot("b", **other)]) == ["a", "b"]


@pytest.mark.parametrize("other", [{}, {"parameters": {"mode": "std"}}, {"take": 3}, {"prompt": "x" * 512}], ids=str)
def test_difference_that_does_not_separate_two_shots(other: dict[str, Any]) -> None:
    assert names([shot("a"), shot("b", **other)]) == ["ab"]


def test_a_parameter_is_sent_when_any_shot_has_it() -> None:
    (job,) = jobs_of([shot("a"), shot("b", parameters={"mode": "std"})])
    assert payload_of(job)["mode"] == "std"
    (plain,) = jobs_of([shot("a"), shot("b")])
    assert "mode" not in payload_of(plain)
    assert plain.content == job.content


def test_true_differs_from_one_when_objects_are_compared() -> None:
    """Python's `1 == True` must not join two jobs."""
    one, true = ({"watermark_info": {"enabled": value}} for value in (1, True))
    assert names([shot("a", parameters=one), shot("b", parameters=true)]) == ["a", "b"]


def test_job_has_the_highest_take_of_its_shots() -> None:
    (job,) = jobs_of([shot("a"), shot("b", take=3), shot("c", take=2)])
    assert job.take == 3
    (other,) = jobs_of([shot("a"), shot("b"), shot("c")])
    assert other.take == 1
    assert other.base == job.base
    assert other.content != job.content


def test_jobs_are_numbered_by_scene() -> None:
    shots = [*run(10, 10, scene="s"), *run(10, scene="t"), shot("b", 10, scene="t")]
    assert [job.id for job in jobs_of(shots)] == ["s#1", "s#2", "t#1", "t#2"]


def test_a_shot_over_the_longest_job() -> None:
    (error,) = errors([shot("a", 16)])
    assert error.code == "SB250"
    assert "`s.a` lasts 16 s; kirin_v3_t2v makes jobs of 3 to 15 s" in error.message


@pytest.mark.parametrize("seconds", ["0", "0.5"])
def test_very_short_shot(seconds: str) -> None:
    (error,) = errors([shot("a", float(seconds)), shot("b", 5)])
    assert error.code == "SB250"
    assert "shots of 1 s or more" in error.message


@pytest.mark.parametrize("seconds", ["4.5", "1.5", "14.999"])
def test_a_fraction_of_a_second(seconds: str) -> None:
    (error,) = errors([shot("a", float(seconds))])
    assert error.code == "SB251"
    assert seconds in error.message


def test_a_length_that_the_model_does_not_make() -> None:
    found = errors([shot("a", 7, model="kirin_v2_6_t2v"), shot("b", 3, model="kirin_v2_6_t2v")])
    assert [e.code for e in found] == ["SB250", "SB250"]
    assert "jobs of 5 s or 10 s" in found[0].message


def test_a_stretch_that_no_jobs_can_fill_is_one_error_at_its_first_short_shot() -> None:
    shots = run(14, 2, 14, 1, 15)
    (error,) = errors(shots)
    assert error.code == "SB252"
    assert error.span == shots[1].origin.span
    assert "`s.b` lasts 2 s" in error.message
    assert "3 to 15 s" in error.message
    assert [r.message for r in error.related] == [
        "with `s.a` it would be 16 s, over 15 s",
        "with `s.c` it would be 16 s, over 15 s",
    ]


def test_each_stretch_is_judged_for_itself() -> None:
    shots = [shot("a", 2), shot("b", 2, split_before=True), shot("c", 2, scene="t")]
    found = errors(shots)
    assert [e.span for e in found] == [s.origin.span for s in shots]
    assert [r.message for r in found[0].related] == ["a `split` separates it from `s.b`"]


def test_a_short_shot_over_the_limit_of_several_says_both_numbers() -> None:
    (error,) = errors([shot("a", 5), shot("b", 2, "x" * 540)])
    assert error.code == "SB203"
    assert all(number in error.message for number in ("540", "512", "2500", "2 s", "3 to 15 s"))


def test_a_shot_over_the_limit_of_several_stands_alone() -> None:
    assert names([shot("a"), shot("b", prompt="x" * 2500), shot("c")]) == ["a", "b", "c"]


def test_a_prompt_over_every_limit() -> None:
    (error,) = errors([shot("a", prompt="x" * 2501)])
    assert error.code == "SB203"
    assert "the prompt is 2501 characters; kirin_v3_t2v allows 2500" in error.message
    assert error.help == "cut 1 character"


def test_follow_up_error_is_not_reported() -> None:
    assert [e.code for e in errors([shot("a", 2), shot("b", 20)])] == ["SB250"]
    assert compile_story(story([shot("a", 2), shot("b", 5, damaged=True)]), CATALOG).diagnostics == ()


def test_independent_error_is_reported_too() -> None:
    assert [e.code for e in errors(run(14, 2, 14, 20))] == ["SB252", "SB250"]


def test_negatives_over_the_limit_are_one_error_at_the_line_that_added_last() -> None:
    first = shot("a", negative=["x" * 2501])
    shots = [first, replace(shot("b"), negative=first.negative), shot("c")]
    (error,) = errors(shots)
    assert error.code == "SB253"
    assert error.span == first.negative.span


def test_a_setting_that_asks_for_a_length() -> None:
    place = span()
    camera = {"camera_control": {"type": "simple"}}
    wrong = shot("a", 10, model="kirin_v1_t2v", parameters=camera, setting_spans={"camera_control": place})
    (error,) = errors([wrong])
    assert (error.code, error.span) == ("SB254", place)
    assert names([shot("a", 5, model="kirin_v1_t2v", parameters=camera)]) == ["a"]


@pytest.mark.parametrize(
    ("prompt", "codes"),
    [
        ("x" * 460, []),
        ("x" * 461, ["SB260"]),
        ("x" * 512, ["SB260"]),
        ("x" * 513, ["SB357"]),
        ("x" * 2250, ["SB357"]),
        ("x" * 2251, ["SB260", "SB357"]),
        ("雨" * 170, []),
        ("雨" * 171, ["SB261"]),
        ("😀" * 257, ["SB261"]),
        ("雨" * 513, ["SB357"]),
        ("雨" * 834, ["SB261", "SB357"]),
    ],
)
def test_near_a_limit(prompt: str, codes: list[str]) -> None:
    assert [h.code for h in hints([shot("a", prompt=prompt), shot("b")])] == codes


@pytest.mark.parametrize("others", [[], [15], [11]])
def test_shot_that_cannot_share_a_job_gets_no_advice_on_sharing(others: list[int]) -> None:
    shots = [shot("a", 5, prompt="x" * 600), *(shot("b", seconds) for seconds in others)]
    assert hints(shots) == []


@pytest.mark.parametrize(
    ("seconds", "model", "advice"),
    [
        (20, "kirin_v3_t2v", "make it at most 15 s, or two shots"),
        (45, "kirin_v3_t2v", "make it at most 15 s, or three shots or more"),
        (90, "kirin_v3_t2v", "make it at most 15 s, or 6 shots or more"),
        (45, "kirin_v1_t2v", "make it at most 10 s, or five shots or more"),
        (1, "kirin_v1_t2v", "make it 5 s or more"),
    ],
)
def test_advice_on_lengths_can_be_followed(seconds: int, model: str, advice: str) -> None:
    found = [each for each in errors([shot("a", seconds, model=model)]) if each.code == "SB250"]
    assert [each.help for each in found] == [advice]


def test_a_length_with_parts_of_a_second_is_rounded_to_what_the_model_makes() -> None:
    (error,) = errors([shot("a", Decimal("6.5"), model="kirin_v1_t2v")])
    assert error.help is not None
    assert error.help.startswith("make it 5 s or 10 s;")


def test_own_negative_that_separates_a_shot() -> None:
    place = span()
    shots = [shot("a", 4), shot("b", 4, negative=["smiling"], own_negative=place), shot("c", 4)]
    (hint,) = hints(shots)
    assert (hint.code, hint.span) == ("SB270", place)
    assert "3 jobs instead of 1" in hint.message
    assert "12 s" in hint.message
    assert ".avoid" in (hint.help or "")


@pytest.mark.parametrize(
    "shots",
    [
        [shot("a", 15), shot("b", 15, negative=["x"], own_negative=span())],
        [shot("a", 4), shot("b", 4, negative=["x"])],
        [shot("a", 4), shot("b", 4, own_negative=span())],
        [shot("a", 4), shot("b", 4, scene="t", negative=["x"], own_negative=span())],
    ],
)
def test_own_negative_that_separates_nothing(shots: list[Shot]) -> None:
    assert hints(shots) == []


def test_two_places_of_one_job() -> None:
    shots = [shot("a", prompt="Rain."), shot("b", prompt="Rain.", split_before=True)]
    (hint,) = hints(shots)
    assert (hint.code, hint.span) == ("SB271", shots[1].origin.span)
    assert ".take 2" in (hint.help or "")
    assert hints([shots[0], shot("b", prompt="Rain.", split_before=True, take=2)]) == []


def test_a_film_over_its_budget() -> None:
    place = span()
    shots = [
        shot("a", 5, "Rain."),
        shot("b", 5, "Rain.", split_before=True, take=2),
        shot("c", 5, "Rain.", split_before=True),
    ]
    poor = replace(story(shots), budget=Decimal("0.80"), budget_span=place)
    warning = next(d for d in compile_story(poor, CATALOG).diagnostics if d.code == "SB401")
    assert warning.span == place
    assert warning.message == "the whole film is 10 s, about $0.84; its budget is $0.80"
    rich = replace(poor, budget=Decimal("0.84"))
    assert "SB401" not in [d.code for d in compile_story(rich, CATALOG).diagnostics]


def test_a_budget_over_a_model_without_a_price() -> None:
    poor = replace(story([shot("a", 5, model="kirin_v2_6_t2v")]), budget=Decimal(1))
    (warning,) = compile_story(poor, CATALOG).diagnostics
    assert warning.code == "SB402"
    assert "kirin_v2_6_t2v" in (warning.help or "")
