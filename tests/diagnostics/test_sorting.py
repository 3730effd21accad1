"""What is found is told in reading order, and once."""

from __future__ import annotations

from pathlib import Path

from storyboard.diagnostics import Related, sort_by_place
from storyboard.diagnostics.rules.names import UNKNOWN_NAME, UNUSED
from storyboard.source import Source, Span

HERE = Source(Path("/b.story"), "one two three")
OTHER = Source(Path("/a.story"), "one two three")


def test_findings_are_sorted_by_file_and_place() -> None:
    found = [UNKNOWN_NAME.at(Span(source, start, start + 1), "x") for source in (HERE, OTHER) for start in (4, 0)]
    assert [(each.span.source.path.name, each.span.start) for each in sort_by_place(found)] == [
        ("a.story", 0),
        ("a.story", 4),
        ("b.story", 0),
        ("b.story", 4),
    ]


def test_duplicate_finding_is_shown_once_with_the_longest_chain() -> None:
    place = Span(HERE, 0, 3)
    plain, led_to = UNKNOWN_NAME.at(place, "x"), UNKNOWN_NAME.at(place, "x", related=[Related("called here", place)])
    assert sort_by_place([plain, led_to, plain]) == (led_to,)


def test_different_findings_at_one_place_are_kept() -> None:
    place = Span(HERE, 0, 3)
    found = [UNKNOWN_NAME.at(place, "x"), UNKNOWN_NAME.at(place, "y"), UNUSED.at(place, "x")]
    assert len(sort_by_place(found)) == 3
