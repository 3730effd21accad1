"""What a film is joined from, and what its subtitles say; light to import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

JOINER_VERSION = 5
"""Rises when the same clips and captions join to another film."""


@dataclass(frozen=True, slots=True)
class Caption:
    """What is shown from one second to another."""

    text: str
    start: Fraction
    end: Fraction


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of a film: its title, and the number of the range that it begins with."""

    title: str
    first: int


@dataclass(frozen=True, slots=True)
class Finish:
    """What is done to a film as a whole: brought to `loudness` (in LUFS), and the address of each shot drawn into its
    pictures."""

    loudness: float | None = None
    burn_in: bool = False


NO_FINISH = Finish()


@dataclass(frozen=True, slots=True)
class ClipRange:
    """What a film uses of a clip: from `start` to `end`, in seconds from its first picture; None is the clip's end.

    `lasts` is how many seconds of the film a whole clip fills if it has to be encoded again; None: as long as it is.
    """

    path: Path
    start: Fraction = Fraction(0)
    end: Fraction | None = None
    lasts: Fraction | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all of the clip is used."""
        return self.start == 0 and self.end is None


def moved(captions: Sequence[Caption], start: Fraction, end: Fraction) -> list[Caption]:
    """Captions of a clip in the film's seconds; the last lasts to the clip's end, and none longer."""
    found = [replace(c, start=c.start + start, end=min(c.end + start, end)) for c in captions]
    return [*found[:-1], *(replace(last, end=end) for last in found[-1:])]
