"""The gateway's own clock: it starts with the machine's time, never goes back, and can be moved forward."""

from __future__ import annotations

import time


class GatewayClock:
    """Seconds since the epoch."""

    def __init__(self) -> None:
        self._ahead = time.time() - time.monotonic()

    def now(self) -> float:
        """Return the current time."""
        return time.monotonic() + self._ahead

    def jump(self, seconds: float) -> None:
        """Advance the clock by `seconds`; never backwards."""
        self._ahead += max(0.0, seconds)
