"""What all jobs of a run share: its rules, its surroundings, what it has learned, and whether it continues to buy."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import Literal

from storyboard.errors import ExitCode
from storyboard.fast_dataclasses import dataclass, field, replace
from storyboard.jobs.job import Job
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.providers.answers import Denied
from storyboard.providers.protocol import Provider
from storyboard.run.admission import Allowance, Clock, Gate, Halt, Turns, Wakeup
from storyboard.run.effects import Disk
from storyboard.run.events import Charged, Event, Notice, Notify
from storyboard.run.shared_record import SharedPurchase, SharedRecord
from storyboard.store import Attempt, Store, StoryRef, Whose
from storyboard.store.gateway_traits import GatewayTraits, Lookup
from storyboard.store.spending_caps import Cap

NO_STORY = StoryRef("", "")


@dataclass(frozen=True, slots=True)
class RunRules:
    """What a run may do and how patient it is, as the user has set it.

    `may_buy` is the user's permission to spend; `caps` bind every reservation. Keys in `rebuy` and `retry` may be
    bought although they were lost or refused before. `wait` is how many seconds a task may take to show, `task_life`
    how many it may live, `first_poll` at which age it is first polled. `agreed` is the sum in US dollars that the user
    was shown and agreed to, None where none was.
    """

    may_buy: bool = False
    caps: tuple[Cap, ...] = ()
    concurrency: int = 5
    attempts: int = 3
    resend: Literal["auto", "never"] = "auto"
    unique_ids: bool = False
    """The user's word that the gateway refuses or replays an id that it knows, for good. It is never learned."""
    wait: float = 15.0
    first_poll: float = 1.0
    task_life: float = 7200.0
    agreed: Decimal | None = None
    no_wait: bool = False
    rebuy: frozenset[str] = frozenset()
    retry: frozenset[str] = frozenset()
    download_hosts: tuple[str, ...] = ()
    left_to_workers: bool = False
    """Whether the team's workers buy what is missing; with `no_wait` they are not waited for either."""
    refusal: str = "not bought without permission: pass --yes or --max-cost USD"
    """Why nothing is bought, where `may_buy` is False."""
    own_cap: Cap | None = None
    """The user's own budget, where they have one."""
    priced_by_project: frozenset[str] = frozenset()
    """The models whose price only the project states: they are not bought under the user's own budget."""
    callback_url: str | None = None
    """Where the gateway should report a changed status, for jobs whose story names no address."""

    @property
    def file_wait(self) -> float:
        """Seconds after a task's end in which its missing file may still appear: ten minutes by default."""
        return 40 * self.wait


@dataclass(frozen=True, slots=True)
class StopReason:
    """Why nothing more is bought in this run, and the exit code that follows."""

    reason: str
    blame: ExitCode


@dataclass(frozen=True, slots=True)
class Sighting:
    """When this process began to wait for an id that was sent `sends` times (monotonic seconds)."""

    sends: int
    since: float


ALL_INSIGHTS = 2


@dataclass
class GatewayInsight:
    """What the current runs know about one gateway and account: what one job learns, all know.

    `unfinished` counts the jobs of all those runs, each of which may still learn something.
    """

    traits: GatewayTraits = GatewayTraits()
    unfinished: int = 0

    @property
    def depth(self) -> int:
        """How many facts are known that help to settle an unknown outcome; at most `ALL_INSIGHTS`."""
        return (self.traits.lookup is Lookup.SEEN) + self.traits.unique_ids

    @property
    def may_grow(self) -> bool:
        """Whether these runs may still learn what settles an unknown outcome."""
        return self.unfinished > 0 and self.depth < ALL_INSIGHTS


