"""How long a permission to send holds, for every record that several machines share."""

from __future__ import annotations

import time

from storyboard.fast_dataclasses import dataclass

PERMISSION_SECONDS = 2.0
"""How old a permission to send may be when the first byte leaves; an older one is checked with the record again."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time by both clocks of this machine, in seconds."""

    monotonic: float
    wall: float


def this_moment() -> Moment:
    """The time by the machine's own clocks."""
    return Moment(time.monotonic(), time.time())


def is_fresh(given: Moment, now: Moment) -> bool:
    """Whether a permission given at that moment is still young enough by both clocks.

    One clock stops while a machine sleeps, and the other can be set; together they notice both.
    """
    by_monotonic, by_wall = now.monotonic - given.monotonic, now.wall - given.wall
    return 0 <= by_monotonic <= PERMISSION_SECONDS and -PERMISSION_SECONDS <= by_wall <= PERMISSION_SECONDS
