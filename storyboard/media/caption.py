"""What a subtitle track says, and the version of the film that it is part of; light to import."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

JOINER_VERSION = 1
"""Rises when the same clips and captions join to another film."""


@dataclass(frozen=True, slots=True)
class Caption:
    """What is shown from one second to another."""

    text: str
    start: Fraction
    end: Fraction
