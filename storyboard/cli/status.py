"""`storyboard status`."""

from __future__ import annotations

import click

from storyboard.cli import options
from storyboard.cli.output import out, out_json, view


@options.command(
    "status",
    ("storyboard status", "show this project's open jobs, and what to do"),
    ("storyboard status --all", "include every project on this machine"),
)
@options.paths
@click.option("--all", "everywhere", is_flag=True, help="Include every project in the store.")
@options.store
@options.base_url
@options.as_json
def command(
    *, paths: tuple[str, ...], everywhere: bool, store: str | None, base_url: str | None, as_json: bool
) -> None:
    """Show open jobs: running, failed, lost, held, or outcome unknown.

    Reads the ledger on this machine; the gateway is not asked."""
    from storyboard.project.open_jobs import unsettled
    from storyboard.report.status import status_document, status_report

    found = unsettled(options.open_run(store=store, base_url=base_url), paths, everywhere)
    if as_json:
        out_json(status_document(found))
    else:
        out(status_report(found, view().width))
