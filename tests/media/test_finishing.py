"""A film changed as a whole, measured by ffmpeg: its loudness, words in its pictures; all else stays as it is."""

from __future__ import annotations

import re
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from storyboard.media.caption import Caption, Chapter, ClipRange
from storyboard.media.film_tags import FilmTags, SourceType
from storyboard.media.finishing import finish_film, gain_to
from storyboard.media.join import join

FFMPEG = shutil.which("ffmpeg")
pytestmark = pytest.mark.skipif(FFMPEG is None, reason="needs ffmpeg")


def ffmpeg(*arguments: str) -> str:
    command = [str(FFMPEG), "-hide_banner", "-nostats", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


def clip(target: Path, decibels: int, *, seconds: int = 4, size: str = "160x90") -> Path:
    """A clip with a tone."""
    sources = ["-f", "lavfi", "-i", f"testsrc2=d={seconds}:r=24:s={size}", "-f", "lavfi", "-i", f"sine=d={seconds}"]
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
    finish_film(film, louder, gain=gain, trailer=tags.xmp_box)
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


def corner(film: Path, at: float) -> bytes:
    """The upper left corner of a picture, in grey."""
    command = [str(FFMPEG), "-v", "error", "-ss", str(at), "-i", str(film), "-frames:v", "1", "-vf", "crop=120:40:0:0"]
    done = subprocess.run([*command, "-pix_fmt", "gray", "-f", "rawvideo", "-"], check=True, capture_output=True)
    return done.stdout


def difference(one: bytes, other: bytes) -> float:
    """How far two grey pictures are apart, of 255."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


def test_burned_in_words_appear_at_their_times(tmp_path: Path) -> None:
    film, labelled = clip(tmp_path / "a.mp4", -12, size="640x360"), tmp_path / "b.mp4"
    labels = [Caption("quay.boat", Fraction(0), Fraction(2)), Caption("到达.灯", Fraction(2), Fraction(3))]
    finish_film(film, labelled, labels=labels)
    command = [str(shutil.which("ffprobe")), "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time"]
    times = [
        sorted(subprocess.run([*command, str(each)], check=True, capture_output=True, text=True).stdout.split())
        for each in (film, labelled)
    ]
    assert times[0] == times[1]
    one, two, none = (corner(labelled, at) for at in (1, 2.5, 3.5))
    assert difference(one, corner(film, 1)) > 10
    assert difference(two, corner(film, 2.5)) > 10
    assert difference(one, two) > 5
    assert difference(none, corner(film, 3.5)) < 6
    assert loudness_of(labelled) == pytest.approx(loudness_of(film), abs=0.3)
