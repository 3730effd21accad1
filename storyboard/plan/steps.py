"""What a build would do, job by job, with the reason and the price of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cached_property

from storyboard.fast_dataclasses import dataclass, field, replace
from storyboard.jobs.job import Job
from storyboard.store.attempt import StoryRef, Whose
from storyboard.store.job_status import Verdict


@dataclass(frozen=True)
class PlanRequest:
    """What is planned, for whom, and with what permission.

    `key_id` is the provider's part of the keys. `gateway` is the provider and its address; an account of "" is not
    known and matches any. `account` looks up the account of the current key. `only` are the wanted shots, all if it is
    empty; `rebuy` and `retry` those whose lost or refused jobs may be bought again. All three are addresses: of a
    shot, `scene`, `scene.label`.
    """

    key_id: str
    gateway: Whose
    story: StoryRef
    pays: bool = True
    only: tuple[str, ...] = ()
    rebuy: tuple[str, ...] = ()
    retry: tuple[str, ...] = ()
    account: Callable[[], str] | None = field(default=None, compare=False)

    @cached_property
    def whose(self) -> Whose:
        """The account at the gateway. Its key is looked up when this is first asked for: a keyring is slow, and most
        plans do not depend on the key."""
        return self.gateway if self.account is None else replace(self.gateway, account=self.account())


@dataclass(frozen=True, slots=True)
class Step:
    """One job's part of the plan.

    `job` is None only if `state` is unused: a block of the lock that this story does not need now. `wanted` is
    False if `--only` leaves the job out. `estimate` is in US dollars: 0 if nothing will be bought, None if no
    price is known. `seconds` are the job's. `worth` is what the job would cost to buy, None if no price is known.
    """

    id: str
    key: str
    state: Verdict
    reason: str
    seconds: int
    estimate: Decimal | None
    job: Job | None
    wanted: bool = True
    worth: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """All jobs of one story for one provider, in story order; then the unused blocks of its lock."""

    provider: str
    steps: tuple[Step, ...]

    @property
    def buying(self) -> tuple[Step, ...]:
        """The jobs that would be bought; a repeated key is bought and counted once."""
        return bought_once(self.steps)

    @property
    def reused_seconds(self) -> int:
        """Seconds of film that need no buying."""
        return sum(s.seconds for s in self.steps if s.job is not None and s.state is Verdict.CACHED)

    @property
    def reused_worth(self) -> Decimal:
        """What the existing clips would cost to buy, in US dollars, as far as prices are known."""
        worths = (s.worth for s in self.steps if s.job is not None and s.state is Verdict.CACHED)
        return sum((worth for worth in worths if worth is not None), Decimal(0))

    @property
    def estimate(self) -> Decimal | None:
        """What the buying would cost in US dollars; None when a price is not known."""
        return total(step.estimate for step in self.buying)


def bought_once(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return the steps that would buy, each key at its first."""
    buying: dict[str, Step] = {}
    for step in steps:
        if step.state is Verdict.BUY and step.wanted:
            buying.setdefault(step.key, step)
    return tuple(buying.values())


def total(prices: Iterable[Decimal | None]) -> Decimal | None:
    """Prices together; None if one is not known."""
    all_ = tuple(prices)
    known = [price for price in all_ if price is not None]
    return sum(known, Decimal(0)) if len(known) == len(all_) else None
