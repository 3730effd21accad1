from __future__ import annotations

import pytest
from lark import UnexpectedInput

from storyboard.syntax.forms import FORMS
from storyboard.syntax.grammar import full_header, make_parser


def test_the_grammar_is_strict() -> None:
    """No two terminals collide, no rule is ambiguous; lark would raise."""
    make_parser(strict=True)


@pytest.mark.parametrize("keyword", FORMS)
def test_a_keyword_is_a_whole_word_and_its_example_fits(keyword: str) -> None:
    example = FORMS[keyword].example
    assert full_header(example, 0, len(example)).data == keyword
    for glued in (example.replace(keyword, keyword + "x", 1), example.replace(keyword, keyword + "-x", 1)):
        with pytest.raises(UnexpectedInput):
            full_header(glued, 0, len(glued))


def test_keywords_may_be_names_elsewhere() -> None:
    for line in ("let let = x", "shot use 5s", "for for in for, in", 'import "x" as as', "use use(use = use) as use"):
        full_header(line, 0, len(line))
