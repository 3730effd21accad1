"""The film in whole frames: the source of the film itself and of every export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import accumulate, islice
from math import ceil, floor
from typing import Literal

from storyboard.fast_dataclasses import dataclass, replace
from storyboard.film.free_shots import FilmPiece
from storyboard.film.timeline import CutJob, CutShot, Timeline
from storyboard.media.clip_format import ClipFormat, is_about
from storyboard.media.render_options import USUAL_LOOK
from storyboard.run.result import JobResult
from storyboard.story.story import Scene, Story

NO_CLIP_RATE = Fraction(USUAL_LOOK.fps)
"""Frame rate without any clip: that of the animatic."""


@dataclass(frozen=True, slots=True)
class FrameTransition:
    """A transition between two shots, in frames of the film: `before` of them end at the cut, `after` begin there.

    In a dissolve both shots are seen in all of these frames, each in some that are on the other's side of the cut. In a
    fade the first shot goes to black before the cut, and the second comes out of black after it.
    """

    kind: Literal["fade", "dissolve"]
    before: int
    after: int

    @property
    def frames(self) -> int:
        """How long it is."""
        return self.before + self.after


@dataclass(frozen=True, slots=True)
class FrameShot:
    """A shot in frames. It is seen from frame `start` of the film for `length` frames, which are those of its job's
    clip from frame `enters`. All count at the film's rate, even if the clip has another.
    """

    cut: CutShot
    job: CutJob
    media: ClipFormat | None
    start: int
    length: int
    enters: int
    held: int = 0
    """How many of its last frames the clip lacks: the film holds the clip's last picture for them."""
    begins: FrameTransition | None = None
    """How it follows the shot before it; None for a cut."""
    ends: FrameTransition | None = None
    """How the next shot follows it."""

    @property
    def end(self) -> int:
        """The frame of the film after its last one."""
        return self.start + self.length

    @property
    def leaves(self) -> int:
        """The frame of the clip after its last one, if the clip is long enough."""
        return self.enters + self.length

    @property
    def dissolves_in(self) -> FrameTransition | None:
        """The dissolve that it begins with."""
        return self.begins if self.begins and self.begins.kind == "dissolve" else None

    @property
    def dissolves_out(self) -> FrameTransition | None:
        """The dissolve that it ends with."""
        return self.ends if self.ends and self.ends.kind == "dissolve" else None

    @property
    def fade_in(self) -> int:
        """The frames of its fade from black."""
        return self.begins.after if self.begins and self.begins.kind == "fade" else 0

    @property
    def fade_out(self) -> int:
        """The frames of its fade to black."""
        return self.ends.before if self.ends and self.ends.kind == "fade" else 0

    @property
    def used(self) -> int:
        """How many frames of its clip are seen; without a clip, all that are wanted."""
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
        """Every visible shot: one shorter than half a frame may have no frame."""
        return tuple(shot for job in self.jobs for shot in job.shots if shot.length)

    @property
    def frames(self) -> int:
        """How many frames the film has."""
        return self.jobs[-1].end if self.jobs else 0

    @property
    def overlap(self) -> int:
        """By how many frames dissolves make the film shorter."""
        return sum(shot.begins.frames for shot in self.shots if shot.begins and shot.begins.kind == "dissolve")

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


def to_frame(seconds: Fraction, rate: Fraction) -> int:
    """Return the frame nearest to a time, the later one if two are equally near. Python's `round` would take the even
    one, and then a clip of 75 frames could have 76 in the film.
    """
    return floor(seconds * rate + Fraction(1, 2))


def film_rate(jobs: Sequence[CutJob], formats: Mapping[str, ClipFormat]) -> Fraction:
    """Return the frame rate of a film of these jobs: that of the first bought clip, else of the first clip."""
    formed = [(job.is_free, formats.get(job.result.sha256 or "")) for job in jobs]
    rates = [(is_free, found.fps) for is_free, found in formed if found is not None]
    return next((fps for is_free, fps in rates if not is_free), rates[0][1] if rates else NO_CLIP_RATE)


def odd_lengths(pieces: Sequence[FilmPiece], formats: Mapping[str, ClipFormat]) -> dict[str, Fraction]:
    """Return the lengths of bought clips that differ clearly from the order, by SHA-256."""
    bought = [piece for piece in pieces if isinstance(piece, JobResult)]
    found = ((piece.sha256, formats.get(piece.sha256 or ""), piece.job.seconds) for piece in bought)
    return {
        sha256: media.seconds
        for sha256, media, ordered in found
        if sha256 is not None and media is not None and not is_about(media.seconds, ordered)
    }


def measured_ends(jobs: Sequence[CutJob], formats: Mapping[str, ClipFormat]) -> tuple[Fraction, ...]:
    """Return the second at which each job ends in a film of these clips. A missing clip, or one of a clearly different
    length, counts with its ordered length. A job whose shots are taken one by one ends no later than its clip, which
    may be a part of a frame shorter than ordered: a list would be black for the frame that is missing.
    """
    return tuple(accumulate(_seconds(job, formats) for job in jobs))


