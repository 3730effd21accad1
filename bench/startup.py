"""What is felt at every key press: whole processes, over an empty interpreter."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bench.rows import Row, Rows
from bench.stories import write_film
from bench.tables import memory, ratio, seconds, table, times
from bench.timing import interleaved, medians, run, surroundings
from bench.tools import Bench
from bench.verdicts import Verdict, at_most

STARTING = "starting"
EMPTY, VERSION, HELP = "python -c pass", "storyboard --version", "storyboard --help"
ROUNDS = 15
WARM_UP = 3
"""Rounds that build the film, and find that there is nothing to do."""
JOBS = 10
NAMES = (VERSION, HELP, "storyboard lint film.story", "storyboard plan film.story", "storyboard build film.story")
PEERS = (
    "make --version",
    "ninja --version",
    "doit --version",
    "scons --version",
    "snakemake --version",
    "dvc --version",
)


def measure(bench: Bench, rounds: int = ROUNDS) -> Rows:
    """Wall and CPU seconds and memory of commands that do next to nothing, in a film where nothing has changed."""
    folder = bench.work / "startup" / "film"
    folder.mkdir(parents=True, exist_ok=True)
    write_film(folder, JOBS)
    (folder / "storyboard.toml").write_text("[animatic]\nwidth = 128\nfps = 6\n", encoding="utf-8")
    environment = surroundings(folder.with_name("home"))
    commands = dict(_commands(bench))
    runs = {name: partial(run, command, folder, environment) for name, command in commands.items()}
    taken = interleaved(runs, rounds, min(WARM_UP, rounds))
    for name, each in taken.items():
        if not each or any(one.code for one in each):
            raise RuntimeError(f"{name} failed: {each[0].told if each else 'too slow'}")
    return Rows(tuple(Row(STARTING, name, 0, medians(each)) for name, each in taken.items() if each))


def _commands(bench: Bench) -> Iterator[tuple[str, list[str]]]:
    yield EMPTY, [str(bench.python), "-c", "pass"]
    yield from ((name, [str(bench.storyboard), *name.split()[1:]]) for name in NAMES)
    for name in PEERS if bench.peers else ():
        program = bench.program(name.split()[0])
        if program is not None:
            yield name, [program, *name.split()[1:]]


def verdicts(found: Rows) -> Iterator[Verdict]:
    """Whether the aims were reached."""
    for name, limit in ((VERSION, 1.5), (HELP, 5)):
        value = _over(found, name)
        yield at_most(f"`{name}` at most {limit:g} × `{EMPTY}`", value, limit, times(value))


def page(found: Rows) -> str:
    """Its part of the page."""
    head = ("command", "time", "over an empty interpreter", "CPU", "memory")
    return table(head, (_line(found, name) for name in found.tools(STARTING)))


def _line(found: Rows, name: str) -> list[str]:
    wall, cpu, peak = (found.figure(STARTING, name, 0, figure) for figure in ("wall", "cpu", "memory"))
    return [f"`{name}`", seconds(wall), times(_over(found, name)), seconds(cpu), memory(peak)]


def _over(found: Rows, name: str) -> float | None:
    return ratio(found.figure(STARTING, name, 0), found.figure(STARTING, EMPTY, 0))
