from __future__ import annotations

from pathlib import Path

import pytest

from storyboard.source import Source
from storyboard.syntax import format_source
from tests.support.golden import Case, each_case, outcome_of

CASES = Path(__file__).parent.parent / "cases"


def printed(text: str) -> str:
    return format_source(Source(Path("/t.story"), text))


@each_case("format")
def test_story_is_formatted(case: Case, tmp_path: Path) -> None:
    assert outcome_of(case, tmp_path) == case.expected


def test_the_example_of_the_language_is_in_the_canonical_layout() -> None:
    text = (CASES / "syntax" / "lantern_night.story").read_text("utf-8")
    assert printed(text) == text
    assert printed(text.replace("\n", "\r\n")) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("\n \n", ""),
        ("# a", "# a\n"),
        ("split", "split\n"),
        ("let a=b\nsplit\nlet c=d\n", "let a = b\n\nsplit\n\nlet c = d\n"),
        ('import "a"\nlet b=c\n\n\nparam d=\n# e\nlet f = g\n', 'import "a"\nlet b = c\n\nparam d =\n# e\nlet f = g\n'),
        ("let a =\n   b\n     c\n", "let a\n  b\n    c\n"),
        (
            "shot a 5s\n\n    .mode  pro\n  Text  of   two.\n\n\n   Last.\n",
            "shot a 5s\n  .mode pro\n  Text  of   two.\n\n\n   Last.\n",
        ),
        ("use t ( )\n", "use t()\n"),
        ("for a in b\n  split\n  # end\nsplit\n", "for a in b\n  split\n  # end\n\nsplit\n"),
        (
            "for a in b\n\n # c\n\n\n split\n\n\n use t()\n split\n",
            "for a in b\n  # c\n  split\n\n  use t()\n  split\n",
        ),
        ("shot e\u0301 5s\n  e\u0301\n", "shot \u00e9 5s\n  e\u0301\n"),
    ],
)
def test_printer_gives_one_layout(text: str, expected: str) -> None:
    assert printed(text) == expected


def test_broken_text_is_left_byte_for_byte() -> None:
    broken = "shot   a  5 s\r\n\t.mode   pro \n     # no\n\n\n  Text  \n"
    assert printed(f"split\n{broken}split\n") == f"split\n\n{broken}\nsplit\n"
    assert printed(f"  text   of nobody  \n\n\nsplit\n{broken}") == f"  text   of nobody  \n\nsplit\n\n{broken}"


def test_a_newer_edition_is_not_touched() -> None:
    assert printed("edition  2\nfoo\r\n") == "edition  2\nfoo\r\n"


def test_text_below_a_setting_is_not_joined_to_it() -> None:
    text = "shot s 3s\n  .mode pro\n  A lamp.\n Rain.\n"
    printed = format_source(Source(Path("/t.story"), text))
    assert printed == "shot s 3s\n  .mode pro\n  A lamp.\n  Rain.\n"
    assert format_source(Source(Path("/t.story"), printed)) == printed
