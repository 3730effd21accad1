"""What has been learned of a gateway, for one account, base URL and dialect; nothing of it carries over to another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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
    """`unique_ids`: a repeated id was refused and the task then found, or its known task was given back.

    `longest` is the longest yet seen between a submit and its showing to a look-up, in seconds.
    """

    lookup: Lookup = Lookup.UNSEEN
    unique_ids: bool = False
    longest: float = 0.0

    def wait(self, least: float) -> float:
        """Seconds after which a task that was created shows for certain; what an older ledger says is bounded too."""
        return max(least, 3 * min(self.longest, LONGEST_DELAY))
