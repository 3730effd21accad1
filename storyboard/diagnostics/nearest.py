"""Did-you-mean, for every name there is: strict enough that what it proposes is what was meant."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

MOST_COMPARED = 1000
"""Names looked through for one misspelt name, so that a file of ten thousand mistakes still ends soon."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `name` was most likely meant to be, None where none is close enough.

    Close is one slip in a short name, two from six letters on, three from eleven: a letter too many, too few, another,
    or two neighbours swapped. Case, `-` and `_` make no difference.
    """
    folded = _fold(name)
    slips = 1 + (len(folded) >= 6) + (len(folded) >= 11)
    best: tuple[int, str] | None = None
    for candidate in islice(known, MOST_COMPARED):
        other = _fold(candidate)
        if abs(len(other) - len(folded)) > slips:
            continue
        distance = slips_between(folded, other)
        if distance <= slips and distance < len(other) and (best is None or distance < best[0]):
            best = (distance, candidate)
    return best[1] if best else None


def slips_between(one: str, other: str) -> int:
    """How many slips of typing turn one word into the other (the restricted Damerau-Levenshtein distance)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        older, before, row = before, row, [i]
        for j, b in enumerate(other, start=1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _fold(name: str) -> str:
    return name.casefold().replace("-", "_")
