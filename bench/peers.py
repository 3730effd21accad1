"""Nothing to do, and one thing changed: the tools that people would use instead, each on as many jobs of its own.

A job of a peer copies a small file; a job of ours is a clip that was rendered, kept, checked and joined into a film of
100 jobs. The first build of each is not timed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("doit", "scons", "snakemake", "dvc", "ninja")
PATIENCE = 60.0
"""Seconds after which a peer is stopped."""
QUICK, ROUNDS = 2.0, 9
"""What takes longer than so many seconds is measured once."""
JOBS_A_STORY = 100


@dataclass(frozen=True)
class Peer:
    """A tool: how its work is written and brought up to date, and the command that then has nothing to do."""

    name: str
    write: Callable[[Path, int], None]
    first: Sequence[str]
    command: Sequence[str]


def environment(folder: Path) -> Path:
    """The programs' folder of an environment with the peers in it, made once."""
    programs = folder / "bin"
    if not (programs / "dvc").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([programs / "python", "-m", "pip", "install", "-q", *PACKAGES], check=True)
    return programs


def peers(programs: Path) -> list[Peer]:
    """All of them, ours first."""
    ours = str(Path(sys.executable).with_name("storyboard"))
    ninja = shutil.which("ninja") or str(programs / "ninja")
    snakemake = [str(programs / "snakemake"), "-q", "all", "--cores", "1"]
    return [
        Peer("storyboard build", _stories, [ours, "build"], [ours, "build"]),
        Peer("storyboard plan", _stories, [ours, "build"], [ours, "plan", "--provider", "animatic"]),
        Peer("GNU make", _make, ["make", "-rRs"], ["make", "-rRs"]),
        Peer("ninja", _ninja, [ninja, "--quiet"], [ninja]),
        Peer("doit", _doit, [str(programs / "doit"), "-v0"], [str(programs / "doit"), "-v0"]),
        Peer("SCons", _scons, [str(programs / "scons"), "-Q", "-s"], [str(programs / "scons"), "-Q", "-s"]),
        Peer("Snakemake", _snakemake, [*snakemake, "--touch"], snakemake),
        Peer("DVC status", _dvc, [], [str(programs / "dvc"), "status", "-q"]),
    ]


def measure(work: Path, sizes: Sequence[int]) -> dict[int, dict[str, tuple[float | None, float | None]]]:
    """For each number of jobs and each tool: seconds with nothing to do, and with one job changed; None: stopped."""
    programs = environment(work / "peers")
    return {size: _of_size(work, size, peers(programs)) for size in sizes}


def _of_size(work: Path, size: int, tools: Sequence[Peer]) -> dict[str, tuple[float | None, float | None]]:
    ready = {tool.name: tool for tool in tools if _prepared(tool, work, size)}
    stopped: set[str] = set()
    idle: dict[str, list[float]] = {name: [] for name in ready}
    for number in range(ROUNDS + 1):
        for name, tool in ready.items():
            if name in stopped or (number > 1 and idle[name][0] > QUICK):
                continue
            seconds = _run(tool.command, _place(work, size, tool), work)
            if seconds is None:
                stopped.add(name)
            elif number:  # the first round fills caches
                idle[name].append(seconds)
    told = {name: statistics.median(times) if times else None for name, times in idle.items()}
    changed = {name: _changed(work, size, tool) for name, tool in ready.items() if told[name] is not None}
    return {tool.name: (told.get(tool.name), changed.get(tool.name)) for tool in tools}


def _prepared(tool: Peer, work: Path, size: int) -> bool:
    """Whether the tool's work is there and up to date; it is kept for the next measurement."""
    place = _place(work, size, tool)
    done = place.with_name(f"{place.name}.done")
    if not done.exists():
        place.mkdir(parents=True, exist_ok=True)
        tool.write(place, size)
        ours = tool.name.startswith("storyboard")
        if tool.first and _run(tool.first, place, work, None if ours else PATIENCE) is None:
            return False
        done.touch()
    if tool.name.startswith("storyboard"):
        _run(tool.first, place, work, None)
    return True


def _place(work: Path, size: int, tool: Peer) -> Path:
    return work / str(size) / tool.write.__name__.strip("_")


def _run(command: Sequence[str], place: Path, work: Path, patience: float | None = PATIENCE) -> float | None:
    """Seconds; None where it was stopped. DVC tells by its exit code that something changed."""
    started = time.perf_counter()
    try:
        done = subprocess.run(
            command,
            check=False,
            cwd=place,
            env=_surroundings(work),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=patience,
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode and "status" not in command:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr.decode()[-2000:]}")
    return time.perf_counter() - started


