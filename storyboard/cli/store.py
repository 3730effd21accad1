"""`storyboard store ls|check|verify|path|gc|pull|push|release|migrate`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from storyboard.cli import completers, options
from storyboard.cli.output import ask, can_ask, out, out_json, out_text, view
from storyboard.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from storyboard.project import Project
    from storyboard.store import LocalStore


@options.group(
    "store",
    ("storyboard store ls", "list every job"),
    ("storyboard store path 01dd653d", "print the path of a job's clip"),
)
def command() -> None:
    """Manage the clips that were bought or rendered, and the ledger of jobs."""


@command.subcommand("ls", ("storyboard store ls --json", "list them as JSON"))
@options.store
@options.as_json
def ls(*, store: str | None, as_json: bool) -> None:
    """List every job that was ever started."""
    from storyboard.report.store import store_document, store_table

    opened = _open(store)
    attempts = opened.ledger.all()
    if as_json:
        out_json(store_document(attempts, opened.folder))
    else:
        out(store_table(attempts, opened.folder))


@command.subcommand(
    "check",
    ("storyboard store check", "try out the bucket and the ledger that this project shares"),
)
@options.store
@options.as_json
def check(*, store: str | None, as_json: bool) -> ExitCode:
    """Test whether the team's bucket and ledger can keep purchases apart.

    In a bucket, small objects are written and removed again. Exit code 2 if a test fails: nothing can be bought then.
    """
    from storyboard.cli.doctor import show_checks
    from storyboard.project.bucket_upkeep import try_out

    opened, project = _open_project(store)
    checks = [(each.name, each.state, each.text, each.way_out) for each in try_out(project, opened)]
    return ExitCode.USAGE if show_checks(checks, as_json) else ExitCode.DONE


@command.subcommand(
    "verify",
    ("storyboard store verify", "check every clip"),
    ("storyboard store verify --bucket", "download and check every clip of the team's bucket"),
)
@click.option("--bucket", is_flag=True, help="Check the team's bucket instead: download each clip, settle the budgets.")
@options.store
@options.as_json
def verify(*, bucket: bool, store: str | None, as_json: bool) -> ExitCode:
    """Check every clip; move damaged ones aside.

    The next build downloads them again from their tasks, or renders them again."""
    from storyboard.report.store import verified

    if bucket:
        from storyboard.project.bucket_upkeep import tidy_purse, verify_bucket

        opened, project = _open_project(store)
        freed = tidy_purse(project, opened) if project.settings.project else None
        lines, document = verified(verify_bucket(project, opened), freed)
    else:
        lines, document = verified(_open(store).verify())
    if as_json:
        out_json(document)
    else:
        out(lines)
    return ExitCode.JOB_FAILED if document["damaged"] else ExitCode.DONE


@command.subcommand("path", ("storyboard store path 01dd653d", "print the path of its clip"))
@click.argument("key")
@options.store
def path(*, key: str, store: str | None) -> None:
    """Print the path of a job's clip.

    KEY is the job's key, or its beginning."""
    opened = _open(store)
    keys = dict.fromkeys(attempt.key for attempt in opened.ledger.beginning(key))
    if len(keys) > 1:
        raise UsageError(f"{len(keys)} jobs have a key that starts with `{key}`", help="give more of it")
    clip = opened.clip_of(next(iter(keys))) if keys else None
    if clip is None:
        what = f"the job `{key}` has no clip here" if keys else f"no job has a key that starts with `{key}`"
        raise UsageError(what, help="storyboard store ls lists the jobs")
    out_text(f"{clip}\n")


@command.subcommand(
    "gc",
    ("storyboard store gc --dry-run", "show what would be removed, and what stays"),
    ("storyboard store gc", "remove free clips; a build renders them again"),
    ("storyboard store gc --paid --forget old/film.story.lock", "also remove clips of a deleted film"),
)
@click.option("--paid", is_flag=True, help="Also remove bought clips that no known lock names.")
@click.option("--force", is_flag=True, help="Also remove clips that a known or missing lock may name.")
@click.option(
    "--forget",
    metavar="LOCK",
    shell_complete=completers.files,
    multiple=True,
    help="Stop keeping clips for this deleted lock; repeatable.",
)
@click.option("--dry-run", is_flag=True, help="Remove nothing; show what would be removed.")
@click.option("--bucket", is_flag=True, help="Clean the team's bucket instead: clips that no lock list there names.")
@options.store
@options.as_json
def gc(
    *,
    paid: bool,
    force: bool,
    forget: tuple[str, ...],
    dry_run: bool,
    bucket: bool,
    store: str | None,
    as_json: bool,
) -> ExitCode:
    """Remove the clips that were rendered locally, for free.

    Bought clips are kept unless --paid or --force is given; those of the bucket unless --paid is. The ledger is always
    kept, and so are the bucket's notes."""
    if bucket:
        if force or forget:
            raise UsageError("--bucket takes --paid and --dry-run only", help="a clip that a lock list names stays")
        return _clean_bucket(store, paid=paid, dry_run=dry_run, as_json=as_json)
    from storyboard.report.store_gc import question, sweep_document, sweep_report
    from storyboard.store.gc import Need, gone_lock, survey, sweep

    opened = _open(store)
    found = survey(opened)
    forgotten = [gone_lock(options.file(name), found) for name in forget]
    found = survey(opened, forgotten) if forgotten else found
    needs = set(Need) if force else {Need.FREE, Need.UNNAMED} if paid else {Need.FREE}
    going = [clip for clip in found.clips if clip.need in needs]
    if not dry_run:
        bought = [clip for clip in going if clip.need is not Need.FREE]
        if bought and can_ask() and not ask(question(bought)):
            return ExitCode.SPENDING
        sweep(opened, going)
        for lock in forgotten:
            opened.locks.forget(lock)
    base = view().base
    if as_json:
        out_json(sweep_document(found, going, base, not dry_run))
    else:
        out(sweep_report(found, going, base, not dry_run))
    return ExitCode.DONE


