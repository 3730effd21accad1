"""Nothing to do, and one thing changed: each tool on as many jobs of its own, and every answer checked."""

from __future__ import annotations

import re
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias

from bench.peers import OUT, Tool, tools
from bench.rows import Row, Rows
from bench.timing import PATIENCE, Taken, interleaved, medians, run, surroundings
from bench.tools import Bench

NOTHING, CHANGED = "nothing to do", "one job changed"
Made: TypeAlias = dict[str, tuple[int, int, int]]
"""Files, each with what tells whether it was made anew: inode, time of content, size."""

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


class WrongAnswer(Exception):
    """A tool did not do, or did not say, what it should."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the tools have their work of one size; `failed` are those that did not do it as they should."""

    folder: Path
    jobs: int
    surroundings: Mapping[str, str]
    failed: set[str] = field(default_factory=set)

    def place(self, tool: Tool) -> Path:
        """The folder of a tool's work."""
        return self.folder / tool.place

    def run(self, tool: Tool, command: Sequence[str] | None = None, patience: float | None = PATIENCE) -> Taken | None:
        """Runs a command there, else the tool's own; raises WrongAnswer when it fails."""
        taken = run(command or tool.command, self.place(tool), self.surroundings, patience)
        if taken is not None and taken.code:
            raise WrongAnswer(f"{tool.name} failed: {taken.told[-2000:]}")
        return taken

    def tried(self, tool: Tool, once: Callable[[Site, Tool], Taken | None]) -> Taken | None:
        """One run; a wrong answer of ours ends the bench, one of a peer ends its measurement and is told."""
        try:
            return once(self, tool)
        except WrongAnswer as wrong:
            if tool.ours:
                raise
            print(wrong, file=sys.stderr, flush=True)
            self.failed.add(tool.name)
            _marker(self.place(tool)).unlink(missing_ok=True)
            return None


def measure(bench: Bench, sizes: Sequence[int] = SIZES, alone: Sequence[int] = ALONE, rounds: int = ROUNDS) -> Rows:
    """Wall and CPU seconds and memory of each tool at each size; raises WrongAnswer for one of ours."""
    rows = [row for tool in tools(bench) for row in _about(bench, tool)]
    left_out: dict[str, str] = {}
    for jobs in (*alone, *sizes):
        print(f"nothing to do, one job changed: {jobs:,}", file=sys.stderr, flush=True)
        able = [tool for tool in tools(bench) if jobs in sizes or tool.ours]
        for tool in able:
            if tool.name in left_out:
                rows += _without(tool, jobs, left_out[tool.name])
        found = list(_of_size(bench, jobs, [tool for tool in able if tool.name not in left_out], rounds))
        peers = (row for row in found if not row.tool.startswith("storyboard"))
        left_out |= {row.tool: f"not tried: {_told(row)} at {jobs:,}" for row in peers if _is_hopeless(row)}
        rows += found
    return Rows(tuple(rows))


def _is_hopeless(row: Row) -> bool:
    """Whether ten times as much need not be tried."""
    return bool(row.note) or row.figures["wall"] * 10 > 2 * PATIENCE


def _told(row: Row) -> str:
    return row.note or f"{row.figures['wall']:.0f} s"


def _about(bench: Bench, tool: Tool) -> Iterator[Row]:
    """Which version of the tool it is, and what is typed."""
    taken = run((tool.command[0], "--version"), bench.work, surroundings(bench.work / "home"))
    version = re.search(r"\d+(\.\d+)+", taken.told) if taken else None
    yield Row(VERSION, tool.name, 0, {}, version[0] if version else "?")
    yield Row(COMMAND, tool.name, 0, {}, " ".join((Path(tool.command[0]).name, *tool.command[1:])))


def _without(tool: Tool, jobs: int, why: str) -> list[Row]:
    return [Row(question, tool.name, jobs, {}, why) for question in QUESTIONS]


def _of_size(bench: Bench, jobs: int, wanted: Sequence[Tool], rounds: int) -> Iterator[Row]:
    site = Site(bench.work / str(jobs), jobs, surroundings(bench.work / str(jobs) / "home"))
    shutil.rmtree(site.surroundings["XDG_CACHE_HOME"], ignore_errors=True)  # as on a machine that only knows this one
    ready = [tool for tool in wanted if _prepared(site, tool)]
    before = {tool.name: _made(site.place(tool)) for tool in ready}
    idle = interleaved({tool.name: partial(site.tried, tool, _nothing) for tool in ready}, rounds, min(WARM_UP, rounds))
    active = [tool for tool in ready if idle[tool.name] is not None]
    for tool in active:
        if _made(site.place(tool)) != before[tool.name]:
            raise WrongAnswer(f"{tool.name} had nothing to do and did something")
    edited = interleaved({tool.name: partial(site.tried, tool, _change) for tool in active}, min(rounds, EDITS))
    for tool in wanted:
        if tool not in ready:
            why = "failed" if tool.name in site.failed else f"stopped at {PATIENCE:.0f} s"
            yield from _without(tool, jobs, f"its first build {why}")
            continue
        yield _row(NOTHING, site, tool, idle[tool.name])
        if tool in active:
            yield _row(CHANGED, site, tool, edited[tool.name])
        else:
            yield Row(CHANGED, tool.name, jobs, {}, "not tried")


