"""Performs what the flows of many jobs ask for, at once, in the real world."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from storyboard.errors import StoryboardError
from storyboard.run import outcomes
from storyboard.run.context import Context, Wanted
from storyboard.run.effects import Ask, Claim, Disk, Effect, Get, Listen, Make, Pause, Turn, Write
from storyboard.run.events import Ended
from storyboard.run.getting import get
from storyboard.run.ledgerbook import LedgerBook
from storyboard.run.lockbook import LockBook
from storyboard.run.result import JobResult, JobState
from storyboard.run.schedule import Schedule
from storyboard.run.turns import Step
from storyboard.run.world import World
from storyboard.store.interface import Claim as HeldClaim

HEED = 0.2
"""Seconds after which a pause before buying looks whether somebody asked to halt."""


@dataclass
class Driver:
    """Drives the jobs of one run."""

    context: Context
    world: World
    lock: LockBook
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.ledger = LedgerBook(self.context.store.ledger, self.world.disk)

    async def all(self, wanted: Iterable[Wanted]) -> Mapping[str, JobResult]:
        """Every job's outcome by its key."""
        schedule = Schedule(wanted, self.context)
        self.context.gate.watch(self._changed.set)
        try:
            async with asyncio.TaskGroup() as group:
                while not schedule.over:
                    self._changed.clear()
                    while (each := schedule.next()) is not None:
                        group.create_task(self._one(schedule, each))
                    if not schedule.over:
                        await self._changed.wait()
        finally:
            schedule.close()
        for result in schedule.results.values():
            if result.state is JobState.UNKNOWN:
                self.context.tell(Ended(result))
        return schedule.results

    async def _one(self, schedule: Schedule, wanted: Wanted) -> None:
        claims: list[HeldClaim] = []
        try:
            result = await self._driven(get(self.context, wanted), claims)
        except StoryboardError as trouble:
            self.context.stop(trouble.message, trouble.exit_code)
            result = outcomes.troubled(wanted, trouble)
        finally:
            for claim in claims:
                claim.release()
        if schedule.ended(wanted, result):
            self.context.tell(Ended(result))
        self._changed.set()

    async def _driven(self, flow: Coroutine[Effect[Any], Any, JobResult], claims: list[HeldClaim]) -> JobResult:
        """The flow to its end; it hears of trouble where it asked for what the trouble is with."""
        go_on = partial(flow.send, None)
        try:
            while True:
                effect = go_on()
                try:
                    go_on = partial(flow.send, await self._perform(effect, claims))
                except StoryboardError as trouble:
                    go_on = partial(flow.throw, trouble)
                self._changed.set()
        except StopIteration as end:
            result: JobResult = end.value
            return result
        finally:
            flow.close()

    async def _perform(self, effect: Effect[Any], claims: list[HeldClaim]) -> Any:
        match effect:
            case Disk(_, work, writes):
                return await (self.ledger.write(work) if writes else self.world.disk(work))
            case Turn(key, step):
                return await self._turn(key, step)
            case Claim(key):
                claim = await self.world.disk(lambda: self.context.store.claim(key))
                claims += [claim] if claim is not None else []
                return claim is not None
            case Write(content, block):
                return await self.lock.write(content, block)
            case Ask(call):
                await self._sleep(self.context.gate.next_request(self.world.clock.monotonic()))
                return await self.world.ask(call)
            case Make(work, target):
                return await self.world.make(work, target)
            case Get(url, target, seconds, progress):
                return await self.world.get(url, target, seconds, progress)
            case Pause(seconds, buying):
                return await self._sleep(seconds, buying)
            case Listen(names, seconds):
                return await self.world.listen(names, seconds)
        raise AssertionError(effect)

    async def _turn(self, key: str, step: Step) -> None:
        come = asyncio.Event()
        self.context.turns.wait(key, step, come.set)
        await come.wait()

    async def _sleep(self, seconds: float, until_halt: bool = False) -> None:
        end = self.world.clock.monotonic() + seconds
        while (left := end - self.world.clock.monotonic()) > 0 and not (until_halt and self.context.halt.asked):
            await self.world.clock.sleep(min(left, HEED) if until_halt else left)
