"""`storyboard resolve`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from storyboard.cli import completers, options
from storyboard.cli.output import ask, can_ask, out, out_json, out_line
from storyboard.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from storyboard.project.resolve import Settler

CHOICES = "--adopt TASK_ID, --accept FILE, --abandon, --unbilled, --same-account, --take-over or --rebuilt"


@options.command(
    "resolve",
    ("storyboard resolve f2f12230 --adopt TASK_ID", "the gateway lists its task: fetch that"),
    ("storyboard resolve river.boats --unbilled", "it is not on the bill: release its price"),
    ("storyboard resolve --same-account", "the API key was rotated: keep its jobs"),
    ("storyboard resolve river.boats --take-over", "the machine that began it is off for good"),
)
@click.argument("job", required=False, shell_complete=completers.addresses)
@click.option("--adopt", metavar="TASK_ID", help="Assign this task of the gateway to the job.")
@click.option(
    "--accept",
    metavar="[FILE]",
    shell_complete=completers.files,
    is_flag=False,
    flag_value="",
    help="Use this file as the job's clip.  [default: the clip in the store]",
)
@click.option("--abandon", is_flag=True, help="Give the job up: it may be bought again; its price counts as spent.")
@click.option("--unbilled", is_flag=True, help="Record that the job was not billed; its price is released.")
@click.option(
    "--same-account", is_flag=True, help="Move jobs to a rotated key of the same account; without JOB, all held ones."
)
@click.option(
    "--take-over", is_flag=True, help="Take over a job of other machines of the team, which are off for good."
)
@click.option("--yes", is_flag=True, help="With --take-over or --rebuilt: do not ask.")
@click.option("--rebuilt", is_flag=True, help="Trust the ledger again after it was rebuilt or closed; takes no JOB.")
@options.store
@options.base_url
@options.as_json
def command(
    *,
    job: str | None,
    adopt: str | None,
    accept: str | None,
    abandon: bool,
    unbilled: bool,
    same_account: bool,
    take_over: bool,
    yes: bool,
    rebuilt: bool,
    store: str | None,
    base_url: str | None,
    as_json: bool,
) -> ExitCode:
    """Resolve jobs whose outcome is unknown. Choose exactly one option.

    JOB is the beginning of the job's key, its id as in `storyboard plan`, or the address of one of its shots."""
    if sum((adopt is not None, accept is not None, abandon, unbilled, same_account, take_over, rebuilt)) != 1:
        raise UsageError(f"choose exactly one of {CHOICES}")
    if rebuilt and job is not None:
        raise UsageError("--rebuilt is about the whole ledger and takes no JOB", help="storyboard resolve --rebuilt")
    if job is None and not (rebuilt or same_account):
        raise UsageError(
            "JOB is missing", help="name a shot, or the first digits of a key; `storyboard status` lists them"
        )

    from storyboard.project.resolve import Settler

    settler = Settler(options.open_run(store=store, base_url=base_url))
    if rebuilt:
        return _trust(settler, yes=yes, as_json=as_json)
    if job is None or same_account:
        return _same_account(settler, job, as_json)
    if take_over:
        return _take_over(settler, job, yes=yes, as_json=as_json)
    return _settle(settler, job, adopt, accept, give_up=abandon, as_json=as_json)


def _settle(
    settler: Settler, job: str, task: str | None, file: str | None, *, give_up: bool, as_json: bool
) -> ExitCode:
    from storyboard.report.resolve import abandoned, accepted, adopted, settled_document, unbilled

    if task is not None:
        what, done = "adopted", settler.adopt(job, task)
        lines = adopted(done.now, done.build)
    elif file is not None:
        what, done = "accepted", settler.accept(job, options.file(file) if file else None)
        lines = accepted(done.now, done.build)
    elif give_up:
        what, done = "abandoned", settler.abandon(job)
        lines = abandoned(done.now, done.build)
    else:
        what, done = "unbilled", settler.unbilled(job)
        lines = unbilled(done.before, done.now, done.build)
    if as_json:
        out_json(settled_document(what, [done.now]))
    else:
        out(lines)
    return ExitCode.DONE


def _take_over(settler: Settler, job: str, *, yes: bool, as_json: bool) -> ExitCode:
    """Ask before other machines are declared off for good: if one is not, the job may be bought twice."""
    from storyboard.report.resolve import take_over_document, take_over_question, team_took_over

    held = settler.held_by_others(job)
    who = [(sender.name, sender.at) for sender in held.senders]
    if not yes:
        if not can_ask():
            raise UsageError(take_over_question(held.job, who), help="if so: add --yes")
        if not ask(take_over_question(held.job, who)):
            return ExitCode.SPENDING
    settler.team.take_over(held)
    if as_json:
        out_json(take_over_document(held.job, held.key, who))
    else:
        out(team_took_over(held.job, who))
    return ExitCode.DONE


def _same_account(settler: Settler, job: str | None, as_json: bool) -> ExitCode:
    from storyboard.report.resolve import settled_document, taken_over

    mine, held = settler.same_account(job)
    if as_json:
        out_json(settled_document("same-account", [each.now for each in mine], held))
    else:
        out(taken_over([(each.now, each.build) for each in mine], held))
    return ExitCode.ACCESS if held else ExitCode.DONE


def _trust(settler: Settler, *, yes: bool, as_json: bool) -> ExitCode:
    """Ask before a shared ledger is reopened: what no machine has reported could be bought again."""
    from storyboard.report.resolve import TRUSTED, WHOLE, reopen_question, settled_document

    closed = settler.closed_ledger
    if closed is not None and not yes:
        question = reopen_question(closed.why, [(each.name, each.spoke_at, each.told_at) for each in closed.machines])
        if not can_ask():
            raise UsageError(question, help="if so: add --yes")
        if not ask(question):
            return ExitCode.SPENDING
    was = settler.trust()
    if as_json:
        out_json(settled_document("rebuilt", []))
    else:
        out_line(TRUSTED if was else WHOLE)
    return ExitCode.DONE
