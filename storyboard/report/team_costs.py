"""What a team has spent, by person, project, story and month, as its bucket or ledger knows it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import cast

from storyboard.fast_dataclasses import dataclass
from storyboard.forms import cell_text
from storyboard.money import dollars, exact
from storyboard.report.record_document_types import TeamCostsDocument, TeamSumDocument
from storyboard.report.style import Line, counted, line
from storyboard.report.tables import Column, table
from storyboard.report.team_status import Record


@dataclass(frozen=True, slots=True)
class TeamPurchases:
    """Purchases of one person for one story in one month: the number of tasks, the US dollars that were charged, and
    those that are reserved where no charge was stated. `month` is as in `2026-11`, in UTC."""

    person: str
    project: str
    story: str
    month: str
    tasks: int
    charged: Decimal
    reserved: Decimal

    @property
    def cost(self) -> Decimal:
        """Charged, else reserved."""
        return self.charged + self.reserved


@dataclass(frozen=True, slots=True)
class TeamSpending:
    """All purchases that a bucket or a ledger knows, and why others could not be read."""

    record: Record
    address: str
    purchases: tuple[TeamPurchases, ...]
    damaged: tuple[str, ...] = ()


def _name(purchase: TeamPurchases, view: str) -> str:
    match view:
        case "person":
            return purchase.person
        case "project":
            return purchase.project
        case "month":
            return purchase.month
        case _:
            return f"{purchase.project} {purchase.story}"


def team_sums(purchases: Iterable[TeamPurchases], view: str) -> dict[str, TeamPurchases]:
    """Return what each person, project, story or month cost, sorted by name."""
    groups: dict[str, list[TeamPurchases]] = {}
    for purchase in purchases:
        groups.setdefault(_name(purchase, view), []).append(purchase)
    return {name: _added(groups[name]) for name in sorted(groups)}


def _added(purchases: Sequence[TeamPurchases]) -> TeamPurchases:
    return TeamPurchases(
        *("", "", "", ""),
        sum(each.tasks for each in purchases),
        sum((each.charged for each in purchases), Decimal(0)),
        sum((each.reserved for each in purchases), Decimal(0)),
    )


def team_costs_report(spending: TeamSpending, views: Sequence[str], width: int | None = None) -> list[Line]:
    """Return a table for each view, and the total."""
    lines: list[Line] = []
    for view in views if spending.purchases else ():
        lines += [*_table(view, team_sums(spending.purchases, view), width), ()]
    total = _added(spending.purchases)
    said = f"spent: {dollars(total.cost)} on {counted(total.tasks, 'task')}" if total.tasks else "nothing spent yet"
    reserved = (
        f", including {dollars(total.reserved)} reserved because no charge is known yet" if total.reserved else ""
    )
    lines.append(line((said, "bold"), reserved, (f"   {spending.record} {spending.address}", "dim")))
    return [*lines, *(line(("not counted", "error"), f": {words}") for words in spending.damaged)]


def _table(view: str, found: Mapping[str, TeamPurchases], room: int | None) -> list[Line]:
    columns = [
        Column(view, "bold", most=60),
        Column("tasks", right=True),
        Column("cost", right=True),
        Column("of it reserved", "dim", right=True),
    ]
    rows = (
        (name, str(each.tasks), dollars(each.cost), dollars(each.reserved) if each.reserved else "")
        for name, each in found.items()
    )
    return table(columns, rows, room=room)


def team_costs_document(spending: TeamSpending, views: Sequence[str]) -> TeamCostsDocument:
    """Return the document of `costs --team --json`: a list for each view, named `by_person` and so on, and the
    total."""
    by_view = {
        f"by_{view}": [{view: name, **_sum(each)} for name, each in team_sums(spending.purchases, view).items()]
        for view in views
    }
    whole: TeamCostsDocument = {
        "record": spending.record,
        "address": spending.address,
        "total": _sum(_added(spending.purchases)),
        "damaged": list(spending.damaged),
    }
    return cast("TeamCostsDocument", {**whole, **by_view})


def _sum(each: TeamPurchases) -> TeamSumDocument:
    return {
        "tasks": each.tasks,
        "cost": exact(each.cost),
        "charged": exact(each.charged),
        "reserved": exact(each.reserved),
    }


def team_costs_csv(purchases: Sequence[TeamPurchases], view: str) -> str:
    """Return one view as CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([view, "tasks", "cost", "charged", "reserved"])
    for name, each in team_sums(purchases, view).items():
        writer.writerow([cell_text(name), *_sum(each).values()])
    return text.getvalue()
