"""Frames as timecodes, for programs that count in them."""

from __future__ import annotations

from fractions import Fraction
from math import ceil


def timebase(rate: Fraction) -> int:
    """Return the whole number of frames that a second of timecode has: 30 for 29.97."""
    return ceil(rate)


def is_ntsc(rate: Fraction) -> bool:
    """Whether a rate is a thousandth slower than its timebase: 23.976, 29.97, 59.94."""
    return rate == Fraction(timebase(rate) * 1000, 1001)


def timecode(frame: int, rate: Fraction) -> str:
    """`HH:MM:SS:FF`, counting every frame (non-drop)."""
    whole, rest = divmod(frame, timebase(rate))
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}:{rest:02}"
