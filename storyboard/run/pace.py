"""When to ask again: sparse while a result is not due, dense when it is, by how long such jobs have taken before."""

from __future__ import annotations

from collections.abc import Sequence

FIRST = 1.0
"""Seconds after a submit at which a task is asked about for the first time."""

GROWTH = 0.15
"""Where nobody knows how long it takes: the next question comes after this share of the task's age."""

STEP = 0.08
"""While a result is due: a question each such share of the usual time."""

SLOWEST = 60.0
"""Seconds, between any two questions about a task that has outlived its usual time."""


def next_poll(age: float, usual: Sequence[float], jitter: float) -> float:
    """Seconds to pause before asking about a task of that age, in seconds.

    `usual` is how long such jobs took; `jitter`, from 0 to 1, spreads the questions of many jobs.
    """
    return _pause(age, sorted(usual)) * (0.9 + 0.2 * jitter)


def _pause(age: float, usual: Sequence[float]) -> float:
    if not usual or age > usual[-1]:
        return min(SLOWEST, max(FIRST, GROWTH * age))
    earliest, middle = usual[len(usual) // 10], usual[len(usual) // 2]
    return max(FIRST / 4, earliest - age, STEP * middle)


def backoff(tries: int, jitter: float, longest: float = 60.0) -> float:
    """Seconds to pause after so many failures in a row (from 1): doubling, and spread by `jitter` from 0 to 1."""
    return min(longest, 2.0 ** min(tries - 1, 20)) * (0.5 + 0.5 * jitter)
