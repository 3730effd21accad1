from __future__ import annotations

import pytest

from storyboard.diagnostics.suggest import did_you_mean, suggest

KEYWORDS = ("edition", "story", "import", "let", "param", "phrase", "template", "use", "for", "scene", "shot", "split")


@pytest.mark.parametrize(
    ("word", "right"),
    [
        ("shto", "shot"),
        ("Shot", "shot"),
        ("sot", "shot"),
        ("tempalte", "template"),
        ("us", "use"),
        ("secne", "scene"),
        ("shotgun", None),
        ("wide", None),
        ("x", None),
        ("a" * 10_000, None),
    ],
)
def test_a_slip_of_the_hand_is_recognised_and_nothing_else(word: str, right: str | None) -> None:
    assert suggest(word, KEYWORDS) == right


def test_two_names_as_near_are_no_suggestion() -> None:
    assert suggest("marta", ["marka", "marba"]) is None
    assert suggest("marta", ["marka", "marba", "mart"]) is None
    assert suggest("marta", ["marka", "MARTA"]) == "MARTA"


def test_the_help_line_names_it() -> None:
    assert did_you_mean("reveel", ["reveal", "river"]) == "did you mean `reveal`?"
    assert did_you_mean("reveel", ["river"]) is None
