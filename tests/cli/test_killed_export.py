"""`storyboard export --media`, killed in the middle: what was made stays, and the same command goes on."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from storyboard.media.probe import read_clip_format
from tests.support.cli import Cli
from tests.support.waiting import PATIENCE

SHOTS = 6
SETTINGS = "[animatic]\nwidth = 320\nfps = 24\n"
STORY = 'edition 1\n\nstory "Night"\n  .model kirin_v3_t2v\n' + "".join(
    f"\nshot s{number} 3s\n  .pack shot\n  Paper lanterns drift past boat {number}.\n" for number in range(SHOTS)
)


def recorded(folder: Path) -> list[str]:
    file = folder / ".copies.json"
    return sorted(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else []


def test_copies_are_resumed_after_a_kill(cli: Cli) -> None:
    cli.write("storyboard.toml", SETTINGS)
    cli.write("night.story", STORY)
    assert cli("build").code == 0
    command = ("export", "otio", "--media", "dnxhr")
    copies = cli.folder / "build/night/media-dnxhr"
    killed = subprocess.Popen(
        [sys.executable, "-m", "storyboard", *command],
        cwd=cli.folder,
        env=cli.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + PATIENCE
    while len(recorded(copies)) < 2 and killed.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
    killed.kill()
    killed.wait()
    before = recorded(copies)
    assert 2 <= len(before) < SHOTS, "it was killed in the middle"
    stamps = {name: (copies / name).stat().st_mtime_ns for name in before}
    assert not (cli.folder / "build/night/night.otio").exists(), "no list that links to missing copies"
    again = cli(*command)
    assert again.code == 0
    assert f"{SHOTS - len(before)} of {SHOTS} copies to make" in again.err
    assert {name: (copies / name).stat().st_mtime_ns for name in before} == stamps
    assert [read_clip_format(copy).frames for copy in copies.glob("*.mov")] == [3 * 24] * SHOTS
    assert not list(copies.glob(".*.part"))
    assert "copies to make" not in cli(*command).err
