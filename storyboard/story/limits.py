"""How much a story may be: what keeps expanding it from going on for ever, whoever wrote it."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(slots=True)
class ExpansionWork:
    """What filling in a story has cost so far."""

    calls: int = 0
    values: int = 0
    characters: int = 0

    @property
    def passed(self) -> str | None:
        """The bound that is passed, in words that complete «this is where the story passes …»."""
        if self.calls > MOST_CALLS:
            return f"{MOST_CALLS:,} phrase calls"
        if self.values > MOST_VALUES:
            return f"{MOST_VALUES:,} filled-in values"
        if self.characters > MOST_CHARACTERS:
            return f"{MOST_CHARACTERS:,} characters"
        return None
