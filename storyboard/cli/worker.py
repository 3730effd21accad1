"""`storyboard worker`."""

from __future__ import annotations

from typing import Any

import click

from storyboard.cli import options
from storyboard.cli.output import note
from storyboard.cli.run_log import run_log
from storyboard.errors import ExitCode


@options.command(
    "worker",
    ("storyboard worker --name farm-1", "buy jobs of the team until it is stopped"),
    ("storyboard worker --once", "buy the next job, then end"),
)
@click.option("--name", metavar="NAME", help="Its name, which no other running worker has; a restart takes it over.")
@click.option("--project", metavar="NAME", help="Take only the jobs of this project.  [default: all]")
@click.option("--once", is_flag=True, help="End after one job, or when none waits.")
@click.option(
    "--grace",
    type=click.FloatRange(0),
    metavar="SECONDS",
    default=60.0,
    help="Go on with running jobs for this long when asked to end.  [default: 60]",
)
@click.option("--concurrency", type=click.IntRange(1), metavar="N", help="Limit the jobs at once.  [default: 5]")
@options.provider
@options.store
@options.base_url
@options.log
def command(*, name: str | None, project: str | None, once: bool, grace: float, **flags: Any) -> ExitCode:
    """Buy the jobs that builds leave to the team's shared ledger.

    It needs `ledger`, the API key and a store, and no stories. SIGTERM ends it, SIGHUP makes it read its configuration
    again."""
    from storyboard.project.worker import WorkerTerms, work
    from storyboard.report.progress import PlainProgress

    terms = WorkerTerms(name=name, project=project, once=once, grace=grace)
    return work(lambda: options.open_run(**flags), terms, run_log.lines or PlainProgress(note))
