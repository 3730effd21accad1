"""The parts of the bench, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bench import animatic, beside, edit, growth, idle, reading, running, startup
from bench.rows import Rows
from bench.tools import Bench
from bench.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Part:
    """One question: how it is measured, and what the page tells of it. Words stand in `prose/NAME.md`."""

    name: str
    title: str
    measure: Callable[[Bench], Rows]
    verdicts: Callable[[Rows], Iterable[Verdict]]
    page: Callable[[Rows], str]


PARTS = (
    Part("startup", "Starting, with nothing to do", startup.measure, startup.verdicts, startup.page),
    Part("noop", "Beside other tools", idle.measure, beside.verdicts, beside.page),
    Part("edit", "One file of a hundred edited", edit.measure, edit.verdicts, edit.page),
    Part("reading", "Reading text", reading.measure, reading.verdicts, reading.page),
    Part("running", "A thousand jobs at a gateway", running.measure, running.verdicts, running.page),
    Part("animatic", "The animatic of a film", animatic.measure, animatic.verdicts, animatic.page),
    Part("growth", "How cost grows", growth.measure, growth.verdicts, growth.page),
)
