"""How many jobs may be under way at once: lowered when the gateway says it is too many, found again by and by."""

from __future__ import annotations

from collections.abc import Callable

REQUESTS_EACH = 4
LEAST_RATE = 10
"""Requests a second: so many for each job that may be under way, and so many anyway."""


class Gate:
    """At most `most` at once; `limit` is how many it is now. Several stories' runs may share one."""

    def __init__(self, most: int) -> None:
        self.most = max(1, most)
        self.limit = float(self.most)
        self.inside = 0
        self._lowered_at: float | None = None
        self._next_request = 0.0
        self._watchers: list[Callable[[], None]] = []

    @property
    def open(self) -> bool:
        """Whether another may come in."""
        return self.inside < max(1, int(self.limit))

    def watch(self, told: Callable[[], None]) -> None:
        """`told` is called whenever somebody leaves, or there is another reason to look again."""
        self._watchers.append(told)

    def enter(self) -> None:
        """Somebody comes in."""
        self.inside += 1

    def leave(self) -> None:
        """Somebody leaves."""
        self.inside -= 1
        self.tell()

    def tell(self) -> None:
        """Lets everybody who watches look again."""
        for told in self._watchers:
            told()

    def next_request(self, now: float) -> float:
        """Seconds after which a request may be sent, by the rate that goes with the limit; it is taken by asking."""
        at = max(now, self._next_request)
        self._next_request = at + 1 / max(LEAST_RATE, REQUESTS_EACH * self.limit)
        return at - now

    def lower(self, now: float, pause: float = 1.0) -> None:
        """Halves the limit; refusals of the same moment count as one. `now` and `pause` are seconds, monotonic."""
        if self._lowered_at is None or now - self._lowered_at >= pause:
            self._lowered_at = now
            self.limit = max(1.0, self.limit / 2)

    def went_well(self) -> None:
        """One job was taken: by so many as there are, the limit rises by one."""
        self.limit = min(float(self.most), self.limit + 1 / self.limit)
