"""What a build may spend: the user's permission, the caps, and the resulting rules for each story's run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from storyboard.fast_dataclasses import dataclass, replace
from storyboard.media.caption import NO_FINISH, Finish
from storyboard.plan import bought_once, jobs_at, total
from storyboard.project.budgets import OWN_BUDGET
from storyboard.project.plan import PlannedStory
from storyboard.run.run_state import RunRules
from storyboard.store import Cap

LOCKED = "not bought: --locked never spends"


@dataclass(frozen=True, slots=True)
class Terms:
    """The user's terms for this build. `may_buy` is permission to spend; `max_cost` caps it in US dollars; `locked`
    neither spends nor writes a lock; `no_wait` leaves running jobs to a later build. `callback_url` is where the
    gateway reports status changes, for stories that name no address; `listen` is the host and port on which reports are
    received. `finish` is applied to each film as a whole. `left_to_workers` says that this build buys nothing itself,
    and `priority` (low, normal or high) how early its jobs are served, where the team shares a ledger.
    """

    may_buy: bool = False
    max_cost: Decimal | None = None
    locked: bool = False
    no_wait: bool = False
    callback_url: str | None = None
    listen: tuple[str, int] | None = None
    finish: Finish = NO_FINISH
    left_to_workers: bool = False
    priority: str = "normal"

    @property
    def detached(self) -> bool:
        """Whether the workers are not even waited for."""
        return self.left_to_workers and self.no_wait

    @property
    def leave(self) -> bool:
        """Whether anything may be bought."""
        return (self.may_buy or self.max_cost is not None) and not self.locked


def rules_for(story: PlannedStory, terms: Terms, run_id: str) -> RunRules:
    """Return the rules for one story's run."""
    settings = story.compiled.project.settings
    rules = RunRules(
        may_buy=terms.leave,
        caps=tuple(_caps(story, terms, run_id)),
        concurrency=settings.concurrency,
        attempts=settings.attempts,
        resend=settings.resend,
        unique_ids=settings.unique_ids,
        wait=settings.wait,
        first_poll=settings.first_poll,
        task_life=settings.task_life,
        no_wait=terms.no_wait,
        left_to_workers=terms.left_to_workers,
        rebuy=_keys_at(story, story.request.rebuy),
        retry=_keys_at(story, story.request.retry),
        download_hosts=settings.download_hosts,
        callback_url=terms.callback_url,
        own_cap=next((cap for cap in story.budgets if cap.name == OWN_BUDGET), None),
        priced_by_project=_priced_by_project(story),
    )
    return replace(rules, refusal=LOCKED) if terms.locked else rules


def _priced_by_project(story: PlannedStory) -> frozenset[str]:
    catalog = story.compiled.project.catalog
    return frozenset(model for model in {job.model for job in story.compiled.jobs} if catalog[model].priced_by_project)


def agreed_sum(stories: Sequence[PlannedStory], terms: Terms) -> Decimal | None:
    """Return the sum in US dollars that the user agreed to; None if there was none, or a cap instead."""
    shown = total(step.estimate for step in bought_once(step for story in stories for step in story.plan.steps))
    return shown or None if terms.may_buy else None


def _caps(story: PlannedStory, terms: Terms, run_id: str) -> Iterable[Cap]:
    if terms.max_cost is not None:
        yield Cap("--max-cost", terms.max_cost, run=run_id)
    yield from story.budgets


def _keys_at(story: PlannedStory, addresses: Sequence[str]) -> frozenset[str]:
    jobs = {id(job) for job in jobs_at(story.compiled.jobs, addresses)}
    return frozenset(step.key for step in story.plan.steps if id(step.job) in jobs)
