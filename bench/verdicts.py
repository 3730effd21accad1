"""What is aimed for, and whether it was reached: computed from the rows, never written by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.tables import table

HELD, MISSED, OPEN = "reached", "**missed**", "not measured"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An aim and what was measured of it. `held` is None where it was not."""

    aim: str
    measured: str
    held: bool | None

    @property
    def word(self) -> str:
        """How it is told."""
        return OPEN if self.held is None else HELD if self.held else MISSED


def at_most(aim: str, value: float | None, limit: float, shown: str) -> Verdict:
    """Whether a figure stays within a limit; `shown` is how it is told."""
    return Verdict(aim, shown if value is not None else "–", None if value is None else value <= limit)


def at_least(aim: str, value: float | None, limit: float, shown: str) -> Verdict:
    """Whether a figure reaches a limit."""
    return Verdict(aim, shown if value is not None else "–", None if value is None else value >= limit)


def verdict_table(verdicts: Iterable[Verdict]) -> str:
    """All of a part."""
    rows: list[Sequence[str]] = [(each.aim, each.measured, each.word) for each in verdicts]
    return table(("aim", "measured", ""), rows) if rows else ""
