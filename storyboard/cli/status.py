"""`storyboard status`."""

from __future__ import annotations

import click

from storyboard.cli import options
from storyboard.cli.output import out, out_json, view
from storyboard.errors import EXIT_PRECEDENCE, ExitCode


@options.command(
    "status",
    ("storyboard status", "show this project's open jobs, and what to do"),
    ("storyboard status --all", "include every project on this machine, and the team"),
)
@options.paths
@click.option("--all", "everywhere", is_flag=True, help="Include every project in the store, and what the team shares.")
@options.store
@options.base_url
@options.as_json
def command(
    *, paths: tuple[str, ...], everywhere: bool, store: str | None, base_url: str | None, as_json: bool
) -> ExitCode:
    """Show open jobs: running, failed, lost, held, or outcome unknown.

    Reads the ledger on this machine, and with --all the team's bucket; the gateway is not asked."""
    from storyboard.project.open_jobs import unsettled
    from storyboard.report.status import status_document, status_report

    found = unsettled(options.open_run(store=store, base_url=base_url), paths, everywhere)
    if as_json:
        out_json(status_document(found))
    else:
        out(status_report(found, view().width))
    codes = {team.trouble.exit_code for team in found.teams if team.trouble is not None}
    return next((code for code in EXIT_PRECEDENCE if code in codes), ExitCode.DONE)
