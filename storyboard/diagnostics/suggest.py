"""Did-you-mean: find the one name that a mistyped one stands for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

LONGEST_WORD = 64
"""Longer words are not compared, because the work grows with the square."""


SHORTEST_SURE = 3
"""In shorter words, a single mistake is too much to be certain."""


def suggest(word: str, known: Iterable[str]) -> str | None:
    """Return the nearest of `known`, if it is near enough (a third of the letters) and no other is as near.

    Letter case aside, an equal name wins. A swap of neighbours counts as one slip.
    """
    best: str | None = None
    nearest = LONGEST_WORD
    tied = False
    for candidate in dict.fromkeys(known):
        if candidate == word:
            continue
        distance = _slips(word, candidate, min(nearest, max(len(word), len(candidate)) // 3))
        if distance is None:
            continue
        tied = distance == nearest and best is not None
        if not tied:
            best, nearest = candidate, distance
    return None if tied else best


def is_one_slip(word: str, meant: str) -> bool:
    """Whether `meant` is certainly what a mistyped word stands for: one mistake, or another letter case, and the same
    digits.

    `mei1` and `mei2` are two people, however near their names.
    """
    if [sign for sign in word if sign.isdigit()] != [sign for sign in meant if sign.isdigit()]:
        return False
    slips = _slips(word, meant, 1)
    return slips == 0 or (slips == 1 and min(len(word), len(meant)) >= SHORTEST_SURE)


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return the help line for `suggest`'s answer, or None."""
    found = suggest(word, known)
    return None if found is None else f"did you mean `{found}`?"


@lru_cache(maxsize=10_000)
def _slips(left: str, right: str, most: int) -> int | None:
    """Return the edit distance (insert, drop, change, swap) of two words; None if it is more than `most`."""
    left, right = left.casefold(), right.casefold()
    if left == right:
        return 0
    if abs(len(left) - len(right)) > most or max(len(left), len(right)) > LONGEST_WORD:
        return None
    before: list[int] = []
    above = list(range(len(right) + 1))
    for i, one in enumerate(left, 1):
        row = [i]
        for j, other in enumerate(right, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (one != other))
            if i > 1 and j > 1 and one == right[j - 2] and left[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return None
        before, above = above, row
    return above[-1] if above[-1] <= most else None
