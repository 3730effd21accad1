"""Describe what is wrong with the TOML of a card or a price table, naming the field."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of a card",
    "int_type": "should be a whole number",
    "string_type": "should be text in quotes",
    "bool_type": "should be true or false",
    "list_type": "should be a list",
    "dict_type": "should be a table",
    "model_type": "should be a table",
    "greater_than": "should be more than {gt}",
    "greater_than_equal": "should be at least {ge}",
    "less_than_equal": "should be at most {le}",
    "literal_error": "should be {expected}",
    "too_short": "should not be empty",
    "string_pattern_mismatch": "should be a name: letters, digits, `_`, `-` and `.`",
    "decimal_parsing": "should be a number",
}


def describe(wrong: ValidationError) -> str:
    """Return the first mistake, and how many more there are."""
    first, *more = wrong.errors()
    rest = f" (and {len(more)} more)" if more else ""
    return f"{_sentence(first)}{rest}"


def _sentence(error: ErrorDetails) -> str:
    words = _WORDS.get(error["type"])
    told = words.format(**error.get("ctx", {})) if words else error["msg"].removeprefix("Value error, ")
    place = ".".join(str(part) for part in error["loc"] if part != "[key]")
    return f"`{place}` {told}" if place else told
