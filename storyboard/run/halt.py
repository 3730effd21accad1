"""Stopping early: what a first Ctrl-C asks for."""

from __future__ import annotations

from collections.abc import Callable


class Halt:
    """Once asked, nothing new is sent or begun; what runs is waited for and fetched."""

    def __init__(self) -> None:
        self.asked = False
        self._watchers: list[Callable[[], None]] = []

    def watch(self, told: Callable[[], None]) -> None:
        """`told` is called when it is asked."""
        self._watchers.append(told)

    def ask(self) -> None:
        """No more submits."""
        self.asked = True
        for told in self._watchers:
            told()
