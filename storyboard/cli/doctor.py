"""`storyboard doctor`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from storyboard.cli import options
from storyboard.cli.output import out, out_json
from storyboard.errors import ExitCode
from storyboard.report.doctor import CheckedThing, doctor_document, doctor_report


@options.command(
    "doctor",
    ("storyboard doctor", "look at this machine: store, locks, fonts, key, clock"),
    ("storyboard doctor --online", "also ask whether the gateway answers"),
)
@click.option("--online", is_flag=True, help="Send the gateway one request without a key, which buys nothing.")
@options.as_json
def command(*, online: bool, as_json: bool) -> ExitCode:
    """Check what storyboard needs on this machine, and report what is wrong. Exit code 3 if anything is."""
    from storyboard.project import open_project
    from storyboard.project.doctor import examine

    return ExitCode.JOB_FAILED if show_checks(tuple(examine(open_project(), online=online)), as_json) else ExitCode.DONE


def show_checks(checks: Sequence[CheckedThing], as_json: bool) -> bool:
    """Show the result of each check; return whether there is a problem."""
    if as_json:
        out_json(doctor_document(checks))
    else:
        out(doctor_report(checks))
    return any(state == "problem" for _, state, _, _ in checks)
