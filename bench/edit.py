"""After one edited file of a hundred: `lint` and `plan` from nothing, with nothing changed, and after an edit."""

from __future__ import annotations

import json
import re
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.rows import Row, Rows
from bench.stories import write_stories
from bench.tables import memory, ratio, seconds, table
from bench.timing import Taken, interleaved, medians, run, surroundings
from bench.tools import Bench
from bench.verdicts import Verdict, at_most

EDIT = "one file of a hundred"
COLD, AGAIN, EDITED = "nothing stored", "nothing changed", "one file edited"
START = "python -c pass"
WORK = "without starting and importing"
FILES, SHOTS = 100, 10_000
HERE = Path(__file__).parent
ROUNDS = 5
STILL = 0.1
LIMIT = 1 / 30
WRONG = "{{ nobody }}"


@dataclass(frozen=True, slots=True)
class Project:
    """A folder of stories, one of which is edited."""

    bench: Bench
    folder: Path

    @property
    def surroundings(self) -> Mapping[str, str]:
        """What the commands see."""
        return surroundings(self.folder.with_name("home"))

    def run(self, command: str, *more: str, code: int = 0) -> Taken:
        """Runs a command of ours; raises RuntimeError when it ends otherwise than with that code."""
        words = (str(self.bench.storyboard), command, *_OPTIONS.get(command, ()), *more)
        taken = run(words, self.folder, self.surroundings, None)
        if taken is None or taken.code != code:
            raise RuntimeError(f"{' '.join(words)}: {taken.told[-2000:] if taken else 'stopped'}")
        return taken

    def forget(self) -> None:
        """Deletes the cache."""
        shutil.rmtree(Path(self.surroundings["XDG_CACHE_HOME"]), ignore_errors=True)

    def work(self, command: str) -> float:
        """CPU seconds of a command in a process that has loaded all that it needs."""
        warm = self.folder.with_name("warm")
        write_stories(warm, 1, 1)
        words = [str(self.bench.python), "-P", str(HERE / "work.py"), str(warm), str(self.folder), command]
        words += _OPTIONS.get(command, ())
        return float(subprocess.run(words, env=self.surroundings, check=True, stdout=subprocess.PIPE, text=True).stdout)

    def edit(self, text: str) -> None:
        """Says something else in one shot of one story."""
        file = self.folder / "film0000.story"
        was = file.read_text(encoding="utf-8")
        file.write_text(re.sub("(Wide establishing shot)[^.]*", rf"\g<1> {text}", was, count=1), encoding="utf-8")
        time.sleep(STILL)


_OPTIONS = {"plan": ("--provider", "animatic")}


def measure(bench: Bench, files: int = FILES, shots: int = SHOTS, rounds: int = ROUNDS) -> Rows:
    """Wall and CPU seconds and memory; raises RuntimeError where what is told after an edit is not right."""
    folder = bench.work / "edit" / "stories"
    shutil.rmtree(folder.parent, ignore_errors=True)
    written = write_stories(folder, shots, files)
    project = Project(bench, folder)
    runs: dict[tuple[str, str], Callable[[], Taken | None]] = {}
    runs[START, ""] = partial(run, (str(bench.python), "-c", "pass"), folder, project.surroundings)
    for command in ("lint", "plan"):
        runs[command, COLD] = partial(_cold, project, command)
        runs[command, AGAIN] = partial(_again, project, command)
        runs[command, EDITED] = partial(_edited, project, command)
    taken = interleaved({"|".join(name): once for name, once in runs.items()}, rounds, min(1, rounds - 1))
    _check(project)
    return Rows(
        tuple(
            Row(f"{EDIT}: {when}" if when else START, command, written, medians(each))
            for (command, when) in runs
            if (each := taken[f"{command}|{when}"])
        )
        + tuple(_work(project, written, rounds))
    )


def _work(project: Project, written: int, rounds: int) -> Iterator[Row]:
    """What is told after an edit is told by the same words, so the way is the command's own."""
    for command in ("lint", "plan"):
        cold, edited = [], []
        for _ in range(rounds):
            project.forget()
            cold.append(project.work(command))
            project.work(command)
            project.edit(f"of {time.time_ns()}")
            edited.append(project.work(command))
        for when, each in ((COLD, cold), (EDITED, edited)):
            yield Row(f"{WORK}: {when}", command, written, {"cpu": statistics.median(each)})


def _cold(project: Project, command: str) -> Taken:
    """With a cache that is empty."""
    project.forget()
    return project.run(command)


def _again(project: Project, command: str) -> Taken:
    project.run(command)
    return project.run(command)


def _edited(project: Project, command: str) -> Taken:
    """Once more before the edit, so that all is stored that will be."""
    project.run(command)
    project.edit(f"of {time.time_ns()}")
    return project.run(command)


def _check(project: Project) -> None:
    """An edit changes one job, and one that makes a mistake is told of, whatever is stored."""
    before = {job["key"] for job in json.loads(project.run("plan", "--json").told)["jobs"]}
    project.edit("of something else")
    after = {job["key"] for job in json.loads(project.run("plan", "--json").told)["jobs"]}
    if len(after - before) != 1 or len(before - after) != 1:
        raise RuntimeError(f"one edit changed {len(after - before)} jobs")
    project.edit(WRONG)
    if json.loads(project.run("lint", "--json", code=1).told)["errors"] != 1:
        raise RuntimeError("lint did not see the mistake")
    project.edit("again")
    project.run("lint")


def verdicts(found: Rows) -> Iterator[Verdict]:
    """Whether the aims were reached: of the work itself, and of what a person waits."""
    size = found.sizes(START)[0]
    for command in ("lint", "plan"):
        work = [found.figure(f"{WORK}: {when}", command, size, "cpu") for when in (COLD, EDITED)]
        waited = [_net(found, command, when, "wall") for when in (COLD, EDITED)]
        for name, (cold, edited) in ((f"CPU time {WORK}", work), ("time", waited)):
            value = ratio(cold, edited)
            shown = f"{seconds(edited)} of {seconds(cold)}: 1/{value:.1f}" if value else "–"
            aim = f"`{command}` after one edited file of {FILES}: {name} at most 1/30 of that from nothing"
            yield at_most(aim, 1 / value if value else None, LIMIT, shown)


def _net(found: Rows, command: str, when: str, figure: str) -> float | None:
    """Without the start of an empty interpreter."""
    size = found.sizes(START)[0]
    whole, start = found.figure(f"{EDIT}: {when}", command, size, figure), found.figure(START, START, size, figure)
    return whole - start if whole is not None and start is not None else None


def page(found: Rows) -> str:
    """Its part of the page."""
    size = found.sizes(START)[0]
    head = ("", "time", "CPU", "CPU less an empty interpreter", f"CPU {WORK}", "memory")
    lines = [_line(found, command, when, size) for command in ("lint", "plan") for when in (COLD, AGAIN, EDITED)]
    return f"{size:,} shots in {FILES} stories.\n\n" + table(head, lines)


def _line(found: Rows, command: str, when: str, size: int) -> list[str]:
    wall, cpu, peak = (found.figure(f"{EDIT}: {when}", command, size, name) for name in ("wall", "cpu", "memory"))
    return [
        f"`{command}`, {when}",
        seconds(wall),
        seconds(cpu),
        seconds(_net(found, command, when, "cpu")),
        seconds(found.figure(f"{WORK}: {when}", command, size, "cpu")),
        memory(peak),
    ]
