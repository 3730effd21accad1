"""The bench measures, judges and tells at toy size; nobody is timed."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bench import animatic, edit, growth, idle, reading, running, startup
from bench.page import page, prose
from bench.parts import PARTS, Part
from bench.rows import Row, Rows, keep, kept
from bench.timing import SLOW, Taken, interleaved, run, surroundings
from bench.tools import ROOT, Bench, in_place
from bench.verdicts import HELD, MISSED, OPEN, at_least, at_most


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    work = tmp_path / "work"
    work.mkdir()
    return in_place(work)


AT_TOY_SIZE: Mapping[str, Callable[[Bench], Rows]] = {
    "startup": partial(startup.measure, rounds=1),
    "noop": partial(idle.measure, sizes=(2,), alone=(), rounds=1),
    "edit": partial(edit.measure, files=2, shots=18, rounds=1),
    "reading": partial(reading.measure, sizes=(5,), rounds=1),
    "running": partial(running.measure, takes=(1,), number=3, together=2, downloads=((2, 1),), asked=50, rounds=1),
    "animatic": partial(animatic.measure, shots=2, rounds=1),
    "growth": partial(growth.measure, sizes=(10, 100), rounds=1),
}
SHOWN = {
    "startup": ("| `storyboard --version` at most 1.5 × `python -c pass` |",),
    "noop": ("| storyboard build |", OPEN),
}
"""What the page shows of some parts; the aims at 10,000 jobs say nothing at two."""


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_each_part_is_measured_and_printed(bench: Bench, tmp_path: Path, part: Part) -> None:
    keep(tmp_path / "rows", part.name, AT_TOY_SIZE[part.name](bench))
    told = page(tmp_path / "rows", "")
    shown = told.partition(f"## {part.title}\n")[2].partition("\n## ")[0]
    assert "<!-- measured" in shown
    assert "\nNot measured.\n" not in shown
    assert all(each in shown for each in SHOWN.get(part.name, ()))


def test_unmeasured_rows_keep_their_figures(tmp_path: Path) -> None:
    rows = Rows((Row("nothing to do", "make", 100, {"wall": 0.5}), Row("reading", "slow", 1, {}, "stopped")), "here")
    keep(tmp_path, "noop", rows)
    assert kept(tmp_path, "noop") == rows
    assert kept(tmp_path, "edit") is None


def test_figures_that_were_not_measured_here_stay_on_the_page(tmp_path: Path) -> None:
    keep(tmp_path / "once", "growth", Rows((Row(growth.GROWTH, "storyboard", 990, ROW),), "Measured once."))
    before = page(tmp_path / "once", "")
    assert "Measured once." in before
    assert page(tmp_path / "never", before) == before


ROW = {"parse": 0.1, "check": 0.2, "compile": 0.1, "memory": 9_900_000.0, "files": 10, "runs": 3}


def test_missed_target_is_listed_first(tmp_path: Path) -> None:
    keep(tmp_path, "growth", Rows((Row(growth.GROWTH, "storyboard", 990, ROW),)))
    told = page(tmp_path, "")
    assert "Of 2 aims 0 were reached, and these were missed:\n\n- 990 shots: at least 5,000 a second" in told
    assert "10,000" in told


def test_verdicts_are_computed_from_the_figures() -> None:
    assert [at_most("", value, 2, "").word for value in (1.9, 2.0, 2.1, None)] == [HELD, HELD, MISSED, OPEN]
    assert [at_least("", value, 2, "").word for value in (1.9, 2.0, 2.1, None)] == [MISSED, HELD, HELD, OPEN]


def test_text_of_the_page_comes_from_its_files() -> None:
    written = (ROOT / "bench" / "performance.md").read_text(encoding="utf-8")
    for file in prose():
        assert file.read_text(encoding="utf-8") in written, f"{file.name} changed: python -m bench page --write"


def test_stopped_measurement_is_not_repeated() -> None:
    begun: list[str] = []

    def slow() -> Taken | None:
        begun.append("slow")
        return None

    def quick() -> Taken | None:
        begun.append("quick")
        return Taken(0.1, 0.1, 1, 0, "")

    taken = interleaved({"slow": slow, "quick": quick}, rounds=2, warm_up=2)
    assert taken["slow"] is None
    assert len(taken["quick"] or ()) == 2
    assert begun == ["slow", "quick", "quick", "quick", "quick"]


def test_very_slow_command_is_run_once() -> None:
    minutes = [Taken(SLOW + 1, 1.0, 1, 0, "")]
    assert interleaved({"minute": minutes.copy().pop}, rounds=9, warm_up=3) == {"minute": minutes}


def test_a_command_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    words = (sys.executable, "-c", "import time; time.sleep(60)")
    assert run(words, tmp_path, surroundings(tmp_path), patience=0.2) is None
    taken = run((sys.executable, "-c", "print(6 * 7); raise SystemExit(3)"), tmp_path, surroundings(tmp_path))
    assert taken
    assert (taken.code, taken.told) == (3, "42\n")


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_ffmpeg_makes_the_same_film_and_is_judged_by_its_cpu_time(bench: Bench) -> None:
    rows = animatic.measure(replace(bench, peers=bench.work), shots=1, rounds=1)
    assert rows.tools(animatic.ANIMATIC) == [animatic.OURS, *animatic.PRESETS]
    assert all(row.figures["cpu"] > 0 for row in rows.rows)
    *_, quick = animatic.PRESETS
    fast = Rows(
        (Row(animatic.ANIMATIC, animatic.OURS, 1, {"cpu": 1.0}), Row(animatic.ANIMATIC, quick, 1, {"cpu": 1.9}))
    )
    assert [each.word for each in animatic.verdicts(fast)] == [OPEN, MISSED]


def test_ideal_run_takes_only_as_long_as_its_jobs() -> None:
    assert running.ideal([3.0, 1.0, 1.0, 2.0], 2) == 4.0
    assert running.ideal([1.0] * 1000, 200) == 5.0


def test_run_that_fetched_or_paid_something_else_has_no_verdict() -> None:
    ordered = running.orders(1, 2, 2)
    book = {"tasks": 2, "fetched": 2, "fetched_once": 2, "paid": "0.504"}
    running._check("ours", 0, "", book, ordered)
    for wrong in ({"paid": "0.756"}, {"fetched": 3}, {"tasks": 3}):
        with pytest.raises(RuntimeError, match="ours"):
            running._check("ours", 0, "", book | wrong, ordered)
    with pytest.raises(RuntimeError, match="exit 1"):
        running._check("ours", 1, "", book, ordered)
