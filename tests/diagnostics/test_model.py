from __future__ import annotations

from pathlib import Path

from storyboard.diagnostics.diagnostic import LONGEST_QUOTE
from storyboard.diagnostics.rules import RULES
from storyboard.source import Source, Span

PLACE = Span(Source(Path("a.story"), "x"), 0, 1)
RULE = next(iter(RULES.values()))


def test_a_pasted_page_is_not_quoted_whole() -> None:
    message = RULE.at(PLACE, f"`.mode` takes `std`; this is `{'x' * 5000}` here").message
    assert message == f"`.mode` takes `std`; this is `{'x' * LONGEST_QUOTE}…` here"


def test_what_is_short_is_quoted_as_it_is() -> None:
    words = "`" + "x" * LONGEST_QUOTE + "` and " + "plain words " * 20
    assert RULE.at(PLACE, words).message == words
