"""Jobs are submitted in story order: the later one waits while an earlier one is about to be.

Who is not about to be submitted (it is cached, runs, waits for another build or for the gateway's rate) lets the others
pass.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum


class Step(IntEnum):
    """What a job has done on its way to the gateway."""

    BEGUN = 0
    RESERVED = 1
    SENT = 2


class Turns:
    """Who is on the way, in the order in which they were begun."""

    def __init__(self) -> None:
        self._on_the_way: dict[str, Step] = {}
        self._waiting: dict[str, tuple[Step, Callable[[], None]]] = {}

    def enter(self, key: str) -> None:
        """A job is begun, after all that were before."""
        self._on_the_way.setdefault(key, Step.BEGUN)

    def reach(self, key: str, step: Step) -> None:
        """A job has done this, which lets the next one do it."""
        if key in self._on_the_way:
            self._on_the_way[key] = step
            self._tell()

    def leave(self, key: str) -> None:
        """A job is no longer about to be submitted."""
        if self._on_the_way.pop(key, None) is not None:
            self._tell()

    def wait(self, key: str, step: Step, told: Callable[[], None]) -> None:
        """`told` is called once everybody before has done that, or the job itself is no longer on its way."""
        if self.may(key, step):
            told()
        else:
            self._waiting[key] = step, told

    def may(self, key: str, step: Step) -> bool:
        """Whether everybody before has done that."""
        if key not in self._on_the_way:
            return True
        for other, reached in self._on_the_way.items():
            if other == key:
                break
            if reached < step:
                return False
        return True

    def _tell(self) -> None:
        """Nobody behind one that has done nothing yet can go on."""
        least = max(Step)
        ready = [key for key in self._waiting if key not in self._on_the_way]
        for key, reached in self._on_the_way.items():
            if key in self._waiting and self._waiting[key][0] <= least:
                ready.append(key)
            least = min(least, reached)
            if least is Step.BEGUN:
                break
        for key in ready:
            self._waiting.pop(key)[1]()
