"""When to ask again: sparse while a result is not due, dense when it is, by how long such jobs have taken before."""

from __future__ import annotations

from collections.abc import Sequence

FIRST = 1.0
"""Seconds after a submit at which a task is asked about for the first time."""

GROWTH = 0.15
"""Where nobody knows how long it takes: the next question comes after this share of the task's age."""

SHARED, SPARSE = 0.025, 0.5
"""For each of many such jobs it may be so much more, up to this: the first that is seen to be done tells the others."""

STEP = 0.05
"""While a result is due: a question each such share of the usual time."""

DUE = 1.25
"""A result is due until so many times the longest that was usual."""

SLOWEST = 60.0
"""Seconds, between any two questions about a task that has outlived its usual time."""

SPARSEST = 300.0
"""Seconds, between any two questions at all: what was usual may have been told wrong."""


def next_poll(age: float, usual: Sequence[float], jitter: float, together: int = 1) -> float:
    """Seconds to pause before asking about a task of that age, in seconds.

    `usual` is how long such jobs took; `jitter`, from 0 to 1, spreads the questions of many jobs; `together` is how
    many are under way.
    """
    times = sorted(usual)
    spread = 0.75 + 0.5 * jitter
    if not times:
        growth = min(SPARSE, max(GROWTH, SHARED * together))
        return min(SLOWEST, max(FIRST / GROWTH, age) * growth) * spread
    if age > DUE * times[-1]:
        return min(SLOWEST, max(FIRST, GROWTH * age)) * spread
    earliest, middle = times[len(times) // 10], times[len(times) // 2]
    if age < earliest:
        return min(SPARSEST, earliest - age + STEP / 3 * middle * jitter)
    return min(SPARSEST, max(FIRST / 4, STEP * middle)) * spread


def backoff(tries: int, jitter: float, longest: float = 60.0) -> float:
    """Seconds to pause after so many failures in a row (from 1): doubling, and spread by `jitter` from 0 to 1."""
    return min(longest, 2.0 ** min(tries - 1, 20)) * (0.5 + 0.5 * jitter)
