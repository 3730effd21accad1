"""`storyboard worker`."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from storyboard.cli import options, value_types
from storyboard.cli.output import ask, can_ask, note, out, out_line
from storyboard.cli.run_log import run_log
from storyboard.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from storyboard.run.events import Event


@options.group(
    "worker",
    ("storyboard worker --name farm-1", "buy jobs of the team until it is stopped"),
    ("storyboard worker --once", "buy the next job, then end"),
    ("storyboard worker bury farm-1", "say that a worker is off for good"),
    invoke_without_command=True,
    subcommand_metavar="[bury NAME | limits]",
)
@click.pass_context
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
@click.option(
    "--metrics",
    metavar="HOST:PORT",
    type=value_types.LISTENING.as_click(),
    help="Serve numbers for Prometheus at HOST:PORT/metrics.",
)
@options.provider
@options.store
@options.base_url
@options.log
def command(
    context: click.Context,
    /,
    *,
    name: str | None,
    project: str | None,
    once: bool,
    grace: float,
    metrics: tuple[str, int] | None,
    **flags: Any,
) -> ExitCode:
    """Buy the jobs that builds leave to the team's shared ledger.

    It needs the setting `ledger`, the API key and a store, but no stories. SIGTERM ends it; SIGHUP makes it read its
    configuration again.
    """
    if context.invoked_subcommand is not None:
        return ExitCode.DONE
    from storyboard.project.trust import gateway_key
    from storyboard.project.worker import Shift, WorkerTerms, work
    from storyboard.project.worker_metrics import WorkerMetrics, serve_metrics
    from storyboard.report.progress import PlainProgress

    terms = WorkerTerms(name=name, project=project, once=once, grace=grace)
    numbers, progress = WorkerMetrics(), run_log.lines or PlainProgress(note)

    def notify(event: Event) -> None:
        numbers.meter(event)
        progress(event)

    def opened(shift: Shift) -> None:
        numbers.shift = shift
        if run_log.lines is not None:
            run_log.lines.hide(gateway_key(shift.project, shift.provider))

    with nullcontext() if metrics is None else serve_metrics(*metrics, numbers.text):
        return work(lambda: options.open_run(**flags), terms, notify, opened)


@command.subcommand(
    "limits",
    ("storyboard worker limits", "show the limits of the account"),
    ("storyboard worker limits --tasks 20", "let all machines together run 20 tasks at once"),
)
@click.option("--tasks", type=click.IntRange(0), metavar="N", help="Run at most N tasks at once; 0 means no limit.")
@click.option(
    "--every",
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="Submit no more often than this; 0 means no limit.",
)
@options.provider
@options.store
@options.base_url
def limits(*, tasks: int | None, every: float | None, **flags: Any) -> None:
    """Show or set the limits that all machines together keep for the account of the current API key."""
    from storyboard.project.ledger_upkeep import account_limits
    from storyboard.report.account_limits import limits_line

    run = options.open_run(**flags)
    whose, kept = account_limits(run, tasks, every)
    out([limits_line(whose, kept.slots, kept.seconds_between)])


@command.subcommand("bury", ("storyboard worker bury farm-1", "let others send its jobs again"))
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.store
def bury(*, name: str, yes: bool, store: str | None) -> ExitCode:
    """Declare that a worker is off for good, and let others send its jobs.

    NAME is that of a worker or build as `status --all` shows it. If it is not off, a job may be bought twice.
    """
    from storyboard.project import ledger_upkeep

    question = f"Is every process called {name} off for good? If one is not, a job may be bought twice."
    if not yes:
        if not can_ask():
            raise UsageError(question, help="if so: add --yes")
        if not ask(question):
            return ExitCode.SPENDING
    buried = ledger_upkeep.bury(options.open_run(store=store), name)
    out_line(f"{name}: {buried} process{'es' if buried > 1 else ''} will send nothing more; others take over its jobs")
    return ExitCode.DONE
