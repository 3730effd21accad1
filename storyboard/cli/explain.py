"""`storyboard explain CODE`."""

from __future__ import annotations

import click

from storyboard.cli.help import Command
from storyboard.cli.output import out, out_json
from storyboard.diagnostics.suggest import did_you_mean
from storyboard.errors import UsageError


@click.command(
    "explain",
    cls=Command,
    examples=(
        ("storyboard explain SB203", "what it means, why, and how to fix it"),
        ("storyboard explain", "list every code"),
    ),
)
@click.argument("code", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(code: str | None, as_json: bool) -> None:
    """Explain a diagnostic code, with an example of the problem and of its fix."""
    from storyboard.diagnostics.rules import RULES
    from storyboard.report.explain import catalogue, explanation, rules_document

    if code is None:
        rules = sorted(RULES.values(), key=lambda rule: rule.code)
        return out_json(rules_document(rules)) if as_json else out(catalogue(rules))
    rule = RULES.get(code.upper()) or next((rule for rule in RULES.values() if rule.name == code), None)
    if rule is None:
        raise UsageError(
            f"there is no code `{code}`",
            help=did_you_mean(code.upper(), RULES) or "storyboard explain lists every code",
        )
    return out_json(rules_document([rule])) if as_json else out(explanation(rule))
