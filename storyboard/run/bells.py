"""Word of a task: what a waiting job listens for, so that it asks as soon as there is something to hear."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from storyboard.run.clock import Clock


class Bells:
    """Who waits for which task. A ring is no answer: whoever hears it asks the gateway."""

    def __init__(self) -> None:
        self._listening: dict[str, set[asyncio.Event]] = {}

    def ring(self, names: Iterable[str]) -> None:
        """There is news of tasks of those names; of those that nobody waits for, nothing comes."""
        for name in names:
            for bell in self._listening.get(name, ()):
                bell.set()

    async def wait(self, names: Iterable[str], seconds: float, clock: Clock) -> None:
        """Until one of them rings, but no longer than so many seconds."""
        bell, heard = asyncio.Event(), tuple(names)
        for name in heard:
            self._listening.setdefault(name, set()).add(bell)
        waits = [asyncio.ensure_future(wait) for wait in (bell.wait(), clock.sleep(seconds))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            for name in heard:
                self._listening[name].discard(bell)
                if not self._listening[name]:
                    del self._listening[name]
