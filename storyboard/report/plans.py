"""What a build would do, for people and for scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from storyboard.diagnostics import Diagnostic
from storyboard.plan import Step, StepState, bought_once
from storyboard.report.documents import diagnostics_of
from storyboard.report.frames import View
from storyboard.report.model import PlanView
from storyboard.report.money import dollars, exact
from storyboard.report.places import shown
from storyboard.report.style import Line, Style, cells, counted, line
from storyboard.report.tables import Column, table

STYLES: dict[StepState, Style] = {
    StepState.CACHED: "ok",
    StepState.RUNNING: "running",
    StepState.BUY: "warning",
    StepState.HELD: "error",
    StepState.UNKNOWN: "error",
    StepState.LOST: "error",
    StepState.FAILED: "error",
    StepState.UNUSED: "dim",
}
SHOTS_WIDTH = 34


def plan_report(stories: Sequence[PlanView], view: View) -> list[Line]:
    """Every story's jobs, then what it comes to."""
    lines: list[Line] = []
    for story in stories:
        lines += [_head(story, view), (), *_steps(story, view), ()]
    return [*lines, *totals(stories)]


def plan_document(stories: Sequence[PlanView], diagnostics: Sequence[Diagnostic], base: Path) -> dict[str, Any]:
    """`plan --json`."""
    bought = buying(stories)
    return {
        "jobs": [_step(story, step, base) for story in stories for step in story.plan.steps],
        "new_seconds": sum(step.seconds for step in bought),
        "estimate": exact(estimate(bought)),
        "reused_seconds": sum(story.plan.reused_seconds for story in stories),
        "diagnostics": diagnostics_of(diagnostics, base),
    }


def buying(stories: Iterable[PlanView]) -> tuple[Step, ...]:
    """The jobs that would be bought; one that several stories need is bought, and counted, once."""
    return bought_once(step for story in stories for step in story.plan.steps)


def estimate(steps: Iterable[Step]) -> Decimal | None:
    """What they cost together in US dollars; None where a price is not known."""
    prices = [step.estimate for step in steps]
    known = [price for price in prices if price is not None]
    return sum(known, Decimal(0)) if len(known) == len(prices) else None


def totals(stories: Sequence[PlanView]) -> list[Line]:
    """What is to buy, what need not be, and what the budget says."""
    bought = buying(stories)
    seconds = sum(step.seconds for step in bought)
    pays = any(story.pays for story in stories)
    todo = f"to buy: {purchase(bought)}" if pays else f"to render: {counted(len(bought), 'job')}, {seconds} s, free"
    nothing = "nothing to buy" if pays else "nothing to render"
    parts = [todo if bought else nothing]
    reused = sum(story.plan.reused_seconds for story in stories)
    if reused:
        parts.append(f"reused: {reused} s" + _worth(stories))
    parts += _budgets(stories)
    return [line("      ".join(parts))]


def purchase(bought: Sequence[Step]) -> str:
    """What would be bought: `2 jobs, 21 s, about $3.53`."""
    price = estimate(bought)
    seconds = sum(step.seconds for step in bought)
    return f"{counted(len(bought), 'job')}, {seconds} s, {'about ' if price is not None else ''}{dollars(price)}"


def _worth(stories: Sequence[PlanView]) -> str:
    worth = sum((story.plan.reused_worth for story in stories if story.pays), Decimal(0))
    return f", worth {dollars(worth)}" if worth else ""


def _budgets(stories: Sequence[PlanView]) -> list[str]:
    """Each once; those of a project are the same for all its stories."""
    told = (budget for story in stories for budget in story.budgets)
    return list(dict.fromkeys(f"{each.name}: {dollars(each.limit)}, spent {dollars(each.spent)}" for each in told))


def _head(story: PlanView, view: View) -> Line:
    jobs = [step for step in story.plan.steps if step.job is not None]
    film = sum(step.seconds for step in jobs)
    place = shown(story.path, view.base)
    return line((place, "place"), f"   {counted(len(jobs), 'job')}   {film} s of film   {story.plan.provider}")


def _steps(story: PlanView, view: View) -> list[Line]:
    rows = [
        (step.id, _shots(step), f"{step.seconds} s", word(step, story.pays), _price(step, story.pays), step.reason)
        for step in story.plan.steps
    ]
    widths = [max((cells(row[index]) for row in rows), default=0) for index in range(5)]
    room = view.width - 2 - sum(widths) - 2 * 5 if view.width else None
    lines = []
    for step, row in zip(story.plan.steps, rows, strict=True):
        fits = room is None or not row[5] or cells(row[5]) <= room
        columns = (
            Column("", "bold"),
            Column("", most=SHOTS_WIDTH),
            Column("", right=True),
            Column("", STYLES[step.state] if step.wanted else "dim"),
            Column("", right=True),
            Column("", "dim"),
        )
        lines += table(columns, [(*row[:5], row[5] if fits else "")], widths=[*widths, 0])
        lines += [] if fits else [line((f"    {row[5]}", "dim"))]
    return lines


def word(step: Step, pays: bool) -> str:
    """The step's state as a person says it."""
    if not step.wanted:
        return "left out"
    return "render" if step.state is StepState.BUY and not pays else str(step.state)


def _price(step: Step, pays: bool) -> str:
    return dollars(step.estimate) if pays and step.state is StepState.BUY and step.wanted else ""


def _shots(step: Step) -> str:
    """The shots without their scene's name; of many the first and the last."""
    if step.job is None:
        return ""
    names = [address.removeprefix(step.job.scene + ".") for address in step.job.addresses]
    text = ", ".join(names)
    return text if cells(text) <= SHOTS_WIDTH or len(names) < 3 else f"{names[0]} … {names[-1]}"


def _step(story: PlanView, step: Step, base: Path) -> dict[str, Any]:
    return {
        "path": shown(story.path, base),
        "id": step.id,
        "key": step.key,
        "state": str(step.state),
        "reason": step.reason,
        "seconds": step.seconds,
        "estimate": exact(step.estimate),
        "shots": list(step.job.addresses) if step.job else [],
        "wanted": step.wanted,
    }
