"""Stopping early: what a first Ctrl-C asks for."""

from __future__ import annotations


class Halt:
    """Once asked, nothing new is sent or begun; what runs is waited for and fetched."""

    def __init__(self) -> None:
        self.asked = False

    def ask(self) -> None:
        """No more submits."""
        self.asked = True
