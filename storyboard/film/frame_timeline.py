"""The film in whole frames: what the film itself and every list for another program are written from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import ceil

from storyboard.film.free_shots import FilmPiece
from storyboard.film.timeline import CutJob, CutShot, Timeline
from storyboard.media.clip_format import ClipFormat, is_about
from storyboard.media.render_options import USUAL_LOOK
from storyboard.run.result import JobResult
from storyboard.story.story import Scene, Story

NO_CLIP_RATE = Fraction(USUAL_LOOK.fps)
"""Frames a second where no clip is there yet: those of the animatic."""


@dataclass(frozen=True, slots=True)
class FrameShot:
    """A shot as so many frames of the film.

    It is seen from frame `start` of the film on for `length` frames, which are those of its job's clip from frame
    `enters` on. All are counted at the film's rate, also where the clip has another.
    """

    cut: CutShot
    job: CutJob
    media: ClipFormat | None
    start: int
    length: int
    enters: int
    held: int = 0
    """How many of its last frames its clip does not have: the film holds the clip's last picture for so long."""

    @property
    def end(self) -> int:
        """The frame of the film after its last one."""
        return self.start + self.length

    @property
    def leaves(self) -> int:
        """The frame of the clip after its last one, if the clip is long enough."""
        return self.enters + self.length

    @property
    def used(self) -> int:
        """How many frames of its clip are seen; where the clip is missing, all that are wanted."""
        return self.length - self.held

    @property
    def is_there(self) -> bool:
        """Whether any frame of it is there."""
        return self.media is not None and self.used > 0

    @property
    def has_sound(self) -> bool:
        """Whether it is there and has sound."""
        return self.is_there and self.media is not None and self.media.has_sound


@dataclass(frozen=True, slots=True)
class FrameScene:
    """A scene as so many frames of the film."""

    scene: Scene
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class FrameJob:
    """A job as the frames of the film from `start` to before `end`, with all of its shots."""

    job: CutJob
    start: int
    end: int
    shots: tuple[FrameShot, ...]


@dataclass(frozen=True, slots=True)
class FrameTimeline:
    """The film in frames at `rate`. Shots follow one another without a gap, and their lengths add up to `frames`."""

    story: Story
    rate: Fraction
    jobs: tuple[FrameJob, ...]

    @property
    def shots(self) -> tuple[FrameShot, ...]:
        """Every shot that is seen: one that is shorter than half a frame may have no frame."""
        return tuple(shot for job in self.jobs for shot in job.shots if shot.length)

    @property
    def frames(self) -> int:
        """How many frames the film has."""
        return self.jobs[-1].end if self.jobs else 0

    @property
    def has_sound(self) -> bool:
        """Whether any clip has sound."""
        return any(shot.has_sound for shot in self.shots)

    @property
    def scenes(self) -> tuple[FrameScene, ...]:
        """The scenes that have any frames, in order."""
        by_name: dict[str, list[FrameShot]] = {}
        for shot in self.shots:
            by_name.setdefault(shot.cut.shot.scene, []).append(shot)
        there = [(scene, by_name[scene.name]) for scene in self.story.scenes if scene.name in by_name]
        return tuple(FrameScene(scene, shots[0].start, shots[-1].end - shots[0].start) for scene, shots in there)


def film_rate(jobs: Sequence[CutJob], formats: Mapping[str, ClipFormat]) -> Fraction:
    """The rate that a film of these jobs has: that of the first bought clip, else of the first clip."""
    formed = [(job.is_free, formats.get(job.result.sha256 or "")) for job in jobs]
    rates = [(is_free, found.fps) for is_free, found in formed if found is not None]
    return next((fps for is_free, fps in rates if not is_free), rates[0][1] if rates else NO_CLIP_RATE)


def odd_lengths(pieces: Sequence[FilmPiece], formats: Mapping[str, ClipFormat]) -> dict[str, Fraction]:
    """The seconds of bought clips that are not about as long as ordered, by their SHA-256."""
    bought = [piece for piece in pieces if isinstance(piece, JobResult)]
    found = ((piece.sha256, formats.get(piece.sha256 or ""), piece.job.seconds) for piece in bought)
    return {
        sha256: media.seconds
        for sha256, media, ordered in found
        if sha256 is not None and media is not None and not is_about(media.seconds, ordered)
    }


def measured_ends(jobs: Sequence[CutJob], formats: Mapping[str, ClipFormat]) -> tuple[Fraction, ...]:
    """At which second each job ends in a film of these clips.

    One that is missing, or that has far another length than ordered, lasts as long as was ordered.
    """
    return tuple(accumulate(_seconds(job, formats) for job in jobs))


def _seconds(job: CutJob, formats: Mapping[str, ClipFormat]) -> Fraction:
    found = formats.get(job.result.sha256 or "")
    if found is None or job.has_cuts or job.lasts is not None:
        return sum((Fraction(shot.film_seconds) for shot in job.job.shots), Fraction(0))
    return found.seconds


def in_frames(cut: Timeline, formats: Mapping[str, ClipFormat], fps: Fraction | None = None) -> FrameTimeline:
    """Return the film in frames, at its own rate or at `fps`. `formats` are those of the clips, by SHA-256.

    Each boundary between shots is rounded once, on the film's own time line. So no rounding adds up, and a clip's
    frames in the film and in its source are the same number.
    """
    rate = fps or film_rate(cut.jobs, formats)
    jobs: list[FrameJob] = []
    for job in cut.jobs:
        begins = jobs[-1].end if jobs else 0
        ends = max(begins, round(job.end * rate))
        jobs.append(FrameJob(job, begins, ends, tuple(_shots(job, begins, ends, formats, rate))))
    return FrameTimeline(cut.story, rate, tuple(jobs))


def _shots(
    job: CutJob, begins: int, ends: int, formats: Mapping[str, ClipFormat], rate: Fraction
) -> Iterator[FrameShot]:
    media = formats.get(job.result.sha256 or "")
    there = None if media is None else ceil(media.seconds * rate)
    start = begins
    for at, shot in enumerate(job.shots):
        until = ends if at + 1 == len(job.shots) else min(ends, max(start, round(shot.end * rate)))
        enters = _enters(shot, until - start, media, rate) if job.has_cuts else start - begins
        length = until - start
        held = 0 if there is None else max(0, min(length, enters + length - there))
        yield FrameShot(shot, job, media, start, length, enters, held)
        start = until


def _enters(shot: CutShot, length: int, media: ClipFormat | None, rate: Fraction) -> int:
    """The frame at which a cut shot begins, one frame earlier where rounding would go past the clip's last frame."""
    enters = round(shot.enters * rate)
    if media is not None and enters and enters + length == round(media.seconds * rate) + 1:
        return enters - 1
    return enters
