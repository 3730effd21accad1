"""`build --loudness` and `--burn-in`: the film as asked for, made again for free when something else is asked for."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.cli import Cli

FFMPEG = shutil.which("ffmpeg")
pytestmark = pytest.mark.skipif(FFMPEG is None, reason="needs ffmpeg")
STORY = 'story "T"\n  .model kirin_v3_t2v\n\nshot a 3s\n  .clip tone.mp4\n\nshot b 2s\n  .card\n  The end\n'


def loudness_of(film: Path) -> float:
    command = [str(FFMPEG), "-hide_banner", "-i", str(film), "-af", "ebur128", "-f", "null", "-"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    return float(re.findall(r"I: +(-?[\d.]+) LUFS", told)[-1])


def test_loudness_is_applied_on_request_and_otherwise_unchanged(cli: Cli) -> None:
    cli.write("t.story", STORY)
    cli.write("storyboard.toml", "[animatic]\nwidth = 160\nfps = 12\n")
    sources = ("-f", "lavfi", "-i", "testsrc2=d=4:r=12:s=160x90", "-f", "lavfi", "-i", "sine=d=4")
    command = [str(FFMPEG), "-v", "error", *sources, "-af", "volume=-12dB", str(cli.folder / "tone.mp4")]
    subprocess.run(command, check=True)
    film = cli.folder / "build/t/t.mp4"
    assert cli("build").code == 0
    before = film.read_bytes()
    assert cli("build", "--loudness", "-23").code == 0
    assert loudness_of(film) == pytest.approx(-23, abs=0.5)
    louder = film.stat()
    assert cli("build", "--loudness", "-23").code == 0
    assert film.stat().st_mtime_ns == louder.st_mtime_ns
    assert cli("build").code == 0
    assert film.read_bytes() == before
    assert cli("build", "--burn-in").code == 0
    assert film.read_bytes() != before
    assert cli("build").code == 0
    assert film.read_bytes() == before


def test_impossible_loudness_is_refused(cli: Cli) -> None:
    cli.write("t.story", STORY)
    assert cli("build", "--loudness", "3").code == 2
