"""Time, as a run is handed it. Nothing outside this room sleeps."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """`now` is the date in seconds since the epoch and may jump; `monotonic` only goes forward, and measures waits."""

    def now(self) -> float: ...
    def monotonic(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> float:
        """The date."""
        return time.time()

    def monotonic(self) -> float:
        """For measuring."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Lets others go on for that long."""
        await asyncio.sleep(seconds)
