from __future__ import annotations

from pathlib import Path

from storyboard.diagnostics.diagnostic import LONGEST_QUOTE
from storyboard.diagnostics.rules import RULES
from storyboard.source import Source, Span

PLACE = Span(Source(Path("a.story"), "x"), 0, 1)
RULE = next(iter(RULES.values()))


def test_long_text_is_quoted_shortened() -> None:
    message = RULE.at(PLACE, f"`.mode` takes `std`; this is `{'x' * 5000}` here").message
    assert message == f"`.mode` takes `std`; this is `{'x' * LONGEST_QUOTE}…` here"


def test_short_text_is_quoted_unchanged() -> None:
    words = "`" + "x" * LONGEST_QUOTE + "` and " + "plain words " * 20
    assert RULE.at(PLACE, words).message == words
