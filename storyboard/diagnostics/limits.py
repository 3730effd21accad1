"""The limits that rules state and later stages enforce, each stated once."""

from __future__ import annotations

LONGEST_TEXT = 50_000
"""Characters of one filled-in text."""

MOST_CHARACTERS = 100_000_000
"""Characters of all texts and addresses of a story together."""

MOST_CALLS = 200_000
"""Phrase calls of a story."""

MOST_VALUES = 2_000_000
"""Values worked out in a story: names, arguments, filters, conditions."""

MOST_FAILURES = 100
"""Errors of one text, over all its uses; behind them it is not tried again."""

DEEPEST_CALL = 50
"""Phrases within phrases."""

DEEPEST_VALUE = 150
"""Values within values, through phrases and conditions; keeps Python's own stack out of reach."""

MOST_SHOTS = 10_000
"""Shots of a story that templates and loops expand to."""

MOST_STATEMENTS = 200_000
"""Statements of a story, each counted as often as it is expanded."""

DEEPEST_USE = 50
"""Uses and loops within one another."""

LONGEST_TAG = 10_000
"""Characters inside one pair of braces."""

DEEPEST_TAG = 20
"""Parentheses within one another inside braces."""

DEEPEST_IF = 20
"""`{% if %}` within `{% if %}`."""

DEEPEST_BLOCK = 32
"""Statements within statements, as written."""

NEAR_PERCENT = 90
"""A text that takes more than this share of its limit gets a hint."""

LONGEST_HEADER = 20_000
"""Characters of a header; the text of a `let` or `param` does not count."""

MOST_MISTAKES = 5_000
"""Mistakes that are reported of one file. It is not read any further, because explaining each one takes a while."""
