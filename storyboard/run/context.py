"""What the jobs of one run share: what they were handed, what they have learned, and whether to go on buying."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from decimal import Decimal

from storyboard.errors import ExitCode
from storyboard.jobs.job import Job
from storyboard.jobs.lock import Block
from storyboard.providers.protocol import Provider
from storyboard.run.bells import Bells
from storyboard.run.clock import Clock
from storyboard.run.effects import Disk
from storyboard.run.events import Event, Notice, Notify
from storyboard.run.gate import Gate
from storyboard.run.halt import Halt
from storyboard.run.insight import Insight
from storyboard.run.rules import Rules
from storyboard.run.turns import Turns
from storyboard.store import Attempt, Store, StoryRef, Whose
from storyboard.store.gateway_traits import Known, Lookup
from storyboard.store.price_class import rate_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """One job of the run. `price` is its estimate in US dollars, None where nobody knows; `block` its lock's block.

    One that is `left_out` is only looked for in the store: no gateway is asked about it. `last` is the number of the
    last attempt that the lock tells of beside its block: up to it an id may be found, but is never sent.
    """

    key: str
    job: Job
    price: Decimal | None
    block: Block | None = None
    left_out: bool = False
    last: int = 0

    @property
    def rate(self) -> str:
        """What jobs of its price have in common."""
        return rate_of(self.job.request)


@dataclass(frozen=True, slots=True)
class Stop:
    """Why nothing more is bought in this run, and what the process tells the shell for it."""

    reason: str
    blame: ExitCode


@dataclass(frozen=True, slots=True)
class Sighting:
    """When this process began to wait for an id that was sent so many times (monotonic seconds)."""

    sends: int
    since: float


@dataclass
class Context:
    """One run."""

    provider: Provider
    store: Store
    clock: Clock
    rules: Rules
    story: StoryRef
    whose: Whose
    run: str
    notify: Notify
    halt: Halt
    gate: Gate
    insight: Insight
    turns: Turns = field(default_factory=Turns)
    bells: Bells = field(default_factory=Bells)
    stopped: Stop | None = None
    blind: bool = False
    rebuilding: bool = False
    """The ledger was lost: everything is looked up, and nothing bought."""
    random: random.Random = field(default_factory=random.Random)
    sightings: dict[str, Sighting] = field(default_factory=dict)
    past: dict[str, tuple[Attempt, ...]] = field(default_factory=dict)
    """What was known of jobs when the run began: enough to find their clips, not to buy by."""
    usual: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    paid: dict[tuple[str, int], Decimal] = field(default_factory=dict)
    dearest: dict[str, Decimal | None] = field(default_factory=dict)
    """By rate, the most that a second was charged before this run or in it."""
    said: set[str] = field(default_factory=set)
    notices: list[str] = field(default_factory=list)

    @property
    def known(self) -> Known:
        """What is known of the gateway."""
        return self.insight.known

    def stop(self, reason: str, blame: ExitCode) -> None:
        """Nothing more is bought; the first reason is the one that is told."""
        if self.stopped is None:
            self.stopped = Stop(reason, blame)
            self.tell(Notice(reason))

    def tell(self, event: Event) -> None:
        """To whoever shows progress; notices are kept for the end."""
        if isinstance(event, Notice):
            self.notices.append(event.message)
        self.notify(event)

    def say_once(self, message: str, job: Job | None = None) -> None:
        """A notice that is not repeated."""
        if message not in self.said:
            self.said.add(message)
            self.tell(Notice(message, job))

    def charged(self, rate: str, a_second: Decimal) -> None:
        """So many US dollars were charged for a second at that rate."""
        if rate in self.dearest:
            self.dearest[rate] = max(a_second, self.dearest[rate] or a_second)

    async def learn(self, **learned: bool | float | Lookup) -> None:
        """Keeps what this run found out of the gateway, for all its jobs and for later runs."""
        known = replace(self.known, **learned)  # type: ignore[arg-type]
        if self.known.lookup is Lookup.SEEN:
            known = replace(known, lookup=Lookup.SEEN)
        if known != self.known:
            self.insight.known = known
            await Disk("learn", lambda: self.store.ledger.learn(self.whose, known), writes=True)

    def jitter(self) -> float:
        """From 0 to 1."""
        return self.random.random()
