from __future__ import annotations

import pytest

from storyboard.diagnostics.nearest import nearest, slips_between


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("reveel", ["reveal", "river"], "reveal"),
        ("Mode", ["mode", "sound"], "mode"),
        ("aspect-ratio", ["aspect_ratio"], "aspect_ratio"),
        ("concurency", ["attempts", "concurrency"], "concurrency"),
        ("tiwn", ["twin"], "twin"),
        ("mei", ["bob", "ann"], None),
        ("a", ["b"], None),
        ("ab", ["cd"], None),
        ("sound", ["mode"], None),
        ("城市", ["城市们"], "城市们"),
        ("x", [], None),
    ],
)
def test_proposes_only_what_was_meant(name: str, known: list[str], meant: str | None) -> None:
    assert nearest(name, known) == meant


def test_the_closest_wins_and_the_first_among_equals() -> None:
    assert nearest("banks", ["bonks", "banksy", "bank"]) == "bonks"
    assert nearest("lantern_nigt", ["lantern_light", "lantern_night"]) == "lantern_night"


def test_counts_slips() -> None:
    assert slips_between("", "abc") == 3
    assert slips_between("kitten", "sitting") == 3
    assert slips_between("abcd", "acbd") == 1
