"""Waiting in tests for what happens in another thread or process."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 180.0
"""Seconds that nothing takes which ends at all, on the slowest and busiest machine: what is not there by then hangs.

What passes never waits so long. How quick something is, is measured in bench/, and never judged by a test.
"""


def until(done: Callable[[], T | None], failed: str = "it did not happen") -> T:
    """Wait until this gives something, and return it."""
    deadline = time.monotonic() + PATIENCE
    while not (value := done()):
        assert time.monotonic() < deadline, failed
        time.sleep(0.02)
    return value
