"""Nothing to do, and one thing changed: each tool on as many jobs of its own, and every answer checked."""

from __future__ import annotations

import re
import stat
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.peers import OUT, Tool, tools
from bench.rows import Row, Rows
from bench.timing import PATIENCE, Taken, interleaved, medians, run, surroundings
from bench.tools import Bench

NOTHING, CHANGED = "nothing to do", "one job changed"
ALONE = (1, 10)
"""Numbers of jobs at which only we are measured: what a start costs, and how it grows."""
SIZES = (100, 1_000, 10_000)
VERSION, COMMAND = "version", "command"
QUESTIONS = (NOTHING, CHANGED)
ROUNDS, EDITS = 9, 5
WARM_UP = 3
"""Runs that are not counted: they fill caches, and write down that there was nothing to do."""
STILL = 0.1
"""Seconds between an edit and the run that is to see it: no clock of a file system is then too coarse."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the tools have their work of one size."""

    folder: Path
    jobs: int
    surroundings: Mapping[str, str]

    def place(self, tool: Tool) -> Path:
        """The folder of a tool's work."""
        return self.folder / tool.place

    def run(self, tool: Tool, command: Sequence[str] | None = None, patience: float | None = PATIENCE) -> Taken | None:
        """Runs a command there, else the tool's own; raises RuntimeError when it fails."""
        taken = run(command or tool.command, self.place(tool), self.surroundings, patience)
        if taken is not None and taken.code:
            raise RuntimeError(f"{tool.name} failed: {taken.told[-2000:]}")
        return taken


def measure(bench: Bench, sizes: Sequence[int] = SIZES, alone: Sequence[int] = ALONE, rounds: int = ROUNDS) -> Rows:
    """Wall and CPU seconds and memory of each tool at each size; raises RuntimeError for a wrong answer of any."""
    rows = [row for tool in tools(bench) for row in _about(bench, tool)]
    given_up: dict[str, int] = {}
    for jobs in (*alone, *sizes):
        able = [tool for tool in tools(bench) if jobs in sizes or tool.ours]
        rows += [_not_tried(question, tool, jobs, given_up) for tool in able for question in QUESTIONS]
        rows += _of_size(bench, jobs, [tool for tool in able if tool.name not in given_up], rounds, given_up)
    return Rows(tuple(row for row in rows if row.figures or row.note))


def _about(bench: Bench, tool: Tool) -> Iterator[Row]:
    """Which version of the tool it is, and what is typed."""
    taken = run((tool.command[0], "--version"), bench.work, surroundings(bench.work / "home"))
    version = re.search(r"\d+(\.\d+)+", taken.told) if taken else None
    yield Row(VERSION, tool.name, 0, {}, version[0] if version else "?")
    yield Row(COMMAND, tool.name, 0, {}, " ".join((Path(tool.command[0]).name, *tool.command[1:])))


def _not_tried(question: str, tool: Tool, jobs: int, given_up: Mapping[str, int]) -> Row:
    note = f"not tried: stopped at {given_up[tool.name]:,}" if tool.name in given_up else ""
    return Row(question, tool.name, jobs, {}, note)


def _of_size(bench: Bench, jobs: int, wanted: Sequence[Tool], rounds: int, given_up: dict[str, int]) -> Iterator[Row]:
    site = Site(bench.work / str(jobs), jobs, surroundings(bench.work / str(jobs) / "home"))
    ready = [tool for tool in wanted if _prepared(site, tool)]
    before = {tool.name: _made(site.place(tool)) for tool in ready}
    idle = interleaved({tool.name: partial(site.run, tool) for tool in ready}, rounds, min(WARM_UP, rounds))
    active = [tool for tool in ready if idle[tool.name] is not None]
    for tool in active:
        if _made(site.place(tool)) != before[tool.name]:
            raise RuntimeError(f"{tool.name} had nothing to do and did something")
    edited = interleaved({tool.name: partial(_change, site, tool) for tool in active}, min(rounds, EDITS))
    for tool in wanted:
        for question, times in ((NOTHING, idle.get(tool.name)), (CHANGED, edited.get(tool.name))):
            if times:
                yield Row(question, tool.name, jobs, medians(times))
            else:
                given_up[tool.name] = jobs
                yield Row(question, tool.name, jobs, {"over": PATIENCE}, f"stopped at {PATIENCE:.0f} s")


def _prepared(site: Site, tool: Tool) -> bool:
    """Whether the tool's work is there and up to date; it is kept for the next measurement."""
    place = site.place(tool)
    done = place.with_name(f"{place.name}.done")
    fresh = not done.exists()
    if fresh:
        print(f"{tool.name}: preparing {site.jobs:,} jobs", file=sys.stderr, flush=True)
        place.mkdir(parents=True, exist_ok=True)
        tool.write(place, site.jobs)
    if tool.first and (tool.ours or fresh) and site.run(tool, tool.first, None if tool.ours else PATIENCE) is None:
        return False
    done.touch()
    return True


def _change(site: Site, tool: Tool) -> Taken | None:
    """Edits the first input, and runs the command, which must do what follows from that, and nothing else."""
    place = site.place(tool)
    before = _made(place)
    text = _edit(place, tool)
    time.sleep(STILL)
    taken = site.run(tool, tool.command)
    if taken is None:
        return None
    after = _made(place)
    changed = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    matched = [pattern for pattern in tool.touches for name in changed if re.fullmatch(pattern, name)]
    right = sorted(matched) == sorted(tool.touches) and len(changed) == len(matched)
    if not right or not re.search(tool.says, taken.told):
        raise RuntimeError(f"{tool.name} made {changed} of one edit, and said: {taken.told[-2000:]}")
    if OUT in tool.touches and (place / OUT).read_text(encoding="utf-8") != text:
        raise RuntimeError(f"{tool.name} made something else of the edit")
    return taken


def _edit(place: Path, tool: Tool) -> str:
    """Another text for the first job; what its input then holds."""
    source = place / ("film000.story" if tool.ours else "in/0")
    text = re.sub(r"Boat number 0[^.]*", f"Boat number 0, edited {time.time_ns()}", source.read_text(encoding="utf-8"))
    source.write_text(text, encoding="utf-8")
    return text


def _made(place: Path) -> dict[str, tuple[int, int, int]]:
    """Each file that a tool has made, with what tells whether it was made anew."""
    files = (file for folder in ("out", "build") for file in (place / folder).rglob("*"))
    told = ((file, file.stat()) for file in files)
    return {
        str(file.relative_to(place)): (found.st_ino, found.st_mtime_ns, found.st_size)
        for file, found in told
        if stat.S_ISREG(found.st_mode)
    }
