"""Films whose pictures can be told apart: each shows the number of its clip and its own number in black and white."""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import av

from storyboard.cards import load_catalog
from storyboard.film import Film, assemble
from storyboard.film.export import exported_film
from storyboard.film.exported_film import ExportedFilm
from storyboard.jobs.compile import compile_story
from storyboard.jobs.job import Job
from storyboard.run.result import JobResult, JobState, RunResult
from storyboard.source import Source, Span
from storyboard.story.story import LocalSource, Spoken, Story, UsedPart, WordsBeside
from tests.support.pictures import save_picture
from tests.support.shots import shot, span, story

WIDTH, HEIGHT = 160, 96
_CLIP_BITS, _PICTURE_BITS = 4, 12
_BITS = _CLIP_BITS + _PICTURE_BITS
_STRIPE = WIDTH // _BITS
_SOUND_RATE = 48_000


@dataclass(frozen=True)
class Reel:
    """How a job's clip is made: its frames a second, its number of frames, whether it has sound."""

    fps: Fraction
    frames: int
    sound: bool = True


def make_numbered_clip(path: Path, clip: int, reel: Reel) -> Path:
    """A clip whose picture number n says `clip` and n; its sound is a tone."""
    with av.open(str(path), "w", format="mp4") as film:
        video = film.add_stream("libx264", rate=reel.fps, options={"preset": "ultrafast", "crf": "20", "bf": "2"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        track = film.add_stream("aac", rate=_SOUND_RATE, layout="stereo") if reel.sound else None
        for number in range(reel.frames):
            picture = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
            row = bytes(_level(clip, number, at // _STRIPE) for at in range(WIDTH))
            line = picture.planes[0].line_size
            picture.planes[0].update(row.ljust(line, b"\x10") * HEIGHT)
            for plane in picture.planes[1:]:
                plane.update(b"\x80" * plane.buffer_size)
            picture.pts, picture.time_base = number, 1 / reel.fps
            film.mux(video.encode(picture))
        film.mux(video.encode(None))
        if track is not None:
            for frame in _tone(reel.frames / reel.fps):
                film.mux(track.encode(frame))
            film.mux(track.encode(None))
    return path


def _level(clip: int, number: int, stripe: int) -> int:
    value = clip << _PICTURE_BITS | number
    return 235 if stripe < _BITS and value >> stripe & 1 else 16


def _tone(seconds: Fraction) -> Iterator[av.AudioFrame]:
    samples = [0.3 * math.sin(at / 20) for at in range(round(seconds * _SOUND_RATE))]
    for start in range(0, len(samples), 1024):
        part = samples[start : start + 1024]
        frame = av.AudioFrame(format="fltp", layout="stereo", samples=len(part))
        for plane in frame.planes:
            plane.update(struct.pack(f"{len(part)}f", *part).ljust(plane.buffer_size, b"\0"))
        frame.sample_rate, frame.pts, frame.time_base = _SOUND_RATE, start, Fraction(1, _SOUND_RATE)
        yield frame


def read_numbers(path: Path) -> list[tuple[int, int]]:
    """What each picture of a video says: its clip and its number there."""
    with av.open(str(path)) as film:
        return [_numbers(frame) for frame in film.decode(video=0)]


def _numbers(frame: av.VideoFrame) -> tuple[int, int]:
    plane = frame.planes[0]
    row = bytes(plane)[plane.line_size * (frame.height // 2) :][: frame.width]
    scale = frame.width / WIDTH
    value = sum(1 << bit for bit in range(_BITS) if row[round((bit + 0.5) * _STRIPE * scale)] > 125)
    return value >> _PICTURE_BITS, value & (1 << _PICTURE_BITS) - 1


@dataclass(frozen=True)
class BuiltFilm:
    """A film that was built of numbered clips, the jobs by which it was, and where."""

    story: Story
    jobs: tuple[Job, ...]
    film: Film

    def exported(self, beside: Path | None = None, fps: Fraction | None = None) -> ExportedFilm:
        """The film for other programs."""
        return exported_film(self.story, self.jobs, self.film.folder, beside=beside, fps=fps)


def build_numbered(story: Story, reels: Sequence[Reel | None], folder: Path, store: Path) -> BuiltFilm:
    """Build a story of which each job's clip is made like a reel, and is missing where that is None."""
    store.mkdir(parents=True, exist_ok=True)
    jobs = compile_story(story, load_catalog(None)).value
    assert jobs is not None
    assert len(jobs) == len(reels), [job.id for job in jobs]
    results = [_result(job, at, reel, store) for at, (job, reel) in enumerate(zip(jobs, reels, strict=True), 1)]
    film = assemble(story, RunResult(tuple(results)), folder, "night")
    return BuiltFilm(story, tuple(jobs), film)


def _result(job: Job, at: int, reel: Reel | None, store: Path) -> JobResult:
    if reel is None:
        return JobResult(job, job.content, JobState.RUNNING, "")
    clip = make_numbered_clip(store / f"{at}.mp4", at, reel)
    clip.chmod(0o400)
    result = JobResult(job, job.content, JobState.BUILT, "new")
    return replace(result, clip=clip, sha256=hashlib.sha256(clip.read_bytes()).hexdigest())


def every_kind_of_shot(folder: Path) -> Story:
    """A story of four jobs, with shots that share a job, a cut, a card, a still and footage, words and notes."""
    folder.mkdir(parents=True, exist_ok=True)
    save_picture(folder / "lamp.png")
    make_numbered_clip(folder / "sea.mp4", 15, Reel(Fraction(25), 100))
    place = Span(Source(folder / "night.story", "x\n"), 0, 1)
    words = WordsBeside((Spoken("Mei", "We are <late>."),), ("1999",), ("Dolly & in", "Warm light"))
    shots = [
        shot("title", Decimal("1.3"), "Night", local=LocalSource("card", "", Decimal(0), place)),
        shot("a", 3, beside=words),
        shot("灯", 2, "雨。 <b>&"),
        shot("lamp", Decimal("1.1"), "", local=LocalSource("still", "lamp.png", Decimal(0), place)),
        shot('crowd["north"]', 4, scene="river", part=UsedPart(Decimal("0.51"), Decimal("2.137"), span())),
        shot("sea", Decimal("1.25"), "", scene="river", local=LocalSource("clip", "sea.mp4", Decimal(2), place)),
        shot("b", 3, scene="river"),
        shot("c", 3, scene="temple"),
    ]
    made = story(shots)
    titles = {"s": "The arrival", "river": "The river", "temple": "The temple"}
    scenes = [replace(scene, title=titles[scene.name], notes=("At dusk",)) for scene in made.scenes]
    return replace(made, title="Lantern Night", scenes=tuple(scenes), notes=("A note",))
