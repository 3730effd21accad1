"""How long a permission to send holds, for every record that several machines share."""

from __future__ import annotations

import time

PERMISSION_SECONDS = 2.0
"""How old a permission to send may be when the first byte leaves; an older one is checked with the record again."""


def is_fresh(monotonic: float, wall: float) -> bool:
    """Whether a permission given at these times, in seconds by the two clocks, is still young enough by both.

    One clock stops while a machine sleeps, and the other can be set; together they notice both.
    """
    by_monotonic, by_wall = time.monotonic() - monotonic, time.time() - wall
    return 0 <= by_monotonic <= PERMISSION_SECONDS and -PERMISSION_SECONDS <= by_wall <= PERMISSION_SECONDS
