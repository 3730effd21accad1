"""Speech and captions at their times in the film."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate, pairwise

from storyboard.fast_dataclasses import dataclass
from storyboard.film.timeline import CutJob, CutShot, Timeline

_LEAST = 12
"""A short line is shown as long as one with this many characters."""


@dataclass(frozen=True, slots=True)
class WordCue:
    """Words and when they are shown, in seconds of the film. `speaker` is "" for captions and unnamed voices."""

    text: str
    speaker: str
    start: Fraction
    end: Fraction

    @property
    def written(self) -> str:
        """With the speaker's name."""
        return f"{self.speaker}: {self.text}" if self.speaker else self.text


def has_words(cut: Timeline) -> bool:
    """Whether any shot has speech or captions."""
    return any(shot.shot.beside.say or shot.shot.beside.captions for shot in cut.shots)


def cues_of(shot: CutShot) -> Iterator[WordCue]:
    """Return the words of a shot in order, captions before speech, each for a share of its time."""
    lines = [("", text) for text in shot.shot.beside.captions]
    lines += [(each.speaker, each.text) for each in shot.shot.beside.say]
    weights = [max(_LEAST, len(text)) for _, text in lines]
    whole = sum(weights)
    times = (
        [shot.start + (shot.end - shot.start) * passed / whole for passed in accumulate(weights, initial=0)]
        if lines
        else []
    )
    for (speaker, text), (start, end) in zip(lines, pairwise(times), strict=True):
        yield WordCue(" ".join(text.split()), speaker, start, end)


def subtitles_of(job: CutJob, *, words: bool) -> list[list[tuple[str, Fraction, Fraction]]]:
    """Return what the subtitle track shows in each range of the job's clip, in seconds from the range's beginning: the
    words or, in a film without any, the addresses of the shots."""
    shots = [[shot] for shot in job.shots] if job.is_by_shot else [list(job.shots)]
    return [[each for shot in group for each in _subtitles(shot, group[0].start, words=words)] for group in shots]


def _subtitles(shot: CutShot, begins: Fraction, *, words: bool) -> Iterator[tuple[str, Fraction, Fraction]]:
    cues = list(cues_of(shot)) if words else []
    for cue in cues:
        yield cue.written, cue.start - begins, cue.end - begins
    if not cues:
        yield "" if words else shot.shot.address, shot.start - begins, shot.end - begins
