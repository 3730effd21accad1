"""Reading text: the same shots written for each reader, each read in a process of its own."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path

from bench.readers import READERS, Shot, digest
from bench.rows import Row, Rows
from bench.tables import megabytes, ratio, seconds, table, times
from bench.timing import PATIENCE, Taken, interleaved, run, surroundings
from bench.tools import Bench
from bench.verdicts import Verdict, at_most

READING = "reading"
OURS, RIVAL = "storyboard", "PyYAML, C"
ALWAYS = (OURS, "tomllib")
"""What is there without an environment of peers."""
SIZES = (8_000, 80_000)
"""Shots that take about 1 MB and 10 MB."""
ROUNDS = 7
WORKER = Path(__file__).with_name("readers.py")
PROMPT = "Wide establishing shot of the lantern street at dusk, rain just over, people with umbrellas, number {}."
LENGTH, MODE = "5", "pro"

FORMATS: Mapping[str, tuple[str, str]] = {
    OURS: ('story "Film"\n  .model kirin_v3_t2v\n', "\nshot {name} {length}s\n  .mode {mode}\n  {prompt}\n"),
    "PyYAML, C": ("", "- name: {name}\n  duration: {length}\n  mode: {mode}\n  prompt: {prompt}\n"),
    "PyYAML": ("", "- name: {name}\n  duration: {length}\n  mode: {mode}\n  prompt: {prompt}\n"),
    "tomllib": ("", '[[shot]]\nname = "{name}"\nduration = {length}\nmode = "{mode}"\nprompt = "{prompt}"\n\n'),
    "python-hcl2": (
        "",
        'shot "{name}" {{\n  duration = {length}\n  mode     = "{mode}"\n  prompt   = "{prompt}"\n}}\n\n',
    ),
    "screenplay-tools": ("Title: Film\n\n", ".{length} {mode} #{name}#\n\n{prompt}\n\n"),
}
"""How a file begins, and how each shot is written."""


def measure(bench: Bench, sizes: Sequence[int] = SIZES, rounds: int = ROUNDS) -> Rows:
    """CPU seconds and memory of each reader; raises RuntimeError where one reads other shots than were written."""
    rows: list[Row] = []
    for shots in sizes:
        readers = [name for name in READERS if bench.peers or name in ALWAYS]
        files = {name: _written(bench.work / "reading", name, shots) for name in readers}
        runs = {name: partial(_read, bench, name, file, shots) for name, file in files.items()}
        taken = interleaved(runs, rounds, warm_up=0)
        rows += (_row(name, shots, files[name].stat().st_size, each) for name, each in taken.items())
    return Rows(tuple(rows))


def _row(name: str, shots: int, size: int, taken: Sequence[Taken] | None) -> Row:
    if taken is None:
        return Row(READING, name, shots, {"bytes": size}, f"stopped at {PATIENCE:.0f} s")
    told = [json.loads(each.told) for each in taken]
    figures = {figure: statistics.median(each[figure] for each in told) for figure in ("cpu", "memory")}
    return Row(READING, name, shots, {"bytes": size, **figures})


def _read(bench: Bench, name: str, file: Path, shots: int) -> Taken | None:
    python = bench.peers / "python" if bench.peers and name not in ALWAYS else bench.python
    taken = run((str(python), "-P", str(WORKER), name, str(file)), file.parent, surroundings(file.parent / "home"))
    if taken is not None and (taken.code or json.loads(taken.told)["shots"] != _wanted(shots)):
        raise RuntimeError(f"{name} read something else: {taken.told[-2000:]}")
    return taken


def _written(folder: Path, name: str, shots: int) -> Path:
    """The file of so many shots for a reader."""
    head, each = FORMATS[name]
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}-{shots}"
    told = ({"name": n, "length": length, "mode": mode, "prompt": prompt} for n, length, mode, prompt in _shots(shots))
    file.write_text(head + "".join(each.format(**shot) for shot in told), encoding="utf-8")
    return file


def _shots(number: int) -> Iterator[Shot]:
    return ((f"s{n}", LENGTH, MODE, PROMPT.format(n)) for n in range(number))


@cache
def _wanted(shots: int) -> str:
    return digest(_shots(shots))


def verdicts(found: Rows) -> Iterator[Verdict]:
    """Whether the aims were reached."""
    for shots, limit in zip(SIZES, (1.0, 0.5), strict=True):
        value = _share(found, OURS, shots)
        yield at_most(f"{shots:,} shots: at most {limit:g} × {RIVAL}", value, limit, times(value))


def page(found: Rows) -> str:
    """Its part of the page."""
    sizes = found.sizes(READING)
    head = ("reader", *(f"{shots:,} shots, {_size(found, shots)}" for shots in sizes))
    told = table(head, ([name, *(_cell(found, name, shots) for shots in sizes)] for name in found.tools(READING)))
    faster = "".join(f"- {line}\n" for line in _faster(found)) or "- nowhere\n"
    return f"{told}\n### Where others read faster\n\n{faster}"


def _faster(found: Rows) -> Iterator[str]:
    """Each reader that beats us somewhere, and by how much."""
    for name in found.tools(READING):
        for shots in found.sizes(READING):
            ours, theirs = (found.figure(READING, each, shots, "cpu") for each in (OURS, name))
            if ours and theirs and theirs < ours:
                yield f"{name}, {shots:,} shots; we take {times(ours / theirs)} as long"


def _cell(found: Rows, name: str, shots: int) -> str:
    row = found.row(READING, name, shots)
    if row is None or row.note:
        return row.note if row else "–"
    return f"{seconds(row.figures['cpu'])} ({times(_share(found, name, shots))}), {megabytes(row.figures['memory'])}"


def _share(found: Rows, name: str, shots: int) -> float | None:
    return ratio(found.figure(READING, name, shots, "cpu"), found.figure(READING, RIVAL, shots, "cpu"))


def _size(found: Rows, shots: int) -> str:
    """How long our text of so many shots is."""
    size = found.figure(READING, OURS, shots, "bytes")
    return f"{size / 1e6:.1f} MB" if size else "not measured"
