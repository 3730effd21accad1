"""What a film is joined from, and what its subtitles say; light to import."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from storyboard.fast_dataclasses import dataclass, replace

JOINER_VERSION = 6
"""Increased when the same clips and captions give another film."""


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
class MusicRange:
    """Music under a film: a file from the second `start` on, `gain` decibels louder."""

    path: Path
    start: Fraction
    gain: float


@dataclass(frozen=True, slots=True)
class Finish:
    """Changes to a film as a whole: its `loudness` (in LUFS), and the address of each shot drawn into its pictures."""

    loudness: float | None = None
    burn_in: bool = False


NO_FINISH = Finish()


@dataclass(frozen=True, slots=True)
class ClipRange:
    """What a film uses of a clip: from `start` to `end`, in seconds from its first picture; None is the clip's end.

    `lasts` is how many seconds of the film a whole clip fills if it has to be encoded again; None: as long as it is.
    Its first `dissolves_in` seconds are seen together with the last of the range before it, its last `dissolves_out`
    with the next one; `fades_in` and `fades_out` are the seconds in which it comes out of black and goes to black.
    """

    path: Path
    start: Fraction = Fraction(0)
    end: Fraction | None = None
    lasts: Fraction | None = None
    dissolves_in: Fraction = Fraction(0)
    dissolves_out: Fraction = Fraction(0)
    fades_in: Fraction = Fraction(0)
    fades_out: Fraction = Fraction(0)

    @property
    def is_whole(self) -> bool:
        """Whether the whole clip is used unchanged."""
        return self.start == 0 and self.end is None and not self.has_transitions

    @property
    def has_transitions(self) -> bool:
        """Whether it begins or ends with a transition."""
        return any((self.dissolves_in, self.dissolves_out, self.fades_in, self.fades_out))


def moved(captions: Sequence[Caption], start: Fraction, end: Fraction) -> list[Caption]:
    """Move a clip's captions to the film's time; the last lasts to the clip's end, and none longer."""
    found = [replace(c, start=c.start + start, end=min(c.end + start, end)) for c in captions]
    return [*found[:-1], *(replace(last, end=end) for last in found[-1:])]