def _seconds(job: CutJob, formats: Mapping[str, ClipFormat]) -> Fraction:
    found = formats.get(job.result.sha256 or "")
    if found is None or job.lasts is not None:
        return _seen_seconds(job)
    if job.is_by_shot:
        last = job.shots[-1]
        lacks = last.leaves - max(last.enters, found.seconds)
        return _seen_seconds(job) - max(Fraction(0), lacks)
    return found.seconds


def _seen_seconds(job: CutJob) -> Fraction:
    """Return how long its shots are seen, as ordered."""
    return sum((shot.leaves - shot.enters for shot in job.shots), Fraction(0))


def in_frames(cut: Timeline, formats: Mapping[str, ClipFormat], fps: Fraction | None = None) -> FrameTimeline:
    """Return the film in frames, at its own rate or at `fps`. `formats` are those of the clips, by SHA-256.

    Each boundary between shots is rounded once, on the film's own time line. So rounding errors do not add up, and a
    clip has as many frames in the film as in its source.
    """
    rate = fps or film_rate(cut.jobs, formats)
    jobs: list[FrameJob] = []
    for job in cut.jobs:
        begins = jobs[-1].end if jobs else 0
        ends = max(begins, to_frame(job.end, rate))
        jobs.append(FrameJob(job, begins, ends, tuple(_shots(job, begins, ends, formats, rate))))
    return FrameTimeline(cut.story, rate, tuple(_with_transitions(jobs, rate)))


def _with_transitions(jobs: Sequence[FrameJob], rate: Fraction) -> Iterable[FrameJob]:
    """Return the jobs with the transitions of their shots, each as long as the shots have frames for."""
    if not any(shot.cut.shot.transition for job in jobs for shot in job.shots):
        return jobs
    shots = [shot for job in jobs for shot in job.shots]
    seen = [at for at, shot in enumerate(shots) if shot.length]
    for number, at in enumerate(seen):
        before = shots[seen[number - 1]] if number else None
        found = _transition(before, shots[at], rate)
        if found is not None:
            shots[at] = replace(shots[at], begins=found)
            if before is not None:
                shots[seen[number - 1]] = replace(before, ends=found)
    rest = iter(shots)
    return [replace(job, shots=tuple(islice(rest, len(job.shots)))) for job in jobs]


def _transition(before: FrameShot | None, shot: FrameShot, rate: Fraction) -> FrameTransition | None:
    wanted = shot.cut.shot.transition
    if wanted is None or wanted.kind == "cut":
        return None
    half = max(1, round(Fraction(wanted.seconds) * rate / 2))
    if before is None:
        whole = min(shot.length, max(1, round(Fraction(wanted.seconds) * rate)))
        return FrameTransition("fade", 0, whole) if wanted.kind == "fade" else None
    taken = before.begins.after if before.begins else 0
    half = min(half, before.length - taken, shot.length)
    if wanted.kind == "dissolve":
        half = min(half, _frames_after(before, rate), _frames_before(shot, rate))
    if half <= 0:
        return None
    return FrameTransition(wanted.kind, 0 if before.held else half, half)


def _frames_after(shot: FrameShot, rate: Fraction) -> int:
    """Return how many more frames the clip has of a shot that it leaves to dissolve."""
    if shot.held:
        return 0
    ends = to_frame(shot.cut.leaves + shot.cut.tail, rate)
    if shot.media is not None:
        ends = min(ends, ceil(shot.media.seconds * rate))
    return ends - shot.leaves


def _frames_before(shot: FrameShot, rate: Fraction) -> int:
    """Return how many frames of it the clip has before it enters."""
    return shot.enters - to_frame(shot.cut.enters - shot.cut.head, rate)


def _shots(
    job: CutJob, begins: int, ends: int, formats: Mapping[str, ClipFormat], rate: Fraction
) -> Iterator[FrameShot]:
    media = formats.get(job.result.sha256 or "")
    there = None if media is None else ceil(media.seconds * rate)
    start = begins
    for at, shot in enumerate(job.shots):
        until = ends if at + 1 == len(job.shots) else min(ends, max(start, to_frame(shot.end, rate)))
        enters = _enters(shot, until - start, media, rate) if job.is_by_shot else start - begins
        length = until - start
        held = 0 if there is None else max(0, min(length, enters + length - there))
        yield FrameShot(shot, job, media, start, length, enters, held)
        start = until


def _enters(shot: CutShot, length: int, media: ClipFormat | None, rate: Fraction) -> int:
    """Return the frame at which a cut shot begins, one frame earlier where rounding would go past the clip's last
    frame."""
    enters = to_frame(shot.enters, rate)
    if media is not None and enters and enters + length == to_frame(media.seconds, rate) + 1:
        return enters - 1
    return enters
