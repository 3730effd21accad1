"""Keeping the key out of every word that a gateway repeats."""

from __future__ import annotations

import re


def redacted(words: str | None, secret: str) -> str | None:
    """The words without a secret that they repeat. A short one is only taken for it where it stands alone."""
    if not words or not secret:
        return words
    inside = re.escape(secret)
    return re.sub(inside if len(secret) >= 8 else rf"(?<!\w){inside}(?!\w)", "[key]", words)
