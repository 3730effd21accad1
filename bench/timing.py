"""What a command takes: wall time, CPU time and memory of whole processes, in rounds that are interleaved."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60.0
"""Seconds after which a peer is stopped."""
QUICK, SLOW = 1.0, 8.0
"""Up to so many seconds a command is run in all rounds; up to so many in three; above that, once."""

LAUNCH = Path(__file__).with_name("launch.py")


@dataclass(frozen=True, slots=True)
class Taken:
    """What one run took. Seconds; `memory` is the peak of the largest of its processes, in bytes."""

    wall: float
    cpu: float
    memory: int
    code: int
    told: str


def run(
    command: Sequence[str], place: Path, surroundings: Mapping[str, str], patience: float | None = PATIENCE
) -> Taken | None:
    """Runs a command; None where it took longer than `patience` and was stopped, with all that it had begun."""
    with tempfile.TemporaryDirectory() as scratch:
        result = Path(scratch, "result")
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LAUNCH), str(result), *command],
            cwd=place,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            told, _ = process.communicate(timeout=patience)
        except BaseException as stopped:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            if isinstance(stopped, subprocess.TimeoutExpired):
                return None
            raise
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)} cannot be run: {told.decode()[-2000:]}")
        wall, cpu, memory, code = result.read_text(encoding="ascii").split()
    return Taken(float(wall), float(cpu), int(memory), int(code), told.decode(errors="replace"))


def interleaved(
    runs: Mapping[str, Callable[[], Taken | None]], rounds: int, warm_up: int = 1
) -> dict[str, list[Taken] | None]:
    """Each in turn, round by round, so that a busy moment hits all alike; None for what was stopped.

    The first `warm_up` rounds are not counted; what is slow is run less often, what is very slow only once.
    """
    taken: dict[str, list[Taken]] = {name: [] for name in runs}
    first: dict[str, float] = {}
    stopped: set[str] = set()
    for number in range(warm_up + rounds):
        for name, once in runs.items():
            wanted = enough(first.get(name, 0.0), rounds)
            spare = 0 < number < warm_up and first.get(name, 0.0) > QUICK
            if name in stopped or spare or len(taken[name]) >= wanted:
                continue
            found = once()
            if found is None:
                stopped.add(name)
                continue
            first.setdefault(name, found.wall)
            if number >= warm_up or found.wall > SLOW:
                taken[name].append(found)
    return {name: None if name in stopped else times for name, times in taken.items()}


def enough(seconds: float, rounds: int) -> int:
    """How often what takes so long is run."""
    if seconds <= QUICK:
        return rounds
    return min(rounds, 3) if seconds <= SLOW else 1


def medians(times: Sequence[Taken]) -> dict[str, float]:
    """The median of each figure."""
    return {
        "wall": statistics.median(each.wall for each in times),
        "cpu": statistics.median(each.cpu for each in times),
        "memory": statistics.median(each.memory for each in times),
    }


def surroundings(home: Path) -> dict[str, str]:
    """The environment of what is measured: folders of its own below `home`, and nothing that is told to Python."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STORYBOARD_", "PYTHON", "XDG_"))}
    ours = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "CACHE", "STATE", "DATA")}
    return kept | ours | {"STORYBOARD_STORE": str(home / "store"), "DVC_NO_ANALYTICS": "1", "NO_COLOR": "1"}
