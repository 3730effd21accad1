"""The format of a clip's file for other programs: rate, frames, size and sound; light to import."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from storyboard.fast_dataclasses import dataclass

_TOLERANCE = Fraction(1, 2)
_TOLERANCE_SHARE = Fraction(1, 20)
_FINEST_RATE = 1001
_NEAR = Fraction(1, 2500)
"""Largest relative distance of a measured rate from a standard one: less than half the difference between 24 and
23.976."""
_STANDARD_RATES = tuple(
    rate for whole in (12, 24, 25, 30, 48, 50, 60, 120) for rate in (Fraction(whole), Fraction(whole * 1000, 1001))
)


@dataclass(frozen=True, slots=True)
class ClipFormat:
    """A clip's frames a second, number of frames, seconds of pictures, and size in pixels.

    `pixel` is the shape of a pixel, width by height. `sound_rate` is in samples a second; it and `channels` are 0 for a
    clip without sound.
    """

    fps: Fraction
    frames: int
    seconds: Fraction
    width: int
    height: int
    pixel: Fraction = Fraction(1)
    sound_rate: int = 0
    channels: int = 0

    @property
    def has_sound(self) -> bool:
        """Whether it has a sound track."""
        return self.channels > 0


def is_about(lasts: Decimal | Fraction, seconds: Decimal | int) -> bool:
    """Return whether a length is the promised one, within half a second, or a twentieth for long clips."""
    return abs(Fraction(lasts) - Fraction(seconds)) <= max(_TOLERANCE, Fraction(seconds) * _TOLERANCE_SHARE)


def standard_rate(measured: Fraction) -> Fraction:
    """Return the standard frame rate nearest to a measured one, or the measured one with a small denominator."""
    nearest = min(_STANDARD_RATES, key=lambda rate: abs(rate - measured))
    if abs(nearest - measured) <= nearest * _NEAR:
        return nearest
    return measured.limit_denominator(_FINEST_RATE)
