"""The price of a job: by the card, corrected by what such jobs were charged."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal

from storyboard.cards.model_card import Catalog
from storyboard.jobs.job import Job
from storyboard.plan.history import PastLedger
from storyboard.plan.humanize import middle
from storyboard.store.price_class import price_class_of

SMALLEST = Decimal("0.0001")
"""US dollars to which a corrected estimate is rounded, upwards."""


class Prices:
    """The prices of jobs; the ledger is queried once per rate."""

    def __init__(self, catalog: Catalog, ledger: PastLedger) -> None:
        self._catalog = catalog
        self._ledger = ledger
        self._charged: dict[str, Decimal | None] = {}

    def of(self, job: Job) -> Decimal | None:
        """Return the estimated price of a job in US dollars; None if the card has none, whatever was charged before. It
        is the card's price or, if such jobs were charged before, the median charge per second.
        """
        listed = self._catalog[job.model].price_per_second(job.request.settings)
        if listed is None:
            return None
        charged = self._usual(price_class_of(job.request))
        if charged is None:
            return listed * job.seconds
        return (charged * job.seconds).quantize(SMALLEST, ROUND_UP).normalize()

    def _usual(self, rate: str) -> Decimal | None:
        """Return the usual charge per second of such jobs; charges of zero are ignored."""
        if rate not in self._charged:
            told = [cost / seconds for seconds, cost in self._ledger.charges(rate) if cost > 0 and seconds > 0]
            self._charged[rate] = middle(told)
        return self._charged[rate]
