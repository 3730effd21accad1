"""What a build would do, for people and for scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from storyboard.diagnostics import Diagnostic
from storyboard.fast_dataclasses import replace
from storyboard.media.render_options import USUAL_LOOK
from storyboard.money import dollars, exact
from storyboard.plan import Step, total
from storyboard.report.documents import diagnostics_of
from storyboard.report.frames import View
from storyboard.report.style import Line, Style, cells, counted, line, shown
from storyboard.report.tables import UNBOUNDED, Column, fitted, table, widths_of
from storyboard.report.views import PlanPart, PlanView, Purchase
from storyboard.store.job_status import Verdict

if TYPE_CHECKING:
    from storyboard.report.document_types import PlanDocument, PlannedJobDocument

STYLES: dict[Verdict, Style] = {
    Verdict.CACHED: "ok",
    Verdict.RUNNING: "running",
    Verdict.FINISHED: "running",
    Verdict.BUY: "warning",
    Verdict.HELD: "error",
    Verdict.UNKNOWN: "error",
    Verdict.LOST: "error",
    Verdict.FAILED: "error",
    Verdict.BILLED_FAILURE: "error",
    Verdict.UNUSED: "dim",
}
SHOTS_WIDTH = 34
_MOST_FREE = 6


def plan_report(parts: Sequence[PlanPart], next_command: str = "", changes: Sequence[Line] = ()) -> list[Line]:
    """Return every story's jobs, the totals, the changes, and as the last line the next command."""
    follows = [(), line(("to go on:", "dim")), line((next_command, "bold"))] if next_command else []
    changed = [(), *changes] if changes else []
    return [*(one for part in parts for one in (*part.lines, ())), *totals(parts), *changed, *follows]


def with_max_cost(parts: Iterable[PlanPart], max_cost: Decimal | None) -> list[PlanPart]:
    """Return the parts with one more cap: the `--max-cost` of a run, of which nothing is spent yet."""
    if max_cost is None:
        return list(parts)
    cap = ("--max-cost", str(max_cost), "0")
    return [replace(part, budgets=(cap, *part.budgets)) if part.pays else part for part in parts]


def plan_document(parts: Sequence[PlanPart], diagnostics: Sequence[Diagnostic], base: Path) -> PlanDocument:
    """Return the document of `plan --json`."""
    bought = buying(parts)
    return {
        "jobs": [job for part in parts for job in part.jobs],
        "new_seconds": sum(seconds for _, seconds, _ in bought),
        "estimate": exact(estimate(bought)),
        "reused_seconds": sum(part.reused_seconds for part in parts),
        "diagnostics": diagnostics_of(diagnostics, base),
    }


def plan_part(story: PlanView, view: View, *, for_people: bool = True, everything: bool = False) -> PlanPart:
    """Return the part of a report on one story, for people or for scripts; `everything` also lists unused clips."""
    plan = story.plan
    return PlanPart(
        lines=(_head(story, view), (), *_steps(story, view, everything=everything), *_free(story), *_transitions(story))
        if for_people
        else (),
        jobs=() if for_people else tuple(_step(story, step, view.base) for step in plan.steps),
        pays=story.pays,
        bought=purchases(plan.buying),
        reused_seconds=plan.reused_seconds,
        reused_worth=plan.reused_worth if story.pays else Decimal(0),
        budgets=tuple((each.name, str(each.limit), str(each.spent)) for each in story.budgets),
    )


def purchases(steps: Iterable[Step]) -> tuple[Purchase, ...]:
    """Return what steps would buy."""
    return tuple((step.key, step.seconds, step.estimate) for step in steps)


def buying(parts: Iterable[PlanPart]) -> tuple[Purchase, ...]:
    """Return the jobs that would be bought; one that several stories need counts once."""
    once: dict[str, Purchase] = {}
    for each in chain.from_iterable(part.bought for part in parts):
        once.setdefault(each[0], each)
    return tuple(once.values())


def estimate(bought: Iterable[Purchase]) -> Decimal | None:
    """Return their total price in US dollars; None if a price is not known."""
    return total(price for _, _, price in bought)


def totals(parts: Sequence[PlanPart]) -> list[Line]:
    """Return what has to be bought and what is reused, every cap, and where a build would stop."""
    bought = buying(parts)
    pays = any(part.pays for part in parts)
    rendered = f"to render: {counted(len(bought), 'job')}, {sum(seconds for _, seconds, _ in bought)} s, free"
    todo = f"to buy: {purchase(bought)}" if pays else rendered
    nothing = "nothing to buy" if pays else "nothing to render"
    said = [todo if bought else nothing, *reused(parts)]
    return [line("      ".join(said)), *caps(parts)]


def reused(parts: Sequence[PlanPart]) -> list[str]:
    """Return what is reused, if anything: `reused: 75 s, worth $9.10`."""
    seconds = sum(part.reused_seconds for part in parts)
    worth = sum((part.reused_worth for part in parts), Decimal(0))
    return [f"reused: {seconds} s" + (f", worth {dollars(worth)}" if worth else "")] if seconds else []


def caps(parts: Sequence[PlanPart]) -> list[Line]:
    """Return every cap, and those at which a build would stop."""
    budgets = dict.fromkeys(chain.from_iterable(part.budgets for part in parts))  # a project's is the same for all
    limits = [f"{name}: {dollars(Decimal(limit))}, spent {dollars(Decimal(spent))}" for name, limit, spent in budgets]
    passed = [
        f"{dollars(over)} over the budget: build would stop{f' at {name}' if len(budgets) > 1 else ''}"
        for name, over in _passed(parts)
    ]
    return [*map(line, limits), *(line((f"  {each}", "warning")) for each in passed)]


