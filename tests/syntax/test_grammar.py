from __future__ import annotations

import json

import pytest

from storyboard.syntax.grammar import parse_header
from storyboard.syntax.grammar_tables import TABLES, make_parser, make_tables
from storyboard.syntax.keywords import FORMS
from storyboard.syntax.lalr import Node
from storyboard.syntax.mistake_table import TABLE
from tests.support.grammar import by_lark, by_tables


def test_the_grammar_is_strict() -> None:
    """No two terminals collide, no rule is ambiguous; lark would raise."""
    make_parser(strict=True)


def test_the_shipped_tables_are_those_of_the_grammar() -> None:
    shipped = json.loads(TABLES.read_text("utf-8"))
    assert shipped == json.loads(json.dumps(make_tables())), "run: python -m storyboard.syntax.grammar_tables"


@pytest.mark.parametrize("line", [entry.wrong for entry in TABLE] + [form.example for form in FORMS.values()])
def test_the_tables_read_as_lark_does(line: str) -> None:
    assert by_tables(line, "header") == by_lark(line, "header")


@pytest.mark.parametrize("keyword", FORMS)
def test_a_keyword_is_a_whole_word_and_its_example_fits(keyword: str) -> None:
    example = FORMS[keyword].example
    tree = parse_header(example, 0, len(example))
    assert isinstance(tree, Node)
    assert tree.rule == keyword
    for glued in (example.replace(keyword, keyword + "x", 1), example.replace(keyword, keyword + "-x", 1)):
        assert parse_header(glued, 0, len(glued)) == 0


def test_keywords_may_be_names_elsewhere() -> None:
    for line in ("let let = x", "shot use 5s", "for for in for, in", 'import "x" as as', "use use(use = use) as use"):
        assert isinstance(parse_header(line, 0, len(line)), Node)


def test_place_refers_to_the_whole_text() -> None:
    assert parse_header("ab\nshot a 5 s\n", 3, 13) == 10
    assert parse_header("ab\nshot a\n", 3, 9) == 9
