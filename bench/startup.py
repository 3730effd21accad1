"""What is felt at every key press: whole processes, over an empty interpreter."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROUNDS = 9
WARM_UP = 3
"""Rounds that write bytecode, build the film, and find that there is nothing to do."""


def medians(commands: Mapping[str, Sequence[str]], folder: Path, rounds: int = ROUNDS) -> dict[str, float]:
    """Seconds of each command, the median of interleaved runs, so that a busy moment hits all alike."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "STORYBOARD_"))}
    ours = {f"XDG_{kind}_HOME": str(folder / f".{kind.lower()}") for kind in ("CONFIG", "CACHE", "STATE")}
    environment = kept | ours | {"STORYBOARD_STORE": str(folder / ".store")}
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + WARM_UP):
        for name, command in commands.items():
            started = time.perf_counter()
            subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
            if number >= WARM_UP:
                taken[name].append(time.perf_counter() - started)
    return {name: statistics.median(times) for name, times in taken.items()}


def startup(folder: Path) -> dict[str, float]:
    """The commands that do next to nothing: an unchanged film of ten jobs."""
    (folder / "storyboard.toml").write_text("[animatic]\nwidth = 128\nfps = 6\n", encoding="utf-8")
    us = str(Path(sys.executable).with_name("storyboard"))
    names = ("--version", "--help", "lint film.story", "plan film.story", "build film.story")
    commands = {"python -c pass": [sys.executable, "-c", "pass"]}
    return medians(commands | {f"storyboard {name}": [us, *name.split()] for name in names}, folder)
