"""A film at the loudness that was asked for, measured by ffmpeg; everything else stays as it is."""

from __future__ import annotations

import re
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from storyboard.media.caption import Caption, Chapter, ClipRange
from storyboard.media.film_tags import FilmTags, SourceType
from storyboard.media.join import join
from storyboard.media.loudness import amplify, gain_to

FFMPEG = shutil.which("ffmpeg")
pytestmark = pytest.mark.skipif(FFMPEG is None, reason="needs ffmpeg")


def ffmpeg(*arguments: str) -> str:
    command = [str(FFMPEG), "-hide_banner", "-nostats", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


def clip(target: Path, decibels: int, *, seconds: int = 4) -> Path:
    """A clip with a tone."""
    sources = ["-f", "lavfi", "-i", f"testsrc2=d={seconds}:r=24:s=160x90", "-f", "lavfi", "-i", f"sine=d={seconds}"]
    ffmpeg("-y", *sources, "-af", f"volume={decibels}dB", "-c:v", "libx264", "-bf", "2", "-c:a", "aac", str(target))
    return target


def loudness_of(film: Path) -> float:
    told = ffmpeg("-i", str(film), "-af", "ebur128", "-f", "null", "-")
    return float(re.findall(r"I: +(-?[\d.]+) LUFS", told)[-1])


def shown(film: Path) -> str:
    """A hash of the pictures and their times."""
    command = [str(FFMPEG), "-v", "error", "-i", str(film), "-map", "0:v", "-c", "copy", "-f", "framemd5", "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_a_film_gets_the_loudness_asked_for_and_keeps_everything_else(tmp_path: Path) -> None:
    clips = [clip(tmp_path / f"{at}.mp4", -12) for at in range(2)]
    tags = FilmTags("Night", SourceType.DRAWN)
    captions = [[Caption(name, Fraction(0), Fraction(4))] for name in "ab"]
    film = tmp_path / "film.mp4"
    joined = join(
        [ClipRange(each) for each in clips], captions, film, tags=tags, chapters=[Chapter("A", 0), Chapter("B", 1)]
    )
    assert joined.copied
    gain = gain_to(film, -23)
    louder = tmp_path / "louder.mp4"
    amplify(film, gain, louder, tags.xmp_box)
    assert loudness_of(louder) == pytest.approx(-23, abs=0.3)
    assert shown(louder) == shown(film)
    for words in ("title           : Night", "Chapter #0:1", "mov_text", "title           : B"):
        assert words in ffmpeg("-i", str(louder), "-f", "null", "-")
    assert tags.xmp_box in louder.read_bytes()
    assert gain_to(louder, -23) == pytest.approx(0, abs=0.2)


def test_peaks_stay_below_the_ceiling(tmp_path: Path) -> None:
    film = clip(tmp_path / "a.mp4", 0)
    assert loudness_of(film) + gain_to(film, -5) < -5


def test_a_silent_film_stays_silent(tmp_path: Path) -> None:
    assert gain_to(clip(tmp_path / "a.mp4", -90), -16) == 0
    mute = tmp_path / "b.mp4"
    ffmpeg("-y", "-f", "lavfi", "-i", "testsrc2=d=1:r=24:s=160x90", str(mute))
    assert gain_to(mute, -16) == 0
