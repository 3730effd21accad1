"""Every rule's own examples: the bad one triggers it, the good one does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storyboard.diagnostics import Rule
from storyboard.diagnostics.rules import RULES
from tests.support.front import check_text

BY_RULE = [pytest.param(rule, id=f"{rule.code}-{rule.name}") for _, rule in sorted(RULES.items())]
CHECKED = [pytest.param(rule, id=rule.code) for _, rule in sorted(RULES.items()) if rule.when == "check"]


@pytest.mark.parametrize("rule", CHECKED)
def test_the_bad_example_breaks_the_rule_and_no_other(rule: Rule, tmp_path: Path) -> None:
    assert check_text(tmp_path, rule.bad).codes == [rule.code]


@pytest.mark.parametrize("rule", BY_RULE)
def test_good_example_does_not_break_the_rule(rule: Rule, tmp_path: Path) -> None:
    assert rule.code not in check_text(tmp_path, rule.good).codes


@pytest.mark.parametrize("rule", BY_RULE)
def test_the_good_example_has_no_errors_at_all(rule: Rule, tmp_path: Path) -> None:
    assert check_text(tmp_path, rule.good).errors == []


def test_each_code_and_name_stands_once() -> None:
    rules = list(RULES.values())
    assert len({rule.name for rule in rules}) == len(rules)
    assert all(re.fullmatch(r"SB[0-5][0-9]{2}", rule.code) for rule in rules)
    assert all(re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", rule.name) for rule in rules)


def test_every_rule_is_explained() -> None:
    for rule in RULES.values():
        assert rule.summary
        assert len(rule.explanation) > 20