def _row(question: str, site: Site, tool: Tool, taken: Sequence[Taken] | None) -> Row:
    if taken is not None:
        return Row(question, tool.name, site.jobs, medians(taken))
    if tool.name in site.failed:
        return Row(question, tool.name, site.jobs, {}, "failed")
    return Row(question, tool.name, site.jobs, {"over": PATIENCE}, f"stopped at {PATIENCE:.0f} s")


def _prepared(site: Site, tool: Tool) -> bool:
    """Whether the tool's work is there and up to date; it is kept for the next measurement."""
    place = site.place(tool)
    done = _marker(place)
    fresh = not done.exists()
    if fresh:
        print(f"{tool.name}: preparing {site.jobs:,} jobs", file=sys.stderr, flush=True)
        if not tool.ours:  # our films stay: they are true whatever was interrupted
            shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True, exist_ok=True)
        tool.write(place, site.jobs)
    if tool.first and (tool.ours or fresh) and site.tried(tool, _first) is None:
        return False
    done.touch()
    if tool.ours:  # what is written down at the end of a run that is the first of its kind
        site.run(tool, None, None)
    return True


def _first(site: Site, tool: Tool) -> Taken | None:
    """Does all the work; our own takes its time, since clips are rendered."""
    return site.run(tool, tool.first, None if tool.ours else PATIENCE)


def _nothing(site: Site, tool: Tool) -> Taken | None:
    """Runs the command, which must not find that something has changed."""
    taken = site.run(tool, tool.command)
    if taken is None:
        _marker(site.place(tool)).unlink(missing_ok=True)  # being stopped may leave locks behind
    if taken is not None and not tool.touches and tool.says and re.search(tool.says, taken.told):
        raise WrongAnswer(f"{tool.name} had nothing to do, and said: {taken.told[-2000:]}")
    return taken


def _change(site: Site, tool: Tool) -> Taken | None:
    """Edits the first input, and runs the command, which must do what follows from that, and nothing else."""
    place, source = site.place(tool), _source(site.place(tool), tool)
    before, was = _made(place), source.read_text(encoding="utf-8")
    done = _marker(place)
    done.unlink()
    text = re.sub(r"Boat number 0[^.]*", f"Boat number 0, edited {time.time_ns()}", was)
    source.write_text(text, encoding="utf-8")
    time.sleep(STILL)
    taken = site.run(tool, tool.command)
    if taken is None:
        return None
    _check(tool, before, _made(place), taken.told)
    if OUT in tool.touches and (place / OUT).read_text(encoding="utf-8") != text:
        raise WrongAnswer(f"{tool.name} made something else of the edit")
    if not tool.ours and not tool.touches:  # nothing else brings its work up to date
        source.write_text(was, encoding="utf-8")
    done.touch()
    return taken


def _check(tool: Tool, before: Made, after: Made, told: str) -> None:
    """Whether the files that follow from an edit were made anew, and no others, and whether it said so."""
    changed = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    matched = [pattern for pattern in tool.touches for name in changed if re.fullmatch(pattern, name)]
    right = sorted(matched) == sorted(tool.touches) and len(changed) == len(matched)
    if not right or not re.search(tool.says, told):
        raise WrongAnswer(f"{tool.name} made {changed} of one edit, and said: {told[-2000:]}")


def _source(place: Path, tool: Tool) -> Path:
    """What is edited."""
    return place / ("film000.story" if tool.ours else "in/0")


def _marker(place: Path) -> Path:
    """The file that says that a tool's work is prepared and up to date."""
    return place.with_name(f"{place.name}.done")


def _made(place: Path) -> Made:
    """Each file that a tool has made."""
    files = (file for folder in ("out", "build") for file in (place / folder).rglob("*"))
    told = ((file, file.stat()) for file in files)
    return {
        str(file.relative_to(place)): (found.st_ino, found.st_mtime_ns, found.st_size)
        for file, found in told
        if stat.S_ISREG(found.st_mode)
    }
