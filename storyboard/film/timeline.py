"""The timeline of the film: every job's clip in story order, every shot with its start and end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from storyboard.fast_dataclasses import dataclass, replace
from storyboard.film.free_shots import FilmPiece, FreeJob, FreeResult
from storyboard.film.names import clip_name
from storyboard.jobs.job import Job
from storyboard.story.story import Scene, Shot, Story, Transition


@dataclass(frozen=True, slots=True)
class CutShot:
    """A shot's place, in seconds: from `start` to `end` of the film, from `enters` to `leaves` of its job's clip.

    Where it dissolves, it is seen longer, together with its neighbour: `head` seconds before its start, and `tail`
    seconds after its end.
    """

    shot: Shot
    number: int
    start: Fraction
    end: Fraction
    enters: Fraction
    leaves: Fraction
    head: Fraction = Fraction(0)
    tail: Fraction = Fraction(0)

    @property
    def middle(self) -> Fraction:
        """The time in the clip of the picture that stands for the shot."""
        return (self.enters + self.leaves) / 2


@dataclass(frozen=True, slots=True)
class CutJob:
    """A job's place in the film. `file` is its clip's name in the folder, even while it is missing. `lasts` is the
    clip's length in seconds if it differs from the order: the film cuts it, or holds its last picture. `is_by_shot`
    means that the film takes shots one by one from the clip, because one is cut or has a transition."""

    result: FilmPiece
    file: str
    start: Fraction
    end: Fraction
    shots: tuple[CutShot, ...]
    lasts: Fraction | None = None
    is_by_shot: bool = False

    @property
    def job(self) -> Job | FreeJob:
        """The job itself."""
        return self.result.job

    @property
    def clip(self) -> Path | None:
        """Its clip in the store."""
        return self.result.clip

    @property
    def is_free(self) -> bool:
        """Whether it is not bought."""
        return isinstance(self.result, FreeResult)

    @property
    def ordered_seconds(self) -> Fraction:
        """The ordered length of its clip, in seconds."""
        return Fraction(sum(shot.seconds for shot in self.job.shots))

    @property
    def clip_seconds(self) -> Fraction:
        """The length of its clip, in seconds; the film may use less."""
        return self.ordered_seconds if self.is_by_shot else self.end - self.start


@dataclass(frozen=True, slots=True)
class Timeline:
    """All of the film, in story order."""

    story: Story
    jobs: tuple[CutJob, ...]

    @property
    def seconds(self) -> Fraction:
        """How long it is."""
        return self.jobs[-1].end if self.jobs else Fraction(0)

    @property
    def ends(self) -> tuple[Fraction, ...]:
        """At which second each job ends."""
        return tuple(job.end for job in self.jobs)

    @property
    def complete(self) -> bool:
        """Whether every job's clip is there, and there is any."""
        return bool(self.jobs) and all(job.clip is not None for job in self.jobs)

    @property
    def shots(self) -> tuple[CutShot, ...]:
        """Every shot in order."""
        return tuple(shot for job in self.jobs for shot in job.shots)

    def of_scene(self, scene: Scene) -> tuple[CutJob, ...]:
        """Return a scene's jobs."""
        return tuple(job for job in self.jobs if job.job.scene == scene.name)


def make_cut(
    story: Story,
    pieces: Sequence[FilmPiece],
    ends: Sequence[Fraction] | None = None,
    odd_lengths: Mapping[str, Fraction] = MappingProxyType({}),
) -> Timeline:
    """Return the film as planned or, with `ends`, as it came out: the second at which each piece really ends.
    `odd_lengths` are the lengths of clips that differ from the order, by hash."""
    bounds = _transitions(pieces)
    planned = list(accumulate(map(_planned, pieces, bounds)))
    ends = planned if ends is None else list(ends)
    width = max(2, len(str(len(pieces))))
    jobs = []
    number = 1
    for at, (each, end, around) in enumerate(zip(pieces, ends, bounds, strict=True)):
        start = ends[at - 1] if at else Fraction(0)
        is_by_shot = any(shot.part is not None for shot in each.job.shots) or any(around)
        shots = (
            tuple(_by_shot(each.job, start, end, number, around))
            if is_by_shot
            else _whole(each.job, start, end, number)
        )
        number += len(shots)
        name = f"{each.job.id}#0" if isinstance(each, FreeResult) else each.job.id
        lasts = odd_lengths.get(each.sha256 or "")
        jobs.append(CutJob(each, clip_name(at + 1, width, name), start, end, shots, lasts, is_by_shot))
    return Timeline(story, tuple(jobs))


