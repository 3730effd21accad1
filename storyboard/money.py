"""Money as people and scripts read it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def exact(amount: Decimal | None) -> str | None:
    """The exact amount for a script, at least to the cent: `0.84`, `1.344`, `12.00`; None if it is not known."""
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


def exact_dollars(amount: Decimal) -> str:
    """For people and scripts at once, where no field of its own tells the amount: `$0.336`."""
    return f"${exact(amount)}"


def over(amount: Decimal, spent: Decimal, limit: Decimal) -> tuple[str, str, str]:
    """An amount that does not fit under a limit of which some is spent, for people: exact where the cents would fit."""
    rounded = [each.quantize(CENT, rounding=ROUND_HALF_UP) for each in (amount, spent, limit)]
    said = dollars if rounded[0] + rounded[1] > rounded[2] else exact_dollars
    return said(amount), said(spent), said(limit)
