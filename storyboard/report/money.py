"""Money as people and scripts read it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def exact(amount: Decimal | None) -> str | None:
    """The exact amount for a script, at least to the cent: `0.84`, `1.344`, `12.00`; None where it is not known."""
    if amount is None:
        return None
    rounded = amount.quantize(CENT, rounding=ROUND_HALF_UP)
    return format(rounded if rounded == amount else amount.normalize(), "f")


def dollars(amount: Decimal | None) -> str:
    """For people, to the cent, and exact where less than half a cent is all there is."""
    if amount is None:
        return "price not known"
    rounded = amount.quantize(CENT, rounding=ROUND_HALF_UP)
    return f"${rounded if rounded or not amount else exact(amount)}"
