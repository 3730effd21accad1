"""`storyboard export --media`, killed in the middle: what was made stays, and the same command goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from storyboard.media.probe import read_clip_format
from tests.support.cli import Cli
from tests.support.waiting import PATIENCE

SHOTS = 6
SETTINGS = "[animatic]\nwidth = 320\nfps = 24\n"
STORY = 'edition 1\n\nstory "Night"\n  .model kirin_v3_t2v\n' + "".join(
    f"\nshot s{number} 3s\n  .pack shot\n  Paper lanterns drift past boat {number}.\n" for number in range(SHOTS)
)


KILLED = """
import os, runpy, signal, sys
records = []
def kill(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith(".copies.json"):
        records.append(arguments)
        if len(records) == 6:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(kill)
sys.argv = ["storyboard", *sys.argv[1:]]
runpy.run_module("storyboard", run_name="__main__", alter_sys=True)
"""


def recorded(folder: Path) -> list[str]:
    """The copies that are finished, as far as it was recorded."""
    file = folder / ".copies.json"
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return sorted(name for name, (*_, size) in known.items() if size)


def test_copies_are_resumed_after_a_kill(cli: Cli) -> None:
    cli.write("storyboard.toml", SETTINGS)
    cli.write("night.story", STORY)
    assert cli("build").code == 0
    command = ("export", "otio", "--media", "dnxhr")
    copies = cli.folder / "build/night/media-dnxhr"
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *command],
        cwd=cli.folder,
        env=cli.environment,
        capture_output=True,
        check=False,
        timeout=PATIENCE,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    before = recorded(copies)
    assert len(before) == 2 and len(list(copies.glob("*.mov"))) == 3, "it was killed before the third was recorded"
    stamps = {name: (copies / name).stat().st_mtime_ns for name in before}
    assert not (cli.folder / "build/night/night.otio").exists(), "no list that links to missing copies"
    again = cli(*command)
    assert again.code == 0
    assert f"{SHOTS - len(before)} of {SHOTS} copies to make" in again.err
    assert {name: (copies / name).stat().st_mtime_ns for name in before} == stamps
    assert [read_clip_format(copy).frames for copy in copies.glob("*.mov")] == [3 * 24] * SHOTS
    assert not list(copies.glob(".*.part"))
    assert "copies to make" not in cli(*command).err
