"""The author's words in a message."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST_QUOTE = 40


def quoted(text: str) -> str:
    """Return the author's words in backticks, cut where they are long."""
    return f"`{text}`" if len(text) <= LONGEST_QUOTE else f"`{text[:LONGEST_QUOTE]}…`"


def listed(words: Iterable[str]) -> str:
    """Keywords in a row."""
    return ", ".join(f"`{word}`" for word in words)
