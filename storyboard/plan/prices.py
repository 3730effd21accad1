"""What a job costs: by the card, corrected by what such jobs were really charged."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal
from statistics import median
from typing import NamedTuple

from storyboard.cards.model import Catalog
from storyboard.jobs.job import Job
from storyboard.plan.past import PastLedger
from storyboard.plan.rate import rate_of

SMALLEST = Decimal("0.0001")
"""US dollars to which a corrected estimate is rounded, upwards."""


class Price(NamedTuple):
    """US dollars, None where no price is known: what a job is thought to cost, and what is set aside for it."""

    estimate: Decimal | None
    reserve: Decimal | None


FREE = Price(Decimal(0), Decimal(0))


class Prices:
    """The prices of jobs; the past is asked once for each rate."""

    def __init__(self, catalog: Catalog, ledger: PastLedger) -> None:
        self._catalog = catalog
        self._ledger = ledger
        self._charged: dict[str, tuple[Decimal, Decimal] | None] = {}

    def of(self, job: Job) -> Price:
        """By the card; where such jobs were charged before, by the middle of that, and the most of it set aside."""
        card = self._catalog[job.model]
        listed = card.price_per_second(job.picture)
        if listed is None:
            return Price(None, None)
        charged = self._charges(rate_of(job.model, job.picture))
        if charged is None:
            return Price(listed * job.seconds, listed * job.seconds)
        usual, most = ((each * job.seconds).quantize(SMALLEST, ROUND_UP).normalize() for each in charged)
        return Price(usual, max(usual, most))

    def _charges(self, rate: str) -> tuple[Decimal, Decimal] | None:
        """What a second of such jobs was charged, as a rule and at most; a charge of nothing tells nothing."""
        if rate not in self._charged:
            told = [cost / seconds for seconds, cost in self._ledger.charges(rate) if cost > 0 and seconds > 0]
            self._charged[rate] = (median(told), max(told)) if told else None
        return self._charged[rate]