@dataclass
class RunState:
    """One run of a story. `id` is shared by the runs of several stories in one build."""

    provider: Provider
    store: Store
    clock: Clock
    rules: RunRules
    story: StoryRef
    whose: Whose
    id: str
    notify: Notify
    halt: Halt
    gate: Gate
    insight: GatewayInsight
    turns: Turns
    allowance: Allowance
    stopped: StopReason | None = None
    blind: bool = False
    """The gateway cannot be asked, so it is not asked again for jobs that may not be bought."""
    rebuilding: bool = False
    """The ledger was lost: everything is looked up, and nothing is bought."""
    shared: SharedRecord | None = None
    """The record that a team's machines share; None for one machine alone."""
    waited_for: set[tuple[str, ...]] = field(default_factory=set)
    """The other machines that were waited for in vain."""
    seen_with_others: set[str] = field(default_factory=set)
    """Keys that the team's record let others send when it was last read."""
    said_by_team: dict[str, SharedPurchase] = field(default_factory=dict)
    """What the team's record said of a key when it was last read."""
    looked_through: set[str] = field(default_factory=set)
    """Ids that were looked up through the wait, as more than one machine had sent them."""
    random: random.Random = field(default_factory=random.Random)
    sightings: dict[str, Sighting] = field(default_factory=dict)
    past: dict[str, tuple[Attempt, ...]] = field(default_factory=dict)
    """What was known of jobs when the run began: enough to find their clips, not to buy by."""
    clips: dict[str, Path] = field(default_factory=dict)
    """Clips that were verified when the run began, by hash; each is good for one job."""
    seen: dict[str, int] = field(default_factory=dict)
    """By key, the version of its attempts that is decided on."""
    usual: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    """By price class, the seconds of film and the seconds that it took, latest first."""
    paid: dict[tuple[str, int], Decimal] = field(default_factory=dict)
    unstated: dict[tuple[str, int], Decimal] = field(default_factory=dict)
    """What is reserved for the purchases of this run whose cost the gateway has not stated yet; US dollars."""
    dearest: dict[str, Decimal | None] = field(default_factory=dict)
    """By price class, the most that a second was charged before this run or in it."""
    own_tasks: dict[str, str] = field(default_factory=dict)
    """Tasks that are known to be of the jobs of this run, each with the job's key."""
    said: set[str] = field(default_factory=set)
    notices: list[str] = field(default_factory=list)

    @property
    def traits(self) -> GatewayTraits:
        """What is known about the gateway."""
        return self.insight.traits

    @property
    def wakeup(self) -> Wakeup:
        """The signal that the run's waiting jobs listen to."""
        return self.halt.wakeup

    def stop(self, reason: str, blame: ExitCode) -> None:
        """Buy nothing more; only the first reason is shown."""
        if self.stopped is None:
            self.stopped = StopReason(reason, blame)
            self.tell(Notice(reason))

    def deny(self, denied: Denied) -> None:
        """Buy nothing more, because the gateway rejects this key or its balance."""
        if denied.what == "key":
            words = f"the gateway does not accept the key: {denied.message}. Set STORYBOARD_API_KEY to one it accepts"
        else:
            words = (
                f"the gateway accepts no more jobs: {denied.message}. Running jobs are still fetched; "
                "once balance and permission allow it, the same command buys the rest"
            )
        self.stop(words, ExitCode.ACCESS)

    def tell(self, event: Event) -> None:
        """Pass an event to whoever shows progress; notices are kept for the end."""
        if isinstance(event, Notice):
            self.notices.append(event.message)
        self.notify(event)

    def say_once(self, message: str, job: Job | None = None) -> None:
        """Give a notice that is not repeated."""
        if message not in self.said:
            self.said.add(message)
            self.tell(Notice(message, job))

    def charge(self, attempt: Attempt, cost: Decimal) -> None:
        """Count what the gateway states that it charged, in US dollars; buy nothing more where that is far more than
        was agreed."""
        self.paid[attempt.key, attempt.number] = cost
        self.tell(Charged(attempt.key, cost))
        price_class, a_second = attempt.rate, cost / max(1, attempt.seconds)
        if price_class in self.dearest:
            self.dearest[price_class] = max(a_second, self.dearest[price_class] or a_second)
        exceeded = self.allowance.charge(attempt.external_id, cost)
        if exceeded is not None:
            self.stop(exceeded, ExitCode.SPENDING)

    def count_unstated(self, attempt: Attempt) -> None:
        """Keep what is reserved for an attempt, until its cost is stated or nothing can have come of it."""
        stated = attempt.charged is not None or attempt.state in (PurchaseState.WITHDRAWN, PurchaseState.TWICE)
        if attempt.sends and attempt.reserved and not stated:
            self.unstated[attempt.key, attempt.number] = attempt.reserved
        else:
            self.unstated.pop((attempt.key, attempt.number), None)

    async def learn(self, **learned: bool | float | Lookup) -> None:
        """Keep what this run found out about the gateway, for all its jobs and for later runs."""
        traits = replace(self.traits, **learned)  # type: ignore[arg-type]
        if self.traits.lookup is Lookup.SEEN:
            traits = replace(traits, lookup=Lookup.SEEN)
        if traits != self.traits:
            self.insight.traits = traits
            self.gate.announce()
            await Disk("learn", lambda: self.store.ledger.learn(self.whose, traits), writes=True)

    def jitter(self) -> float:
        """Return a random number from 0 to 1."""
        return self.random.random()
