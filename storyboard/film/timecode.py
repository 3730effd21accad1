"""Seconds as frames and timecodes, for programs that count in them."""

from __future__ import annotations

from fractions import Fraction

FPS = 24
"""The rate that exports count in, that of the animatics."""


def frames(seconds: Fraction) -> int:
    """The nearest frame."""
    return round(seconds * FPS)


def timecode(seconds: Fraction) -> str:
    """`HH:MM:SS:FF`."""
    whole, frame = divmod(frames(seconds), FPS)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}:{frame:02}"
