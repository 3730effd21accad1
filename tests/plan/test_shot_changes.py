"""What became of each shot."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from storyboard.plan.shot_changes import ShotFate, compare_shots
from storyboard.source import Source, Span
from storyboard.story.story import Negatives, Origin, Shot, Spoken, UsedPart, WordsBeside

HERE = Path("/a.story")
SPAN = Span(Source(HERE, ""), 0, 0)


def shot(address: str, prompt: str = "", **more: Any) -> Shot:
    """A shot; its prompt is its address unless given."""
    values: dict[str, object] = {
        "seconds": Decimal(4),
        "model": "m",
        "parameters": {},
        "negative": Negatives(()),
        "pack": "auto",
        "take": None,
        "split_before": False,
        "origin": Origin(SPAN),
    }
    return Shot(address, "s", address, prompt=prompt or address, **(values | more))  # type: ignore[arg-type]


def told(before: list[Shot], now: list[Shot]) -> list[tuple[str, str]]:
    return [(str(change.fate), change.address) for change in compare_shots({HERE: before}, {HERE: now})]


def test_each_shot_is_reported_once() -> None:
    before = [shot("a"), shot("b"), shot("c"), shot("d")]
    now = [shot("a"), shot("c", "other"), shot("new"), shot("d")]
    assert told(before, now) == [("changed", "c"), ("added", "new"), ("gone", "b")]


def test_fewest_possible_shots_are_reported_as_moved() -> None:
    before = [shot(name) for name in "abcdef"]
    assert told(before, [shot(name) for name in "fabcde"]) == [("moved", "f")]
    assert told(before, [shot(name) for name in "bcaefd"]) == [("moved", "a"), ("moved", "d")]
    assert told(before, before) == []


def test_an_inserted_or_removed_shot_moves_no_other() -> None:
    before = [shot(name) for name in "abc"]
    assert told(before, [shot(name) for name in "xabc"]) == [("added", "x")]
    assert told(before, [shot(name) for name in "bc"]) == [("gone", "a")]


def test_renamed_shot_names_its_old_address() -> None:
    (change,) = compare_shots({HERE: [shot("a", "text")]}, {HERE: [shot("b", "text")]})
    assert (change.fate, change.address, change.moved_from) == (ShotFate.MOVED, "b", (HERE, "a"))


def test_a_shot_that_moved_to_another_story_is_found() -> None:
    other = Path("/b.story")
    (change,) = compare_shots({HERE: [shot("a"), shot("b")]}, {HERE: [shot("a")], other: [shot("b")]})
    assert (change.fate, change.path, change.moved_from) == (ShotFate.MOVED, other, (HERE, "b"))


def test_two_shots_of_the_same_text_are_matched_one_to_one() -> None:
    before = [shot("a", "same"), shot("b", "same")]
    assert told(before, [shot("c", "same"), shot("d", "same"), shot("e", "same")]) == [
        ("moved", "c"),
        ("moved", "d"),
        ("added", "e"),
    ]


def test_shot_that_changed_and_moved_is_reported_as_both() -> None:
    before = [shot(name) for name in "abc"]
    (change,) = compare_shots({HERE: before}, {HERE: [shot("c", "x"), shot("a"), shot("b")]})
    assert change.fate is ShotFate.CHANGED
    assert change.moved_from == (HERE, "c")


@pytest.mark.parametrize(
    ("name", "was", "now", "more"),
    [
        ("length", "4 s", "5 s", {"seconds": Decimal("5.0")}),
        ("model", "m", "n", {"model": "n"}),
        ("seed", "", "7", {"parameters": {"seed": 7}}),
        ("negatives", "", "blur, text", {"negative": Negatives(("blur", "text"))}),
        ("take", "", "2", {"take": 2}),
        ("cut", "", "1 s to 3 s", {"part": UsedPart(Decimal(1), Decimal(3), SPAN)}),
        ("spoken words", "", "Mei: We are late.", {"beside": WordsBeside((Spoken("Mei", "We are late."),))}),
    ],
)
def test_every_field_is_compared(name: str, was: str, now: str, more: dict[str, Any]) -> None:
    (change,) = compare_shots({HERE: [shot("a")]}, {HERE: [shot("a", **more)]})
    assert [field[:3] for field in change.fields] == [(name, was, now)]
