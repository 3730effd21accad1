"""How much work something is, in counts that are the same on every machine, however busy it is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

LINEAR = 5.5
"""At most so many times the work for four times the input: what grows with the square of it does sixteen times."""


def steps(action: Callable[[], object]) -> int:
    """How many lines of Python are run while something is done in this thread, each turn of a loop anew."""
    count, before = 0, sys.gettrace()

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    sys.settrace(trace)
    try:
        action()
    finally:
        sys.settrace(before)
    return count


def growth(action: Callable[[int], object], size: int) -> float:
    """How many times as many steps it takes for something of four times the size."""
    action(2)  # what is loaded once
    return steps(lambda: action(4 * size)) / steps(lambda: action(size))
