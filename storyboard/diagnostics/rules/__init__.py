"""The catalogue: every rule, one module a family.

SB0xx reading and syntax · SB1xx names · SB2xx limits and settings · SB3xx text · SB4xx money · SB5xx review.
"""

from __future__ import annotations

from types import ModuleType

from storyboard.diagnostics.diagnostic import Rule
from storyboard.diagnostics.rules import (
    advice,
    delivery,
    film,
    limits,
    money,
    names,
    packing,
    pasted,
    reading,
    review,
    text,
)


def _of(module: ModuleType) -> list[Rule]:
    return [value for value in vars(module).values() if isinstance(value, Rule)]


_FAMILIES = (reading, names, limits, packing, text, pasted, advice, film, money, review, delivery)

RULES: dict[str, Rule] = {rule.code: rule for family in _FAMILIES for rule in _of(family)}
"""Every rule by its code."""
