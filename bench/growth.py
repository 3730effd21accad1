"""How cost grows with the number of shots: the stages from text to jobs, each size in processes of its own."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from bench.rows import Row, Rows
from bench.stories import write_stories
from bench.tables import ratio, seconds, table, times
from bench.timing import Taken, interleaved, run, surroundings
from bench.tools import Bench
from bench.verdicts import Verdict, at_least, at_most

GROWTH = "from text to jobs"
STAGES = ("parse", "check", "compile")
SIZES = (10, 100, 1_000, 10_000, 100_000)
"""Shots, about: stories have whole scenes."""
SHOTS_A_STORY = 100
ROUNDS = 7
SETTLED = 1_000
"""From so many shots on, memory and the time of a shot say something: what is held anyway no longer shows."""
RATE, HELD, DROP = 5_000, 5_000, 1.25
WORKER = Path(__file__).with_name("stages.py")


def measure(bench: Bench, sizes: Sequence[int] = SIZES, rounds: int = ROUNDS) -> Rows:
    """CPU seconds of each stage, and by how many bytes memory rose; raises RuntimeError where shots are lacking."""
    written = {size: write_stories(bench.work / "growth" / str(size), size, _files(size)) for size in sizes}
    runs = {str(size): partial(_stages, bench, size, shots) for size, shots in written.items()}
    taken = interleaved(runs, rounds, warm_up=0)
    return Rows(tuple(_row(written[size], _files(size), taken[str(size)] or ()) for size in sizes))


def _files(size: int) -> int:
    return max(1, size // SHOTS_A_STORY)


def _stages(bench: Bench, size: int, shots: int) -> Taken | None:
    folder = bench.work / "growth" / str(size)
    taken = run((str(bench.python), "-P", str(WORKER), str(folder)), folder, surroundings(folder / "home"), None)
    if taken is not None and (taken.code or json.loads(taken.told)["shots"] != shots):
        raise RuntimeError(f"the stages over {shots:,} shots failed: {taken.told[-2000:]}")
    return taken


def _row(shots: int, files: int, taken: Sequence[Taken]) -> Row:
    told = [json.loads(each.told) for each in taken]
    figures = {name: statistics.median(each[name] for each in told) for name in (*STAGES, "memory")}
    return Row(GROWTH, "storyboard", shots, {**figures, "files": files, "runs": len(told)})


def verdicts(found: Rows) -> Iterator[Verdict]:
    """Whether the aims were reached."""
    many = [row for row in found.of(GROWTH) if row.size >= SETTLED * 0.9]
    for row in many:
        rate = row.size / _total(row)
        yield at_least(f"{row.size:,} shots: at least {RATE:,} a second on one core", rate, RATE, f"{rate:,.0f}")
    for row in many:
        held = row.figures["memory"] / row.size
        yield at_most(f"{row.size:,} shots: at most {HELD:,} bytes a shot", held, HELD, f"{held:,.0f}")
    if len(many) > 1:
        slower = ratio(_total(many[-1]) / many[-1].size, _total(many[0]) / many[0].size)
        aim = f"linear: a shot of {many[-1].size:,} takes at most {DROP} × one of {many[0].size:,}"
        yield at_most(aim, slower, DROP, times(slower))


def _total(row: Row) -> float:
    return sum(row.figures[stage] for stage in STAGES)


def page(found: Rows) -> str:
    """Its part of the page."""
    head = (
        "shots",
        "stories",
        "read and parse",
        "check",
        "compile",
        "in all",
        "shots a second",
        "bytes a shot",
        "runs",
    )
    return table(head, (_line(row) for row in found.of(GROWTH)))


def _line(row: Row) -> list[str]:
    total = _total(row)
    held = f"{row.figures['memory'] / row.size:,.0f}" if row.size >= SETTLED * 0.9 else "–"
    stages = (seconds(row.figures[stage]) for stage in STAGES)
    counts = (f"{row.figures['files']:.0f}", f"{row.figures['runs']:.0f}")
    return [f"{row.size:,}", counts[0], *stages, seconds(total), f"{row.size / total:,.0f}", held, counts[1]]
