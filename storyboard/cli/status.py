"""`storyboard status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from storyboard.cli import completers, options
from storyboard.cli.output import out, out_json, view
from storyboard.errors import EXIT_PRECEDENCE, ExitCode, UsageError

if TYPE_CHECKING:
    from storyboard.report.status import OpenView


@options.command(
    "status",
    ("storyboard status", "show this project's open jobs, and what to do"),
    ("storyboard status --all", "include every project on this machine, and the team"),
    ("storyboard status --all --page team.html", "write a page of what the team does"),
)
@options.paths
@click.option("--all", "everywhere", is_flag=True, help="Include every project in the store, and what the team shares.")
@click.option(
    "--page",
    metavar="FILE",
    shell_complete=completers.files,
    help="With --all: write what the team shares as an HTML page, too.",
)
@options.store
@options.base_url
@options.as_json
def command(
    *,
    paths: tuple[str, ...],
    everywhere: bool,
    page: str | None,
    store: str | None,
    base_url: str | None,
    as_json: bool,
) -> ExitCode:
    """Show open jobs: running, failed, lost, held, or outcome unknown.

    Reads the ledger on this machine, and with --all the team's ledger or bucket; the gateway is not asked."""
    if page is not None and not everywhere:
        raise UsageError("--page shows the team: it needs --all", help="storyboard status --all --page FILE")
    from storyboard.project.open_jobs import unsettled
    from storyboard.report.status import status_document, status_report

    found = unsettled(options.open_run(store=store, base_url=base_url), paths, everywhere)
    if page is not None:
        _write_page(found, page)
    if as_json:
        out_json(status_document(found))
    else:
        out(status_report(found, view().width))
    codes = {team.trouble.exit_code for team in found.teams if team.trouble is not None}
    return next((code for code in EXIT_PRECEDENCE if code in codes), ExitCode.DONE)


def _write_page(found: OpenView, name: str) -> None:
    from storyboard.files.writing import write_named
    from storyboard.report.team_page import team_page

    if not found.teams:
        raise UsageError(
            "there is no team to show: this project shares neither a ledger nor a bucket",
            help="docs/operations.md says how to share them",
        )
    write_named(options.file(name), team_page(found.teams, found.now))
