"""What a subtitle track says, and the version of the film that it is part of; light to import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

JOINER_VERSION = 2
"""Rises when the same clips and captions join to another film."""


@dataclass(frozen=True, slots=True)
class Caption:
    """What is shown from one second to another."""

    text: str
    start: Fraction
    end: Fraction


def moved(captions: Sequence[Caption], start: Fraction, end: Fraction) -> list[Caption]:
    """Captions of a clip in the film's seconds; the last lasts to the clip's end, and none longer."""
    found = [replace(c, start=c.start + start, end=min(c.end + start, end)) for c in captions]
    return [*found[:-1], *(replace(last, end=end) for last in found[-1:])]
