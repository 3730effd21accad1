"""`storyboard costs`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import click

from storyboard.cli import options, value_types
from storyboard.cli.output import out, out_json, out_text, view
from storyboard.errors import UsageError

if TYPE_CHECKING:
    from storyboard.project import Run

VIEWS = ("story", "scene", "model", "day")
TEAM_VIEWS = ("person", "project", "story", "month")


@options.command(
    "costs",
    ("storyboard costs", "show what the project has cost so far"),
    ("storyboard costs lantern.story --by scene", "break one story down by scene"),
    ("storyboard costs --by day --csv", "write a table for a spreadsheet"),
    ("storyboard costs --team", "show what the whole team has spent"),
)
@options.paths
@click.option(
    "--by",
    metavar="VIEW",
    type=click.Choice(tuple(dict.fromkeys((*VIEWS, *TEAM_VIEWS)))),
    help="Group by story, scene, model or day alone; with --team by person, project, story or month.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, by story unless --by says otherwise.")
@click.option(
    "--correct",
    metavar="JOB USD",
    type=(str, value_types.DOLLARS.as_click()),
    help="Correct a job's price to what the gateway's bill says, in USD.",
)
@click.option(
    "--team", is_flag=True, help="Show what everybody has spent, by the ledger or bucket that the team shares."
)
@options.store
@options.as_json
def command(
    *,
    paths: tuple[str, ...],
    by: str | None,
    as_csv: bool,
    correct: tuple[str, Decimal] | None,
    team: bool,
    store: str | None,
    as_json: bool,
) -> None:
    """Show what was spent: what was charged, or the reserved price where that is not known.

    Reads only local records, except with --team. Days are in local time, months in UTC."""
    from storyboard.project.costs import spent_on, story_file
    from storyboard.report.costs import costs_csv, costs_document, costs_report

    if as_csv and as_json:
        raise UsageError("--csv and --json cannot be combined", help="choose one")
    if by is not None and by not in (TEAM_VIEWS if team else VIEWS):
        known = TEAM_VIEWS if team else VIEWS
        raise UsageError(
            f"--by {by} {'cannot be combined with' if team else 'needs'} --team", help=f"--by {'|'.join(known)}"
        )
    if team:
        if paths or correct is not None:
            raise UsageError("--team shows all purchases of the team: it takes no files, and no --correct")
        _show_team(by, store, as_csv=as_csv, as_json=as_json)
        return
    run = options.open_run(paths, store=store)
    if correct is not None:
        _correct(run, *correct, as_json=as_json)
        return
    spent = spent_on(paths, run)
    base = view().base
    if as_json:
        out_json(costs_document(spent.attempts, spent.elsewhere, (by,) if by else VIEWS, base))
    elif as_csv:
        out_text(costs_csv(spent.attempts, by or "story", base))
    else:
        several = len({story_file(attempt) for attempt in spent.attempts}) > 1
        shown = (by,) if by else ("story" if several else "scene", "day")
        out(costs_report(spent.attempts, spent.elsewhere, shown, view()))


def _correct(run: Run, job: str, charged: Decimal, *, as_json: bool) -> None:
    from storyboard.project.resolve import Settler
    from storyboard.report.resolve import corrected, settled_document

    done = Settler(run).correct(job, charged)
    if as_json:
        out_json(settled_document("corrected", [done.now]))
    else:
        out(corrected(done.before, done.now))


def _show_team(by: str | None, store: str | None, *, as_csv: bool, as_json: bool) -> None:
    from storyboard.project.team_survey import team_spending
    from storyboard.report.team_costs import team_costs_csv, team_costs_document, team_costs_report

    spending = team_spending(options.open_run(store=store))
    if as_json:
        out_json(team_costs_document(spending, (by,) if by else TEAM_VIEWS))
    elif as_csv:
        out_text(team_costs_csv(spending.purchases, by or "story"))
    else:
        out(team_costs_report(spending, (by,) if by else ("person", "story", "month"), view().width))