def _surroundings(work: Path) -> Mapping[str, str]:
    ours = {f"XDG_{kind}_HOME": str(work / kind.lower()) for kind in ("CONFIG", "CACHE", "STATE", "DATA")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STORYBOARD_", "PYTHON"))}
    return kept | ours | {"STORYBOARD_STORE": str(work / "store"), "DVC_NO_ANALYTICS": "1"}


def _changed(work: Path, size: int, tool: Peer) -> float | None:
    """One input is edited, and the tool brings its output up to date; DVC only says that it is not."""
    place = _place(work, size, tool)
    source = place / "film000.story" if tool.write is _stories else place / "in" / "0"
    text = source.read_text()
    time.sleep(1.1)
    source.write_text(
        text.replace("number 0.", f"number 0, {time.time_ns()}.") + ("" if "story" in source.name else "x")
    )
    try:
        seconds = _run(tool.command, place, work)
        if tool.first and not source.name.endswith(".story") and seconds is not None:
            assert (place / "out" / "0").read_text() == source.read_text(), f"{tool.name} did not do it"
        return seconds
    finally:
        source.write_text(text)
        if tool.first:
            _run(tool.first, place, work, None)


def _inputs(place: Path, size: int) -> None:
    for name in ("in", "out"):
        (place / name).mkdir(exist_ok=True)
    for number in range(size):
        (place / "in" / str(number)).write_text(f"Boat number {number}.\n")


def _stories(place: Path, size: int) -> None:
    (place / "storyboard.toml").write_text("[animatic]\nwidth = 64\nfps = 1\n")
    for story in range(size // JOBS_A_STORY):
        top = f'edition 1\n\nstory "Film {story}"\n  .model kirin_v3_t2v\n'
        shots = "".join(
            f"\nshot s{number} 3s\n  .pack shot\n  Boat number {story * JOBS_A_STORY + number}.\n"
            for number in range(JOBS_A_STORY)
        )
        (place / f"film{story:03}.story").write_text(top + shots)


def _make(place: Path, size: int) -> None:
    _inputs(place, size)
    outs = " ".join(f"out/{number}" for number in range(size))
    rules = "".join(f"out/{number}: in/{number}\n\tcp $< $@\n" for number in range(size))
    (place / "Makefile").write_text(f"all: {outs}\n{rules}")


def _ninja(place: Path, size: int) -> None:
    _inputs(place, size)
    rules = "".join(f"build out/{number}: copy in/{number}\n" for number in range(size))
    (place / "build.ninja").write_text(f"rule copy\n  command = cp $in $out\n{rules}")


def _doit(place: Path, size: int) -> None:
    _inputs(place, size)
    (place / "dodo.py").write_text(
        "import shutil\n\ndef task_copy():\n"
        f"    for n in map(str, range({size})):\n"
        "        yield {'name': n, 'actions': [(shutil.copyfile, ['in/' + n, 'out/' + n])],\n"
        "               'file_dep': ['in/' + n], 'targets': ['out/' + n]}\n\n"
        "DOIT_CONFIG = {'verbosity': 0}\n"
    )


def _scons(place: Path, size: int) -> None:
    _inputs(place, size)
    (place / "SConstruct").write_text(
        "env = Environment(tools=[])\n"
        f"for n in map(str, range({size})):\n    env.Command('out/' + n, 'in/' + n, Copy('$TARGET', '$SOURCE'))\n"
    )


def _snakemake(place: Path, size: int) -> None:
    _inputs(place, size)
    for number in range(size):
        (place / "out" / str(number)).write_text(f"Boat number {number}.\n")
    (place / "Snakefile").write_text(
        f"rule all:\n    input: expand('out/{{n}}', n=range({size}))\n\n"
        "rule copy:\n    input: 'in/{n}'\n    output: 'out/{n}'\n    shell: 'cp {input} {output}'\n"
    )


def _dvc(place: Path, size: int) -> None:
    """Its lock is written as it would write it: running so many stages takes minutes."""
    _inputs(place, size)
    subprocess.run([place.parents[1] / "peers" / "bin" / "dvc", "init", "--no-scm", "-q", "-f"], cwd=place, check=True)
    stages, locked = ["stages:"], ["schema: '2.0'", "stages:"]
    for number in range(size):
        text = f"Boat number {number}.\n"
        (place / "out" / str(number)).write_text(text)
        told = f"hash: md5, md5: {hashlib.md5(text.encode()).hexdigest()}, size: {len(text)}"
        command = f"cmd: cp in/{number} out/{number}"
        stages.append(f"  s{number}: {{{command}, deps: [in/{number}], outs: [out/{number}: {{cache: false}}]}}")
        locked.append(
            f"  s{number}: {{{command}, deps: [{{path: in/{number}, {told}}}], outs: [{{path: out/{number}, {told}}}]}}"
        )
    (place / "dvc.yaml").write_text("\n".join(stages) + "\n")
    (place / "dvc.lock").write_text("\n".join(locked) + "\n")
