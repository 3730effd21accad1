"""The question before a purchase: what, where, and every warning."""

from __future__ import annotations

from collections.abc import Sequence

from storyboard.diagnostics import Diagnostic, Severity
from storyboard.fast_named_tuples import NamedTuple
from storyboard.money import dollars
from storyboard.plan import Step, total
from storyboard.report.frames import View, report
from storyboard.report.style import Line, cells, counted, line
from storyboard.report.tables import Column, table

MOST_JOBS = 5
"""How many jobs the question lists; more are counted."""


class Purchasable(NamedTuple):
    """A job that would be bought, with the numbers of its existing takes, and its gateway in words."""

    step: Step
    kept: tuple[int, ...]
    gateway: str


def buying_report(
    jobs: Sequence[Purchasable], settings: str, diagnostics: Sequence[Diagnostic], view: View
) -> list[Line]:
    """Return the jobs that would be bought, the variant and its values, and every warning in full."""
    warnings = [each for each in diagnostics if each.severity is Severity.WARNING]
    lines = [*report(warnings, view), *_jobs(jobs, view)]
    if len(jobs) > MOST_JOBS:
        left = jobs[MOST_JOBS:]
        lines.append(line((f"  and {counted(len(left), 'more job', 'more jobs')}: storyboard plan lists them", "dim")))
    if settings:
        lines.append(line(f"  {settings}"))
    return lines


def buying_question(jobs: Sequence[Purchasable]) -> str:
    """Return the question: what, for how much, and where."""
    seconds = sum(each.step.seconds for each in jobs)
    price = total(each.step.estimate for each in jobs)
    gateways = dict.fromkeys(each.gateway for each in jobs)
    cost = dollars(price) if price is None else f"up to about {dollars(price)}"
    return f"Buy {counted(len(jobs), 'job')}, {seconds} s, {cost}, from {' and '.join(gateways)}?"


def _jobs(jobs: Sequence[Purchasable], view: View) -> list[Line]:
    rows = [_row(each) for each in jobs[:MOST_JOBS]]
    widths = [max((cells(row[index]) for row in rows), default=0) for index in range(4)]
    columns = (Column("", "bold"), Column(""), Column("", right=True), Column("", right=True))
    lines = []
    for row, each in zip(rows, jobs, strict=False):
        [first] = table(columns, [row], widths=widths)
        lines.append(first)
        lines += [line((f"    {said}", "dim")) for said in _beside(each)]
    return lines


def _row(each: Purchasable) -> tuple[str, str, str, str]:
    step = each.step
    take = f"take {step.job.take}" if step.job is not None else ""
    return step.id, take, f"{step.seconds} s", dollars(step.estimate)


def _beside(each: Purchasable) -> list[str]:
    """Return the job's shots with the reason, and which takes exist."""
    shots = ", ".join(each.step.job.addresses) if each.step.job is not None else ""
    said = [f"{shots}: {each.step.reason}"]
    if each.kept:
        numbers = ", ".join(map(str, each.kept))
        said.append(f"take {numbers} is kept" if len(each.kept) == 1 else f"takes {numbers} are kept")
    return said
