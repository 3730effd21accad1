"""Admission of jobs: the run's clock, its wake-up signal, the limit of jobs in flight, their order, and Ctrl-C."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from enum import IntEnum
from typing import Protocol

from storyboard.money import exact_dollars
from storyboard.store.spending_caps import Cap, CapReached


class Clock(Protocol):
    """`now` is the time in seconds since the epoch and may jump; `monotonic` only goes forward and measures waits."""

    def now(self) -> float: ...
    def monotonic(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> float:
        """Return the date."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds for measuring."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Sleep while others continue."""
        await asyncio.sleep(seconds)


class Wakeup:
    """The signal that everything in a run waits for. A topic is a text: a task's id, a job's key, `HALTED` … A ring
    carries no data: waiters check again.
    """

    def __init__(self) -> None:
        self._listening: dict[str, set[asyncio.Event]] = {}

    def ring(self, topics: Iterable[str]) -> None:
        """Wake everyone who waits for one of these topics."""
        for topic in topics:
            for event in self._listening.get(topic, ()):
                event.set()

    async def wait(self, topics: Iterable[str]) -> None:
        """Wait until one of these topics rings."""
        with self._listened(tuple(topics)) as rung:
            await rung.wait()

    async def wait_for(self, topics: Iterable[str], seconds: float, clock: Clock) -> None:
        """Wait until one of these topics rings, or for a number of seconds."""
        with self._listened(tuple(topics)) as rung:
            sleep = asyncio.ensure_future(clock.sleep(seconds))
            sleep.add_done_callback(lambda slept: rung.set())
            try:
                await rung.wait()
            finally:
                sleep.cancel()

    @contextmanager
    def _listened(self, topics: tuple[str, ...]) -> Iterator[asyncio.Event]:
        """An event that is set when one of these topics rings, from now on."""
        rung = asyncio.Event()
        for topic in topics:
            self._listening.setdefault(topic, set()).add(rung)
        try:
            yield rung
        finally:
            for topic in topics:
                self._listening[topic].discard(rung)
                if not self._listening[topic]:
                    del self._listening[topic]


HALTED, ADMISSION = "halted", "admission"
"""Topics: a halt was requested · another job may begin, or there is another reason to check again."""


class Halt:
    """An early stop, requested by a first Ctrl-C: nothing new is sent or started; running jobs are waited for and
    fetched."""

    def __init__(self) -> None:
        self.asked = False
        self.wakeup = Wakeup()

    def ask(self) -> None:
        """Request the halt."""
        self.asked = True
        self.wakeup.ring([HALTED])


LONGEST_BACKOFF = 60.0
"""Longest pause between two probes of a busy gateway, in seconds."""


class SharedBackoff:
    """One exponential backoff for all jobs of an account: after "too many requests" one job probes, the others wait.

    Times are monotonic seconds.
    """

    def __init__(self) -> None:
        self.failures = 0
        self._until = 0.0
        self._probe: str | None = None

    def seconds(self, now: float, name: str) -> float:
        """Return how long the named job waits before sending; 0 sends now, as the only probe if the gateway was busy.
        The probe is held until an answer comes, or until the job has `gave_up`."""
        if not self.failures:
            return 0.0
        if now < self._until:
            return self._until - now
        if self._probe is not None:
            return 1.0
        self._probe = name
        return 0.0

    def limited(self, now: float, jitter: float, after: float | None = None) -> None:
        """Record a "too many requests"; simultaneous ones count once. `after` is the wait that the gateway asked
        for."""
        self._probe = None
        if now < self._until:
            self._until = max(self._until, now + (after or 0.0))
            return
        self.failures += 1
        seconds = min(LONGEST_BACKOFF, 2.0 ** min(self.failures - 1, 20)) * (0.5 + 0.5 * jitter)
        self._until = now + max(seconds, after or 0.0)

    def answered(self) -> None:
        """Record any other answer: the gateway accepts requests again."""
        self.failures, self._probe = 0, None

    def gave_up(self, name: str) -> None:
        """Let another job probe, if the named one is the probe."""
        if self._probe == name:
            self._probe = None

    def left(self, now: float) -> float:
        """Return the seconds until any job may send."""
        return max(0.0, self._until - now)


REQUESTS_EACH = 4
LEAST_RATE = 10
"""Requests per second: per allowed job in flight, and at least."""


class Gate:
    """The number of jobs in flight: at most `most`.

    `limit` is halved on "too many requests", then raised step by step. Runs of several stories may share one gate.
    """

    def __init__(self, most: int, wakeup: Wakeup) -> None:
        self.most = max(1, most)
        self.limit = float(self.most)
        self.inside = 0
        self._wakeup = wakeup
        self._lowered_at: float | None = None
        self._next_request = 0.0
        self.backoff = SharedBackoff()

    @property
    def open(self) -> bool:
        """Whether another job may start."""
        return self.inside < max(1, int(self.limit))

    def enter(self) -> None:
        """Count a started job."""
        self.inside += 1

    def leave(self) -> None:
        """Count an ended job."""
        self.inside -= 1
        self.announce()

    def announce(self) -> None:
        """Wake every run that shares the gate, to check whether a job may start."""
        self._wakeup.ring([ADMISSION])

    def next_request(self, now: float) -> float:
        """Reserve the next slot for a request, by the current rate; return the seconds until then."""
        at = max(now, self._next_request)
        self._next_request = at + 1 / max(LEAST_RATE, REQUESTS_EACH * self.limit)
        return at - now

    def lower(self, now: float, pause: float = 1.0) -> None:
        """Halve the limit; simultaneous refusals count once. `now` and `pause` are monotonic seconds."""
        if self._lowered_at is None or now - self._lowered_at >= pause:
            self._lowered_at = now
            self.limit = max(1.0, self.limit / 2)

    def went_well(self) -> None:
        """Count an accepted job: after as many as the limit, the limit rises by one."""
        self.limit = min(float(self.most), self.limit + 1 / self.limit)
        self.announce()


OVERRUN = Decimal("1.5")
"""Charges above this multiple of the agreed sum stop buying."""


class Allowance:
    """What the user agreed to spend in a build, and what was used; shared by the runs of all stories.

    The run counts its own reservations here too, so that a ledger that forgets cannot make it spend more.
    """

    def __init__(self, agreed: Decimal | None = None) -> None:
        """`agreed` is the sum that was shown, in US dollars; None if there was none."""
        self._agreed = agreed
        self._reserved: dict[str, Decimal] = {}
        self._under: dict[object, set[str]] = {}
        self._charged: dict[str, Decimal] = {}
        self._charges = Decimal(0)

    def reserve(self, name: str, price: Decimal | None, caps: Sequence[Cap]) -> CapReached | None:
        """Reserve a price under all of these caps. If that would exceed one, return it and reserve nothing."""
        for cap in caps:
            others = self._under.get(cap.scope, set()) - {name}
            counted = (self._charged.get(other, self._reserved.get(other, Decimal(0))) for other in others)
            used = sum(counted, cap.pruned)
            if price is None or used + price > cap.limit:
                return CapReached(cap, used, price)
        if price is not None:
            self._reserved[name] = price
        for cap in caps:
            self._under.setdefault(cap.scope, set()).add(name)
        return None

    def release(self, name: str) -> None:
        """Release the reservation of a withdrawn intent."""
        self._reserved.pop(name, None)

    def charge(self, name: str, cost: Decimal) -> str | None:
        """Count a charge; return why nothing more may be bought, or None."""
        self._charges += cost - self._charged.get(name, Decimal(0))
        self._charged[name] = cost
        if self._agreed is None or self._charges <= OVERRUN * self._agreed:
            return None
        return (
            f"{exact_dollars(self._charges)} is charged, but about {exact_dollars(self._agreed)} was agreed: nothing "
            "more is bought; check the prices before you build again"
        )


class TurnStep(IntEnum):
    """The steps of a job on its way to the gateway."""

    BEGUN = 0
    RESERVED = 1
    SENT = 2


class Turns:
    """Submits jobs in story order: a later one waits while an earlier one is about to be submitted. A job that is not
    (it is cached, running, or waits for another build or the rate limit) lets the others pass.
    """

    def __init__(self, wakeup: Wakeup) -> None:
        self._wakeup = wakeup
        self._on_the_way: dict[str, TurnStep] = {}
        self._waiting: dict[str, TurnStep] = {}

    def enter(self, key: str) -> None:
        """Queue a job after all earlier ones."""
        self._on_the_way.setdefault(key, TurnStep.BEGUN)

    def reach(self, key: str, step: TurnStep) -> None:
        """Record that a job has done this step, which lets the next one do it."""
        if key in self._on_the_way:
            self._on_the_way[key] = step
            self._tell()

    def leave(self, key: str) -> None:
        """Remove a job that is no longer about to be submitted."""
        if self._on_the_way.pop(key, None) is not None:
            self._tell()

    async def wait(self, key: str, step: TurnStep) -> None:
        """Wait until every earlier job has done this step, or the job itself is no longer on its way."""
        while not self.may(key, step):
            self._waiting[key] = step
            await self._wakeup.wait([key])

    def may(self, key: str, step: TurnStep) -> bool:
        """Return whether every earlier job has done this step."""
        if key not in self._on_the_way:
            return True
        for other, reached in self._on_the_way.items():
            if other == key:
                break
            if reached < step:
                return False
        return True

    def _tell(self) -> None:
        """Wake the jobs that can continue; none after a job that has done nothing yet."""
        least = max(TurnStep)
        ready = [key for key in self._waiting if key not in self._on_the_way]
        for key, reached in self._on_the_way.items():
            if key in self._waiting and self._waiting[key] <= least:
                ready.append(key)
            least = min(least, reached)
            if least is TurnStep.BEGUN:
                break
        for key in ready:
            del self._waiting[key]
        self._wakeup.ring(ready)
