"""Compare a story's own budget with the price of its whole film by the cards. What was spent already is checked by
planning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from storyboard.cards.model_card import Catalog
from storyboard.diagnostics import Diagnostic
from storyboard.diagnostics.rules import money as rules
from storyboard.jobs.job import Job
from storyboard.money import over
from storyboard.story.story import Story


def budget_findings(story: Story, jobs: Sequence[Job], catalog: Catalog) -> Iterator[Diagnostic]:
    """Report a film that exceeds its budget, as far as prices are known; equal jobs count once."""
    if story.budget is None:
        return
    span = story.budget_span or story.span
    once = {job.content: job for job in jobs}.values()
    prices = {job.content: catalog[job.model].price_per_second(job.request.settings) for job in once}
    for model in sorted({job.model for job in once if prices[job.content] is None}):
        yield rules.NO_PRICE.at(
            span,
            f"the price of {model} is unknown; with a budget set, its jobs are not bought",
            help=f"state it in storyboard.toml, in US dollars per second: [prices] {model} = …",
        )
    total = sum((job.seconds * (prices[job.content] or Decimal(0)) for job in once), Decimal(0))
    if total > story.budget:
        seconds = sum(job.seconds for job in once)
        price, _, budget = over(total, Decimal(0), story.budget)
        message = f"the whole film is {seconds} s, about {price}; its budget is {budget}"
        yield rules.OVER_BUDGET.at(span, message)
