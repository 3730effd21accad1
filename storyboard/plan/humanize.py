"""Readable durations, and usual values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from storyboard.jobs.job import Job
from storyboard.plan.history import PastLedger
from storyboard.store.price_class import price_class_of

T = TypeVar("T", bound=Any)


def middle(values: Sequence[T]) -> T | None:
    """Return the median, the larger one of two; None for an empty list."""
    return sorted(values)[len(values) // 2] if values else None


def ago(seconds: float) -> str:
    """Return how long ago something was; "just now" also for times ahead, because clocks differ."""
    return "just now" if seconds < 5 else f"{spell(seconds)} ago"


def spell(seconds: float) -> str:
    """Format a duration in one or two units: `40 s`, `3 min 10 s`, `2 h 5 min`, `4 days`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return _two(whole, 60, "min", 1, "s")
    return _two(whole, 3600, "h", 60, "min") if whole < 2 * 86400 else f"{whole // 86400} days"


def how_long(ledger: PastLedger, job: Job) -> str | None:
    """Return how long such a job usually takes; None if none was made before."""
    usual = middle([seconds for _, seconds in ledger.durations(price_class_of(job.request))])
    return None if usual is None else spell(usual)


def _two(whole: int, large: int, large_name: str, small: int, small_name: str) -> str:
    rest = whole % large // small
    return f"{whole // large} {large_name}" + (f" {rest} {small_name}" if rest else "")
