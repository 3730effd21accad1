"""What is seen in clips, against clips whose faults are known and against ffmpeg's own detectors."""

from __future__ import annotations

import re
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from storyboard.errors import StoryboardError
from storyboard.media.clip_inspection import inspect_clip
from storyboard.media.inspection import FrameSpan

FFMPEG = shutil.which("ffmpeg")
pytestmark = pytest.mark.skipif(FFMPEG is None, reason="needs ffmpeg")
SIZE = "s=320x180:r=24"
MOVING = f"testsrc2={SIZE}"
OTHER = f"mandelbrot={SIZE}:start_scale=1"


def made(target: Path, graph: str, *more: str) -> Path:
    """A clip that ffmpeg makes from a graph with the output `v`, and `a` where there is sound."""
    sound = ("-map", "[a]", "-c:a", "aac") if "[a]" in graph else ()
    command = [str(FFMPEG), "-v", "error", "-y", "-filter_complex", graph, "-map", "[v]", *sound]
    subprocess.run([*command, "-c:v", "libx264", "-pix_fmt", "yuv420p", *more, str(target)], check=True)
    return target


def ffmpeg_says(file: Path, detector: str, words: str) -> list[float]:
    """The times that a detector of ffmpeg gives, in seconds."""
    done = subprocess.run(
        [str(FFMPEG), "-v", "info", "-i", str(file), "-vf", detector, "-an", "-f", "null", "-"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [float(each) for each in re.findall(words + r"[:=] ?([\d.]+)", done.stderr)]


@pytest.mark.parametrize("bframes", ["0", "3"])
def test_a_cut_is_found_at_its_frame(tmp_path: Path, bframes: str) -> None:
    graph = f"{MOVING}:d=2[x];{OTHER}:duration=1[y];smptehdbars={SIZE}:d=1[z];[x][y][z]concat=n=3[v]"
    if "mandelbrot" in graph:
        graph = graph.replace(f"{OTHER}:duration=1", f"{OTHER},trim=duration=1,setpts=PTS-STARTPTS")
    seen = inspect_clip(made(tmp_path / "a.mp4", graph, "-bf", bframes))
    assert seen.fps == 24 and seen.frames == 96
    assert seen.cuts == (48, 72)


def test_movement_and_slow_dissolves_are_not_cuts(tmp_path: Path) -> None:
    graph = f"{MOVING}:d=3[x];smptehdbars={SIZE}:d=3[y];[x][y]xfade=duration=1:offset=2[v]"
    assert inspect_clip(made(tmp_path / "a.mp4", graph)).cuts == ()


def test_a_black_stretch_is_where_ffmpeg_finds_it(tmp_path: Path) -> None:
    graph = f"{MOVING}:d=1[x];color=black:{SIZE}:d=1[y];{MOVING}:d=1[z];[x][y][z]concat=n=3[v]"
    file = made(tmp_path / "a.mp4", graph)
    seen = inspect_clip(file)
    assert seen.black == (FrameSpan(24, 48),)
    assert ffmpeg_says(file, "blackdetect=d=0.5", "black_start") == [1.0]


def test_a_frozen_stretch_is_where_ffmpeg_finds_it(tmp_path: Path) -> None:
    file = made(tmp_path / "a.mp4", f"{MOVING}:d=3,loop=loop=48:size=1:start=24[v]")
    seen = inspect_clip(file)
    [frozen] = [each for each in seen.frozen if each.end - each.start > 24]
    [start] = ffmpeg_says(file, "freezedetect=n=0.001:d=1", "freeze_start")
    [lasts] = ffmpeg_says(file, "freezedetect=n=0.001:d=1", "freeze_duration")
    assert abs(frozen.start - start * 24) <= 1
    assert abs(frozen.end - frozen.start - lasts * 24) <= 1


def test_a_clip_that_moves_is_not_frozen_or_black(tmp_path: Path) -> None:
    seen = inspect_clip(made(tmp_path / "a.mp4", f"{MOVING}:d=3[v]"))
    assert seen.black == ()
    assert all(each.end - each.start < 24 for each in seen.frozen)


def test_loudness_tells_silence_from_sound(tmp_path: Path) -> None:
    graph = f"{MOVING}:d=2[v];sine=f=440:d=1[s];anullsrc=r=44100:d=1[q];[s][q]concat=n=2:v=0:a=1[a]"
    seen = inspect_clip(made(tmp_path / "a.mp4", graph))
    assert seen.loudness is not None
    assert min(seen.loudness[1:9]) > -30
    assert max(seen.loudness[12:19]) < -60
    assert inspect_clip(made(tmp_path / "b.mp4", f"{MOVING}:d=1[v]")).loudness is None


@pytest.mark.parametrize("rate", ["24", "25", "30000/1001"])
def test_measured_rate_is_the_rate_of_the_clip(tmp_path: Path, rate: str) -> None:
    seen = inspect_clip(made(tmp_path / "a.mp4", f"testsrc2=s=320x180:r={rate}:d=1[v]"))
    assert seen.fps == Fraction(rate)


def test_damaged_file_is_an_error_and_not_a_crash(tmp_path: Path) -> None:
    whole = made(tmp_path / "a.mp4", f"{MOVING}:d=1[v]").read_bytes()
    for number, content in enumerate((b"", b"no film", whole[: len(whole) // 2])):
        file = tmp_path / f"{number}.mp4"
        file.write_bytes(content)
        with pytest.raises(StoryboardError):
            inspect_clip(file)
