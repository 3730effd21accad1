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
def test_only_small_typing_mistakes_are_recognised(word: str, right: str | None) -> None:
    assert suggest(word, KEYWORDS) == right


def test_equally_near_names_give_no_suggestion() -> None:
    assert suggest("marta", ["marka", "marba"]) is None
    assert suggest("marta", ["marka", "marba", "mart"]) is None
    assert suggest("marta", ["marka", "MARTA"]) == "MARTA"


def test_help_line_names_the_suggestion() -> None:
    assert did_you_mean("reveel", ["reveal", "river"]) == "did you mean `reveal`?"
    assert did_you_mean("reveel", ["river"]) is None
