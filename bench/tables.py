"""Figures as people read them, and tables of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

FLOOR = 9.5e6
"""Bytes: what the process that begins each program holds itself. Less than that cannot be told from it."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def seconds(value: float | None) -> str:
    """A time, in ms below a second; a dash where there is none."""
    if value is None:
        return "–"
    if value < 0.0995:
        return f"{value * 1000:.1f} ms" if value < 0.00995 else f"{value * 1000:.0f} ms"
    return f"{value * 1000:.0f} ms" if value < 0.9995 else f"{value:.2f} s" if value < 9.995 else f"{value:.0f} s"


def memory(value: float | None) -> str:
    """A process's bytes as MB; a dash where there are none."""
    return "≤ 9 MB" if value is not None and value < FLOOR else megabytes(value)


def megabytes(value: float | None) -> str:
    """Bytes as MB; a dash where there are none."""
    return "–" if value is None else f"{value / 1e6:,.0f} MB"


def times(value: float | None) -> str:
    """A ratio with two digits, all that it is worth; a dash where there is none."""
    if value is None:
        return "–"
    if 0.95 <= value < 1.05 and value != 1:  # which of two is the faster has to be seen
        return f"{value:.2f} ×"
    shown = f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 1 else f"{value:.2g}"
    return f"{shown} ×"


def ratio(one: float | None, other: float | None) -> float | None:
    """How many times the other it is."""
    return None if one is None or not other else one / other
