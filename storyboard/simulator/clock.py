"""The gateway's own time: it starts as the machine's, never goes back, and may be moved forward."""

from __future__ import annotations

import time


class GatewayClock:
    """Seconds since the epoch."""

    def __init__(self) -> None:
        self._ahead = time.time() - time.monotonic()

    def now(self) -> float:
        """This moment."""
        return time.monotonic() + self._ahead

    def jump(self, seconds: float) -> None:
        """Let `seconds` pass at once; backwards is not done."""
        self._ahead += max(0.0, seconds)