def _passed(parts: Sequence[PlanPart]) -> list[tuple[str, Decimal]]:
    """Return the budgets that these purchases would exceed, and by how much."""
    found = []
    for budget in dict.fromkeys(chain.from_iterable(part.budgets for part in parts)):
        name, limit, spent = budget
        price = estimate(buying(part for part in parts if budget in part.budgets))
        over = Decimal(spent) + (price or Decimal(0)) - Decimal(limit)
        if price and over > 0:
            found.append((name, over))
    return found


def purchase(bought: Sequence[Purchase]) -> str:
    """Return what would be bought: `2 jobs, 21 s, about $3.53`."""
    price = estimate(bought)
    seconds = sum(each[1] for each in bought)
    return f"{counted(len(bought), 'job')}, {seconds} s, {'about ' if price is not None else ''}{dollars(price)}"


def _head(story: PlanView, view: View) -> Line:
    jobs = [step for step in story.plan.steps if step.job is not None]
    film = Decimal(sum(step.seconds for step in jobs)) if story.film_seconds is None else story.film_seconds
    place = shown(story.path, view.base)
    return line(
        (place, "place"),
        f"   {counted(len(jobs), 'job')}   {film.normalize():f} s of film   {story.plan.provider}",
        (f"   {story.variant}" if story.variant else "", "dim"),
    )


def _free(story: PlanView) -> list[Line]:
    """Return the shots that are not bought, in one line."""
    if not story.free:
        return []
    shots = [f"{shot.address} {shot.seconds.normalize():f} s" for shot in story.free[:_MOST_FREE]]
    more = f" and {len(story.free) - _MOST_FREE} more" if len(story.free) > _MOST_FREE else ""
    return [line((f"  free: {', '.join(shots)}{more}", "dim"))]


def _transitions(story: PlanView) -> list[Line]:
    """Return what transitions change, in one line: clips and prices stay, the film gets shorter."""
    dissolves = [each for each in story.transitions if each.kind == "dissolve"]
    fades = [each for each in story.transitions if each.kind == "fade"]
    if not dissolves and not fades:
        return []
    named = ", ".join(counted(len(each), name) for each, name in ((dissolves, "dissolve"), (fades, "fade")) if each)
    seconds = sum((each.seconds for each in dissolves), Decimal(0))
    frames = sum(2 * max(1, round(each.seconds * USUAL_LOOK.fps / 2)) for each in dissolves)
    cost = f"the film is {seconds.normalize():f} s shorter, {frames} frames at {USUAL_LOOK.fps} a second"
    return [line((f"  transitions: {named}; {cost if dissolves else 'the film is as long as without them'}", "dim"))]


def _unused(steps: Sequence[Step]) -> Line:
    """Return what is kept of earlier versions, in one line."""
    worth = sum((step.worth for step in steps if step.worth is not None), Decimal(0))
    kept = f"{counted(len(steps), 'clip')} of earlier versions {'is' if len(steps) == 1 else 'are'} kept"
    return line((f"{kept}{f', worth {dollars(worth)}' if worth else ''}; going back is free", "dim"))


def _steps(story: PlanView, view: View, *, everything: bool = False) -> list[Line]:
    unused = [] if everything else [step for step in story.plan.steps if step.state is Verdict.UNUSED]
    steps = [step for step in story.plan.steps if everything or step.state is not Verdict.UNUSED]
    rows = [
        (step.id, _shots(step), f"{step.seconds} s", word(step, story.pays), _price(step, story.pays), step.reason)
        for step in steps
    ]
    columns = fitted(
        [
            Column("", "bold", most=UNBOUNDED),
            Column("", most=SHOTS_WIDTH),
            Column("", right=True),
            Column(""),
            Column("", right=True),
        ],
        [row[:5] for row in rows],
        view.width - 4 if view.width else None,
    )
    widths = widths_of(columns, [row[:5] for row in rows])
    room = view.width - 2 - sum(widths) - 2 * 5 if view.width else None
    lines = []
    for step, row in zip(steps, rows, strict=True):
        fits = room is None or not row[5] or cells(row[5]) <= room
        style: Style = STYLES[step.state] if step.wanted else "dim"
        styled = [*columns[:3], columns[3]._replace(style=style), columns[4], Column("", "dim")]
        lines += table(styled, [(*row[:5], row[5] if fits else "")], widths=[*widths, 0])
        lines += [] if fits else [line((f"    {row[5]}", "dim"))]
    return [*lines, _unused(unused)] if unused else lines


def word(step: Step, pays: bool) -> str:
    """Return the step's state in words."""
    if not step.wanted:
        return "left out"
    return "render" if step.state is Verdict.BUY and not pays else str(step.state)


def _price(step: Step, pays: bool) -> str:
    return dollars(step.estimate) if pays and step.state is Verdict.BUY and step.wanted else ""


def _shots(step: Step) -> str:
    """Return the shots without their scene's name; of many only the first and the last."""
    if step.job is None:
        return ""
    names = [address.removeprefix(step.job.scene + ".") for address in step.job.addresses]
    text = ", ".join(names)
    return text if cells(text) <= SHOTS_WIDTH or len(names) < 3 else f"{names[0]} … {names[-1]}"


def _step(story: PlanView, step: Step, base: Path) -> PlannedJobDocument:
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
