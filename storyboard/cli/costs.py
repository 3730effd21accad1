"""`storyboard costs`."""

from __future__ import annotations

import click

from storyboard.cli import options
from storyboard.cli.help import Command
from storyboard.cli.output import out, out_json, out_text, view
from storyboard.errors import UsageError

VIEWS = ("story", "scene", "model", "day")


@click.command(
    "costs",
    cls=Command,
    examples=(
        ("storyboard costs", "what the project's stories cost so far"),
        ("storyboard costs lantern.story --by scene", "where it went"),
        ("storyboard costs --by day --csv", "for a spreadsheet"),
    ),
)
@options.paths
@click.option("--by", metavar="|".join(VIEWS), type=click.Choice(VIEWS), help="Only by this.")
@click.option("--csv", "as_csv", is_flag=True, help="For a spreadsheet; by story unless --by says otherwise.")
@options.store
@options.as_json
def command(*, paths: tuple[str, ...], by: str | None, as_csv: bool, store: str | None, as_json: bool) -> None:
    """Show what was spent: charged, else reserved; each task once; days by this machine's clock. Asks nobody."""
    from storyboard.project import Run
    from storyboard.project.costs import spent_on, story_file
    from storyboard.report.costs import costs_csv, costs_document, costs_report

    if as_csv and as_json:
        raise UsageError("--csv and --json are two forms of the same", help="choose one")
    run = Run(paths, flags={"store": store})
    spent = spent_on(paths, run)
    base = view().base
    if as_json:
        out_json(costs_document(spent.attempts, spent.elsewhere, (by,) if by else VIEWS, base))
    elif as_csv:
        out_text(costs_csv(spent.attempts, by or "story", base))
    else:
        several = len({story_file(attempt) for attempt in spent.attempts}) > 1
        shown = (by,) if by else ("story" if several else "scene", "day")
        out(costs_report(spent.attempts, spent.elsewhere, shown, base))
