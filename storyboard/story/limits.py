"""Count what expanding a story costs, so that expansion always ends."""

from __future__ import annotations

from storyboard.diagnostics.limits import MOST_CALLS, MOST_CHARACTERS, MOST_VALUES
from storyboard.fast_dataclasses import dataclass


@dataclass(slots=True)
class ExpansionWork:
    """What filling in a story has cost so far."""

    calls: int = 0
    values: int = 0
    characters: int = 0

    @property
    def passed(self) -> str | None:
        """Return the exceeded limit, in words that complete "this is where the story passes …"."""
        if self.calls > MOST_CALLS:
            return f"{MOST_CALLS:,} phrase calls"
        if self.values > MOST_VALUES:
            return f"{MOST_VALUES:,} filled-in values"
        if self.characters > MOST_CHARACTERS:
            return f"{MOST_CHARACTERS:,} characters"
        return None