def with_real_cuts(job: CutJob, late: Sequence[Fraction | None]) -> CutJob:
    """Return the job with the cuts between its shots where they really are: by how many seconds each is late, None
    if that is not certain. The same pictures of its clip are seen. A job whose shots are taken one by one stays as
    it is."""
    moves = [Fraction(0), *(each or Fraction(0) for each in late), Fraction(0)]
    bounds = [*(shot.enters for shot in job.shots), job.shots[-1].leaves]
    moved = [bound + move for bound, move in zip(bounds, moves, strict=True)]
    if job.is_by_shot or not any(moves) or any(end <= start for start, end in pairwise(moved)):
        return job
    begins = job.start - bounds[0]
    shots = (
        replace(shot, start=begins + enters, end=begins + leaves, enters=enters, leaves=leaves)
        for shot, (enters, leaves) in zip(job.shots, pairwise(moved), strict=True)
    )
    return replace(job, shots=tuple(shots))


_Around: TypeAlias = "tuple[Transition | None, ...]"
"""The transitions around the shots of a job: before each, and after the last."""


def _transitions(pieces: Sequence[FilmPiece]) -> list[_Around]:
    """Return those of each job. Nothing is before the first shot, so it cannot dissolve."""
    firsts = [each.job.shots[0].transition for each in pieces]
    if firsts and firsts[0] is not None and firsts[0].kind == "dissolve":
        firsts[0] = None
    return [
        (before, *(shot.transition for shot in each.job.shots[1:]), after)
        for each, before, after in zip(pieces, firsts, [*firsts[1:], None], strict=True)
    ]


def _half(transition: Transition | None) -> Fraction:
    """Return how long each of two shots that dissolve is seen on the other one's side of the cut between them."""
    return Fraction(transition.seconds) / 2 if transition and transition.kind == "dissolve" else Fraction(0)


def _planned(piece: FilmPiece, around: _Around) -> Fraction:
    whole = Fraction(sum(shot.film_seconds for shot in piece.job.shots))
    if not any(around):
        return whole
    halves = list(map(_half, around))
    return whole - sum(halves) - sum(halves[1:-1])


def _by_shot(job: Job | FreeJob, start: Fraction, end: Fraction, number: int, around: _Around) -> Iterator[CutShot]:
    begins = Fraction(0)
    for at, (shot, (head, tail)) in enumerate(zip(job.shots, pairwise(map(_half, around)), strict=True)):
        enters = begins + Fraction(shot.part.start if shot.part else 0) + head
        leaves = begins + Fraction(shot.part.end if shot.part else shot.seconds) - tail
        until = end if at + 1 == len(job.shots) else min(end, start + leaves - enters)
        yield CutShot(shot, number + at, start, until, enters, leaves, head, tail)
        begins += Fraction(shot.seconds)
        start = until


def _whole(job: Job | FreeJob, start: Fraction, end: Fraction, number: int) -> tuple[CutShot, ...]:
    """Place shots where they were ordered; the last one ends with the clip."""
    if len(job.shots) == 1:
        return (CutShot(job.shots[0], number, start, end, Fraction(0), end - start),)
    cuts = [Fraction(0), *accumulate(Fraction(shot.seconds) for shot in job.shots)]
    cuts = [*(min(cut, end - start) for cut in cuts[:-1]), end - start]
    return tuple(
        CutShot(shot, number + at, start + cuts[at], start + cuts[at + 1], cuts[at], cuts[at + 1])
        for at, shot in enumerate(job.shots)
    )