@command.subcommand(
    "pull",
    ("storyboard store pull", "fetch this project's clips from the team's bucket"),
    ("storyboard store pull /media/disk/store", "copy what was bought there"),
)
@click.argument("source", metavar="[FROM]", required=False, shell_complete=completers.files)
@options.store
@options.as_json
def pull(*, source: str | None, store: str | None, as_json: bool) -> ExitCode:
    """Copy what another store on this machine has bought into this one.

    Without FROM: from the team's bucket, the clips that this project's locks and notes name. Existing clips are kept.
    Run it again to continue after an interruption."""
    if source is not None:
        return _copy(options.file(source), _open(store).folder, as_json)
    from storyboard.project.bucket_upkeep import pull_project
    from storyboard.report.sharing import fetched_document, pulled_report

    run = options.open_run(store=store)
    project = run.project_of(run.base)
    done = pull_project(run, project, run.store_of(project))
    if as_json:
        out_json(fetched_document(done))
    else:
        out(pulled_report(done))
    return ExitCode.JOB_FAILED if done.missing or done.damaged or done.away else ExitCode.DONE


@command.subcommand(
    "push",
    ("storyboard store push", "send what this project has bought to the team's bucket"),
    ("storyboard store push /media/disk/store", "copy everything to another disk"),
)
@click.argument("target", metavar="[TO]", required=False, shell_complete=completers.files)
@options.store
@options.as_json
def push(*, target: str | None, store: str | None, as_json: bool) -> ExitCode:
    """Copy what this store has bought into another one on this machine.

    Without TO: to the team's bucket, what the ledger and the locks know of this project. TO is created if needed. Run
    it again to continue after an interruption."""
    if target is not None:
        return _copy(_open(store).folder, options.file(target), as_json)
    from storyboard.project.share_purchases import push_project
    from storyboard.report.sharing import pushed_document, pushed_report

    opened, project = _open_project(store)
    done = push_project(project, opened)
    if as_json:
        out_json(pushed_document(done))
    else:
        out(pushed_report(done))
    return ExitCode.JOB_FAILED if done.sent.left or done.sent.damaged else ExitCode.DONE


@command.subcommand(
    "release", ("storyboard store release mei@laptop", "that machine is gone: free what it reserved and never sent")
)
@click.argument("machine")
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.store
@options.as_json
def release(*, machine: str, yes: bool, store: str | None, as_json: bool) -> ExitCode:
    """Free what a machine of the team reserved under shared budgets and never sent.

    MACHINE is a name as `status --all` shows it. It must be off for good: what it sends nevertheless would count
    against no budget until it has ended."""
    from storyboard.project.bucket_upkeep import release_prices
    from storyboard.report.store import release_question, released_prices

    if not yes:
        if not can_ask():
            raise UsageError(release_question(machine), help="if so: add --yes")
        if not ask(release_question(machine)):
            return ExitCode.SPENDING
    opened, project = _open_project(store)
    done = release_prices(project, opened, machine)
    lines, document = released_prices(done.machine, done.freed, done.kept, done.open)
    if as_json:
        out_json(document)
    else:
        out(lines)
    return ExitCode.DONE


@command.subcommand(
    "migrate",
    ("storyboard store migrate", "buy by the shared ledger from now on"),
    ("storyboard store migrate --back", "buy with this store alone again"),
)
@click.option("--back", is_flag=True, help="Move the shared ledger into this store, and close it.")
@options.store
@options.as_json
def migrate(*, back: bool, store: str | None, as_json: bool) -> None:
    """Move what this store has bought into the ledger that the project shares.

    Run no build meanwhile. Nothing is moved while a job may still be sent. Run it again to continue after an
    interruption.
    """
    from storyboard.project.store_migration import migrate
    from storyboard.report.store_migration import migration_document, migration_report

    moved = migrate(options.open_run(store=store), back=back)
    if as_json:
        out_json(migration_document(moved, back=back))
    else:
        out(migration_report(moved, back=back))


def _copy(giver: Path, receiver: Path, as_json: bool) -> ExitCode:
    from storyboard.project.store_copy import copy_store
    from storyboard.report.store_copy import transfer_document, transfer_report

    done = copy_store(giver, receiver)
    if as_json:
        out_json(transfer_document(done, receiver))
    else:
        out(transfer_report(done, receiver))
    return ExitCode.JOB_FAILED if done.missing else ExitCode.RUNNING if done.busy else ExitCode.DONE


def _clean_bucket(store: str | None, *, paid: bool, dry_run: bool, as_json: bool) -> ExitCode:
    from storyboard.project.bucket_upkeep import survey_bucket, sweep_bucket
    from storyboard.report.sharing import bucket_question, bucket_sweep_document, bucket_sweep_report

    _, project = _open_project(store)
    found = survey_bucket(project, time.time())
    removing = paid and not dry_run
    if removing and found.unnamed and can_ask() and not ask(bucket_question(found)):
        return ExitCode.SPENDING
    removed = sweep_bucket(project, found.unnamed) if removing else 0
    if as_json:
        out_json(bucket_sweep_document(found, removed, done=removing))
    else:
        out(bucket_sweep_report(found, removed, done=removing, paid=paid))
    return ExitCode.DONE


def _open(folder: str | None) -> LocalStore:
    return _open_project(folder)[0]


def _open_project(folder: str | None) -> tuple[LocalStore, Project]:
    run = options.open_run(store=folder)
    project = run.project_of(run.base)
    return run.store_of(project), project
