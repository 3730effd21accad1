"""Make a plan: the state of each job, the reason, and the price. Planning changes nothing and uses no network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property

from storyboard.cards.model_card import Catalog
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.jobs.job import Job
from storyboard.jobs.key import job_key
from storyboard.jobs.lock import Block, Lock
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.money import exact_dollars
from storyboard.plan.addresses import is_job_named, named
from storyboard.plan.history import Past
from storyboard.plan.humanize import ago, how_long
from storyboard.plan.previous_jobs import PreviousJobs
from storyboard.plan.prices import Prices
from storyboard.plan.reasons import Reasons
from storyboard.plan.steps import Plan, PlanRequest, Step
from storyboard.store import Attempt
from storyboard.store.job_status import JobStatus, Verdict, status_of

_NOTHING = Decimal(0)


def make_plan(
    jobs: Sequence[Job], catalog: Catalog, lock: Lock, past: Past, request: PlanRequest, *, now: float = 0.0
) -> Plan:
    """Plan a build of these jobs. `lock` is the one that they were packed with, `now` seconds since the epoch.

    Raises `StoreError` if the store cannot be read.
    """
    planner = _Planner(tuple(jobs), catalog, lock, past, request, now)
    steps = [planner.step(job, key) for job, key in zip(jobs, planner.keys, strict=True)]
    return Plan(request.gateway.provider, (*_once(steps), *planner.unused()))


def _once(steps: Sequence[Step]) -> Iterator[Step]:
    """A key that is bought for an earlier job costs nothing at a later one."""
    first: dict[str, Step] = {}
    for step in steps:
        buys = step.state is Verdict.BUY and step.wanted
        earlier = first.setdefault(step.key, step) if buys else step
        yield step if earlier is step else replace(step, estimate=_NOTHING, reason=f"the same as {earlier.id}")


@dataclass(frozen=True)
class _Planner:
    jobs: tuple[Job, ...]
    catalog: Catalog
    lock: Lock
    past: Past
    request: PlanRequest
    now: float

    @cached_property
    def keys(self) -> list[str]:
        return [job_key(job, self.request.key_id) for job in self.jobs]

    @cached_property
    def history(self) -> Mapping[str, tuple[Attempt, ...]]:
        return self.past.ledger.history(dict.fromkeys(self.keys))

    @cached_property
    def prices(self) -> Prices:
        return Prices(self.catalog, self.past.ledger)

    @cached_property
    def reasons(self) -> Reasons:
        rows = self.past.ledger.of_story(self.request.story)
        return Reasons(self.jobs, self.catalog, PreviousJobs(rows, self.lock, self.request.gateway.provider))

    def step(self, job: Job, key: str) -> Step:
        """Return the step of one job."""
        state, reason = self.judge(job, key)
        wanted = not self.request.only or is_job_named(job, self.request.only)
        price = self.prices.of(job) if self.request.pays else _NOTHING
        buys = state is Verdict.BUY and wanted
        return Step(
            id=job.id,
            key=key,
            state=state,
            reason=self.with_company(job, reason) if wanted else "excluded by --only",
            seconds=job.seconds,
            estimate=price if buys else _NOTHING,
            job=job,
            wanted=wanted,
            worth=price,
        )

    def attempts(self, key: str) -> tuple[Attempt, ...]:
        """Return the attempts at a key; all count as the asking account's if that is not known."""
        attempts = self.history.get(key, ())
        if self.request.whose.account:
            return attempts
        return tuple(replace(attempt, whose=replace(attempt.whose, account="")) for attempt in attempts)

    def block(self, job: Job) -> Block | None:
        """Return the lock's block for the job with this provider."""
        block = self.lock.blocks.get(job.content) if self.request.pays else None
        return block if block and block.provider == self.request.gateway.provider else None

    def judge(self, job: Job, key: str) -> tuple[Verdict, str]:
        """Return the job's state, and the reason. Whose key is there only matters if a job was sent and its clip is
        not here."""
        if not self.request.pays and self.is_bought(job):
            return Verdict.CACHED, "bought, in the store"
        status = status_of(self.history.get(key, ()), self.request.gateway, self.block(job))
        if any(self.past.clips.has(clip) for clip in status.clips):
            return Verdict.CACHED, "in the store"
        if not self.request.pays:
            return Verdict.BUY, self.reasons.why(job)
        if self.history.get(key):
            status = status_of(self.attempts(key), self.request.whose, self.block(job))
        match status.verdict:
            case Verdict.BUY:
                return Verdict.BUY, self.why(job, status)
            case Verdict.RUNNING:
                return Verdict.RUNNING, self.under_way(job, status)
            case Verdict.FINISHED:
                return Verdict.FINISHED, "finished and charged; its clip has not been downloaded yet"
            case Verdict.UNKNOWN:
                return Verdict.UNKNOWN, "sent, but never answered; it is looked up before anything is bought"
            case Verdict.HELD:
                return Verdict.HELD, _whose(status)
            case Verdict.LOST if self.is_named(job, self.request.rebuy):
                return Verdict.BUY, "lost, and bought again as asked"
            case Verdict.LOST:
                reason = f"its clip can no longer be fetched{_had_cost(status)}; --rebuy buys it again{self.about(job)}"
                return Verdict.LOST, reason
            case Verdict.FAILED if self.is_named(job, self.request.retry):
                return Verdict.BUY, "refused before, and sent again as asked"
            case Verdict.FAILED:
                reason = f"refused{_words(status)}; change its text, or send it again with --retry{self.about(job)}"
                return Verdict.FAILED, reason
            case Verdict.BILLED_FAILURE if self.is_named(job, self.request.retry):
                return Verdict.BUY, f"failed and charged before{_words(status)}; bought once more as asked"
            case Verdict.BILLED_FAILURE:
                had = f"failed and charged{_words(status)}{_had_cost(status)}"
                reason = f"{had}; --retry buys it once more{self.about(job)}"
                return Verdict.BILLED_FAILURE, reason
            case Verdict.CACHED | Verdict.UNUSED:
                raise AssertionError(status.verdict)  # the store and the lock say so, never the ledger

    def is_named(self, job: Job, addresses: tuple[str, ...]) -> bool:
        """Whether one of these addresses names the job or a shot of it."""
        return is_job_named(job, addresses)

    def is_bought(self, job: Job) -> bool:
        """Whether the lock names a clip of the job that the store has, from any provider."""
        block = self.lock.blocks.get(job.content)
        return block is not None and block.clip is not None and self.past.clips.has(block.clip)

    def about(self, job: Job) -> str:
        """Return the estimated price, if it is known."""
        price = self.prices.of(job)
        return f" for about {exact_dollars(price)}" if price else ""

    def why(self, job: Job, status: JobStatus) -> str:
        """Return why it has to be bought."""
        attempt = status.attempt
        if attempt and attempt.state is PurchaseState.FAILED:
            return f"failed before{_words(status)}"
        if attempt and attempt.state is PurchaseState.ABANDONED:
            return "given up before"
        if status.block is not None:
            return f"{status.block.state} on another machine"
        return self.reasons.why(job)

    def under_way(self, job: Job, status: JobStatus) -> str:
        """Return what is known about a running task."""
        attempt = status.attempt
        if attempt is None or attempt.state is not PurchaseState.SUBMITTED:
            return "started on another machine"
        if attempt.said is not None:
            return f"the gateway reported an unknown status for task {attempt.task}; it is asked again"
        since = f"submitted {ago(self.now - (attempt.submitted_at or attempt.opened_at))}"
        usual = how_long(self.past.ledger, job)
        return f"{since}, usually takes {usual}" if usual else since

    def with_company(self, job: Job, reason: str) -> str:
        """Return the reason, and which shots are bought along with the wanted ones."""
        is_whole = not self.request.only or job.id in self.request.only
        others = [] if is_whole else [shot for shot in job.addresses if not named(shot, self.request.only)]
        if not others:
            return reason
        names = ", ".join(f"`{shot}`" for shot in others)
        return f"{reason}; {names} {'is' if len(others) == 1 else 'are'} in the same job"

    def unused(self) -> Iterator[Step]:
        """Return the blocks of the lock that no job needs now."""
        used = {job.content for job in self.jobs}
        bases = {job.base for job in self.jobs}
        for content, block in self.lock.blocks.items():
            if content not in used:
                named_by = ", ".join(block.shots[:1]) + (" …" if len(block.shots) > 1 else "")
                take = f"take {block.take}, " if block.base in bases else ""
                reason = f"{take}kept in case you go back to it; `storyboard lock prune` removes it"
                yield Step(named_by, block.key, Verdict.UNUSED, reason, block.seconds, _NOTHING, None, worth=block.cost)


def _words(status: JobStatus) -> str:
    error = status.attempt.error if status.attempt else None
    return f": {error.message}" if error else ""


def _had_cost(status: JobStatus) -> str:
    cost = status.attempt.costs if status.attempt else status.block.cost if status.block else None
    return f" (it had cost {exact_dollars(cost)})" if cost else ""


def _whose(status: JobStatus) -> str:
    if status.attempt is None:
        return f"bought at {status.block.base_url} ({status.block.dialect})" if status.block else ""
    whose = status.attempt.whose
    return f"bought under account {whose.account} at {whose.base_url} ({whose.dialect})"
