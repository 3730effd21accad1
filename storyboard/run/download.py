"""What becomes of a download."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Whole:
    """All of it is there, and it is a playable clip of about the promised length."""

    clip: Path


@dataclass(frozen=True, slots=True)
class Expired:
    """The address is no longer good; asking the task again gives a fresh one."""

    message: str


@dataclass(frozen=True, slots=True)
class Cut:
    """It stopped on the way, or the other side had a fault of its own. `received` bytes are kept."""

    message: str
    received: int = 0


@dataclass(frozen=True, slots=True)
class Wrong:
    """It came whole and is not what was promised. Nothing of it is kept."""

    message: str


@dataclass(frozen=True, slots=True)
class Barred:
    """It is not to be fetched from there, by rule."""

    message: str


Download: TypeAlias = Whole | Expired | Cut | Wrong | Barred
