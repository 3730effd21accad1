"""Films as people watch them: any set of clips plays from end to end, and sound stays in step with the picture."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate, combinations
from pathlib import Path

import pytest

from storyboard.film import assemble
from storyboard.film.export import exported_film
from storyboard.media.probe import read_clip_format
from storyboard.run.result import JobResult, JobState, RunResult
from storyboard.story.story import Story
from tests.support.bought import jobs_of
from tests.support.films import run_of, watchable, without
from tests.support.footage import clicks, flashes, shoot
from tests.support.shots import shot, story

pytestmark = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")

FPS = 12
SCENES = ("a", "b", "c")


def played(film: Path) -> None:
    """Decode the film with a program that is not ours; it must find nothing to complain of."""
    command = ["ffmpeg", "-v", "warning", "-xerror", "-i", str(film), "-map", "0:v", "-map", "0:a", "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture(scope="module")
def three_jobs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, RunResult]:
    """Clips of one size with another rate, another sound, and none, as gateways deliver them."""
    place = tmp_path_factory.mktemp("clips")
    made = story([shot(scene, 3, scene=scene) for scene in SCENES])
    result = run_of(made, place / "store")
    clips = [
        shoot(place / "a.mp4", 3, flash=18),
        shoot(place / "b.mp4", 3, fps=24, flash=36, sound=48_000),
        shoot(place / "c.mp4", 3, sound=None),
    ]
    jobs = (
        replace(job, clip=clip, sha256=f"{at}" * 64)
        for at, (job, clip) in enumerate(zip(result.jobs, clips, strict=True))
    )
    return made, RunResult(tuple(jobs))


@pytest.mark.parametrize("missing", [each for number in range(3) for each in combinations(SCENES, number)])
def test_any_subset_of_jobs_gives_a_watchable_film(
    missing: tuple[str, ...], three_jobs: tuple[Story, RunResult], tmp_path: Path
) -> None:
    made, result = three_jobs
    film = assemble(made, without(result, *(f"{scene}#1" for scene in missing)), tmp_path / "night")
    file = watchable(film)
    assert (film.film is None) == bool(missing)
    played(file)
    found = read_clip_format(file)
    line = exported_film(made, [each.job for each in result.jobs], tmp_path / "night").line
    assert found.frames == line.frames
    assert abs(found.seconds - 9) <= Fraction(len(SCENES), 12), "the sum of the shots within one frame a join"
    assert found.has_sound


@pytest.mark.parametrize(
    ("number", "alike"),
    [
        pytest.param(6, True, id="half a minute"),
        pytest.param(6, False, id="half a minute, encoded again"),
        pytest.param(120, True, id="ten minutes", marks=pytest.mark.long),
        pytest.param(120, False, id="ten minutes, encoded again", marks=pytest.mark.long),
    ],
)
def test_sound_stays_in_step(number: int, alike: bool, tmp_path: Path) -> None:
    """Each clip has a flash and a click in the same picture, and lasts a little more than was ordered, as AAC of whole
    packets does."""
    made = story([shot(f"s{at}", 5, split_before=True) for at in range(number)])
    jobs = jobs_of(made.shots)
    lasts = [5 + Fraction(at % 3, FPS) for at in range(number)]
    kinds = {}
    for each in set(lasts):
        for rate in {44_100, 44_100 if alike else 48_000}:
            name = f"{each.numerator}-{each.denominator}-{rate}.mp4"
            kinds[each, rate] = shoot(tmp_path / name, float(each), fps=FPS, flash=30, sound=rate)
    clips = [kinds[each, 44_100 if alike or at % 2 else 48_000] for at, each in enumerate(lasts)]
    results = [
        JobResult(job, job.content, JobState.BUILT, "new", clip=clip, sha256=f"{at:064x}")
        for at, (job, clip) in enumerate(zip(jobs, clips, strict=True))
    ]
    film = assemble(made, RunResult(tuple(results)), tmp_path / "night")
    assert film.film is not None
    assert read_clip_format(film.film).seconds == sum(lasts)
    starts = list(accumulate(lasts, initial=Fraction(0)))[:-1]
    seen, heard = flashes(film.film), clicks(film.film)
    assert seen == pytest.approx([float(start + Fraction(30, FPS)) for start in starts], abs=0.5 / FPS)
    assert len(heard) == number
    assert max(abs(one - other) for one, other in zip(seen, heard, strict=True)) < 1 / FPS / 2
