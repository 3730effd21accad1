"""The cuts inside a clip of several shots: lists have them where they were seen, as far as that is certain."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import av
import opentimelineio as otio
import pytest

from storyboard.cards import load_catalog
from storyboard.film import assemble
from storyboard.film.export import export, exported_film
from storyboard.film.exported_film import ExportedFilm
from storyboard.film.kept_inspections import inspect_all
from storyboard.jobs.compile import compile_story
from storyboard.run.result import JobResult, JobState, RunResult
from storyboard.story.story import Story, UsedPart
from tests.support.shots import run, span, story

RATE = Fraction(24)


def make_clip(path: Path, cuts: list[int], frames: int) -> Path:
    """A clip that shows a new picture from each of these frames on."""
    with av.open(str(path), "w", format="mp4") as film:
        video = film.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "crf": "10"})
        video.width, video.height, video.pix_fmt = 160, 96, "yuv420p"
        for number in range(frames):
            part = sum(cut <= number for cut in cuts)
            picture = av.VideoFrame(160, 96, "yuv420p")
            for plane, level in zip(picture.planes, (40 + 60 * part, 128, 128), strict=True):
                plane.update(bytes([level]) * plane.buffer_size)
            picture.pts, picture.time_base = number, 1 / RATE
            film.mux(video.encode(picture))
        film.mux(video.encode(None))
    return path


def film_of(made: Story, clip: Path, folder: Path, *, looked: bool) -> ExportedFilm:
    [job] = compile_story(made, load_catalog(None)).value or ()
    sha256 = hashlib.sha256(clip.read_bytes()).hexdigest()
    result = JobResult(job, job.content, JobState.BUILT, "new", clip=clip, sha256=sha256)
    assemble(made, RunResult((result,)), folder, "night")
    if looked:
        inspect_all({sha256: clip}, folder, lambda _: None)
    return exported_film(made, [job], folder, name="night")


def places(film: ExportedFilm) -> list[tuple[float, float]]:
    timeline = otio.adapters.read_from_string(export("otio", film))
    pictures = next(track for track in timeline.tracks if track.kind == "Video")
    return [(clip.source_range.start_time.value, clip.source_range.duration.value) for clip in pictures]


@pytest.mark.parametrize(
    ("cuts", "looked", "expected"),
    [
        ([78, 140], True, [(0, 78), (78, 62), (140, 76)]),
        ([78, 140], False, [(0, 72), (72, 72), (144, 72)]),
        ([66, 80, 140], True, [(0, 72), (72, 68), (140, 76)]),
        ([], True, [(0, 72), (72, 72), (144, 72)]),
    ],
)
def test_list_has_a_cut_where_it_was_detected(
    tmp_path: Path, cuts: list[int], looked: bool, expected: list[tuple[int, int]]
) -> None:
    clip = make_clip(tmp_path / "clip.mp4", cuts, 216)
    film = film_of(story(run(3, 3, 3)), clip, tmp_path / "night", looked=looked)
    assert places(film) == expected
    assert sum(each.length for each in film.line.shots) == film.line.frames == 216


def test_film_that_takes_shots_one_by_one_keeps_its_cuts(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", [78], 144)
    shots = run(3, 3)
    made = story([replace(shots[0], part=UsedPart(Decimal(0), Decimal("2.5"), span())), shots[1]])
    film = film_of(made, clip, tmp_path / "night", looked=True)
    assert places(film) == [(0, 60), (72, 72)]
