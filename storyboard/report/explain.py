"""The catalogue of rules: for the terminal, the documentation, and scripts."""

from __future__ import annotations

from collections.abc import Sequence

from storyboard.diagnostics import Rule
from storyboard.report.frames import STYLES
from storyboard.report.record_document_types import RuleDocument, RulesDocument
from storyboard.report.style import Line, crop, line, pad

LONGEST = 160
"""Longest example line that is shown, in columns: some are long to make their point."""
FAMILIES = {
    "SB0": "Reading files and lines",
    "SB1": "Names",
    "SB2": "Settings and limits",
    "SB3": "Text",
    "SB4": "Money",
    "SB5": "Review and delivery",
}


def catalogue(rules: Sequence[Rule]) -> list[Line]:
    """Return every rule in one line."""
    return [
        line((rule.code, "bold"), "  ", (pad(rule.severity, 7), STYLES[rule.severity]), f"  {rule.summary}")
        for rule in rules
    ]


def explanation(rule: Rule) -> list[Line]:
    """Return one rule: what it says, why, how to fix it, a wrong and a right example."""
    return [
        line((f"{rule.code} ", "bold"), (rule.name, STYLES[rule.severity]), f" ({rule.severity})"),
        line(rule.summary),
        (),
        *_indented(rule.explanation, ""),
        (),
        line(("What triggers it", "bold")),
        (),
        *_indented(rule.bad, "    "),
        (),
        line(("What does not", "bold")),
        (),
        *_indented(rule.good, "    "),
    ]


def _indented(text: str, indent: str) -> list[Line]:
    return [line(indent, crop(one, LONGEST)) if one.strip() else () for one in text.strip("\n").splitlines()]


def rules_document(rules: Sequence[Rule]) -> RulesDocument:
    """Return the document of `explain --json`."""
    return {"rules": [_rule_document(rule) for rule in rules]}


def _rule_document(rule: Rule) -> RuleDocument:
    return {
        "severity": str(rule.severity),
        "code": rule.code,
        "name": rule.name,
        "summary": rule.summary,
        "explanation": rule.explanation,
        "bad": rule.bad,
        "good": rule.good,
    }


def rules_page(rules: Sequence[Rule]) -> str:
    """Return the page `docs/diagnostics.md`."""
    parts = [_HEAD]
    for prefix, title in FAMILIES.items():
        family = [rule for rule in rules if rule.code.startswith(prefix)]
        if family:
            parts += [f"## {title}\n", *(rule_section(rule) for rule in family)]
    return "\n".join(parts)


_HEAD = """# Diagnostics

Every finding has a code that stays. `storyboard explain CODE` prints the same. The examples are run by the tests: the
first of each pair triggers the code, the second does not. A line `--- NAME` begins another file.
"""


def rule_section(rule: Rule, level: int = 3) -> str:
    """Return one rule in Markdown, under a heading of this level."""
    return (
        f"{'#' * level} {rule.code} {rule.name}\n\n"
        f"*{rule.severity.capitalize()}.* {rule.summary}\n\n"
        f"{rule.explanation.strip()}\n\n"
        f"Triggers it:\n\n```\n{_code(rule.bad)}\n```\n\n"
        f"Does not:\n\n```\n{_code(rule.good)}\n```\n"
    )


def _code(text: str) -> str:
    return "\n".join(crop(one, LONGEST) for one in text.strip("\n").splitlines())
