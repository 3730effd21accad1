"""What was spent, by story, scene, model and day."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import cast

from storyboard.fast_dataclasses import dataclass
from storyboard.forms import cell_text
from storyboard.money import dollars, exact
from storyboard.report.frames import View
from storyboard.report.record_document_types import CostsDocument, SumDocument
from storyboard.report.style import Line, counted, line, shown
from storyboard.report.tables import Column, table
from storyboard.store import Attempt

UNDATED = "not known"
"""The day of a purchase that this ledger knows only from elsewhere."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The cost of attempts in US dollars: charged, or reserved if no charge was stated. `unpriced` counts those without
    a known price.
    """

    tasks: int
    seconds: int
    charged: Decimal
    reserved: Decimal
    unpriced: int

    @property
    def cost(self) -> Decimal:
        """Charged, else reserved."""
        return self.charged + self.reserved


Name = Callable[[Attempt, Path], str]


def _story(attempt: Attempt, base: Path) -> str:
    path = shown(attempt.story.file, base)
    return f"{path} ({attempt.story.variant})" if attempt.story.variant else path


def _scene(attempt: Attempt, base: Path) -> str:
    scene = attempt.addresses[0].partition(".")[0] if attempt.addresses else UNDATED
    return f"{_story(attempt, base)} {scene}"


def _day(attempt: Attempt, _base: Path) -> str:
    """Return the local day on which its price was reserved."""
    if not attempt.opened_at:
        return UNDATED
    return datetime.fromtimestamp(attempt.opened_at, UTC).astimezone().strftime("%Y-%m-%d")


NAMES: Mapping[str, Name] = {
    "story": _story,
    "scene": _scene,
    "model": lambda attempt, _base: attempt.model,
    "day": _day,
}
"""The groups of spending."""


def sums(attempts: Iterable[Attempt], by: str, base: Path) -> dict[str, Sum]:
    """Return what each story, scene, model or day cost, sorted by name."""
    groups: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        groups.setdefault(NAMES[by](attempt, base), []).append(attempt)
    return {name: add_up(groups[name]) for name in sorted(groups)}


def add_up(attempts: Sequence[Attempt]) -> Sum:
    """Return the total of attempts."""
    charged = [attempt for attempt in attempts if attempt.charged is not None]
    reserved = [attempt for attempt in attempts if attempt.charged is None]
    return Sum(
        len(attempts),
        sum(attempt.seconds for attempt in attempts),
        sum((attempt.costs for attempt in charged), Decimal(0)),
        sum((attempt.costs for attempt in reserved), Decimal(0)),
        sum(attempt.reserved is None for attempt in reserved),
    )


def costs_report(attempts: Sequence[Attempt], elsewhere: Decimal, by: Sequence[str], view: View) -> list[Line]:
    """Return a table for each grouping, and the total."""
    total = add_up(attempts)
    lines: list[Line] = []
    for each in by if attempts else ():
        lines += [*_table(each, sums(attempts, each, view.base), view.width), ()]
    said = f"spent: {dollars(total.cost)} on {counted(total.tasks, 'task')}" if attempts else "nothing spent yet"
    lines.append(line((said, "bold"), *_parts(total)))
    if elsewhere:
        lines.append(
            line(
                f"spent elsewhere, according to the locks: {dollars(elsewhere)} (another machine, or a folder that "
                "moved)"
            )
        )
    return lines


def _parts(total: Sum) -> list[str]:
    parts = []
    if total.reserved:
        parts.append(f", including {dollars(total.reserved)} reserved because no charge is known yet")
    if total.unpriced:
        parts.append(f"; the price of {counted(total.unpriced, 'task')} is unknown")
    return parts


def _table(by: str, found: Mapping[str, Sum], room: int | None) -> list[Line]:
    columns = [
        Column(by, "bold", most=60),
        Column("tasks", right=True),
        Column("seconds", right=True),
        Column("cost", right=True),
        Column("of it reserved", "dim", right=True),
    ]
    rows = ((name, str(each.tasks), f"{each.seconds} s", _cost(each), _reserved(each)) for name, each in found.items())
    return table(columns, rows, room=room)


def _cost(each: Sum) -> str:
    return dollars(each.cost) + (" and more" if each.unpriced else "")


def _reserved(each: Sum) -> str:
    return dollars(each.reserved) if each.reserved else ""


def costs_document(attempts: Sequence[Attempt], elsewhere: Decimal, by: Sequence[str], base: Path) -> CostsDocument:
    """Return the document of `costs --json`: a list for each view, named `by_story` and so on, and the total."""
    views = {
        f"by_{view}": [{view: name, **_sum(each)} for name, each in sums(attempts, view, base).items()] for view in by
    }
    whole: CostsDocument = {"total": _sum(add_up(attempts)), "elsewhere": exact(elsewhere)}
    return cast("CostsDocument", {**views, **whole})


def _sum(each: Sum) -> SumDocument:
    return {
        "tasks": each.tasks,
        "seconds": each.seconds,
        "cost": exact(each.cost),
        "charged": exact(each.charged),
        "reserved": exact(each.reserved),
        "unpriced": each.unpriced,
    }


def costs_csv(attempts: Sequence[Attempt], by: str, base: Path) -> str:
    """Return one grouping as CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([by, "tasks", "seconds", "cost", "charged", "reserved", "unpriced"])
    for name, each in sums(attempts, by, base).items():
        writer.writerow([cell_text(name), *_sum(each).values()])
    return text.getvalue()
