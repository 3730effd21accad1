"""What was learned about a gateway, for one account, base URL and dialect. None of it applies to another."""

from __future__ import annotations

from enum import StrEnum

from storyboard.fast_dataclasses import dataclass

LONGEST_DELAY = 300.0
"""Seconds, at most, that a task is believed to have taken to show: what is learned must not make every wait endless."""


class Lookup(StrEnum):
    """Whether a task can be found by the caller's own id."""

    UNSEEN = "unseen"
    SEEN = "seen"
    """It found a task once: that alone is the proof, and it stays one."""
    ABSENT = "absent"
    """Asked, the gateway says that one cannot, or it did not find a task that it had finished."""


@dataclass(frozen=True, slots=True)
class GatewayTraits:
    """How a gateway treats ids. `unique_ids`: it refused a repeated id whose task was then found, or returned that task
    again.

    `longest` is the longest time yet between a submit and its task showing in a look-up, in seconds.
    """

    lookup: Lookup = Lookup.UNSEEN
    unique_ids: bool = False
    longest: float = 0.0

    def wait(self, least: float) -> float:
        """Return the seconds after which a created task certainly shows in a look-up; what an older ledger says is
        bounded too."""
        return max(least, 3 * min(self.longest, LONGEST_DELAY))
