"""The result of inspecting a clip: light to import, and stored by the clip's content."""

from __future__ import annotations

from fractions import Fraction

from storyboard.fast_dataclasses import dataclass
from storyboard.fast_named_tuples import NamedTuple

INSPECTION_VERSION = 1
"""Increased when the same clip may give another result."""


class FrameSpan(NamedTuple):
    """Pictures from `start` up to, not including, `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ClipInspection:
    """A clip's frames a second and number of pictures; those that begin after a cut; stretches that are black or
    frozen; and the loudest sample of each tenth of a second, in dBFS (None: there is no sound track)."""

    fps: Fraction
    frames: int
    cuts: tuple[int, ...]
    black: tuple[FrameSpan, ...]
    frozen: tuple[FrameSpan, ...]
    loudness: tuple[int, ...] | None
