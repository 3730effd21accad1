"""`storyboard store ls|verify|path`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from storyboard.cli import options
from storyboard.cli.help import Command, Group
from storyboard.cli.output import out, out_json, out_text
from storyboard.errors import ExitCode, UsageTrouble

if TYPE_CHECKING:
    from storyboard.store import LocalStore


@click.group(
    "store",
    cls=Group,
    examples=(
        ("storyboard store ls", "every job that was ever begun"),
        ("storyboard store path 01dd653d", "the clip of a job, by the beginning of its key"),
    ),
)
def command() -> None:
    """Look after the clips that were bought or rendered, and the ledger of every job."""


@command.command("ls", cls=Command, examples=(("storyboard store ls --json", "for scripts"),))
@options.store
@options.as_json
def ls(*, store: str | None, as_json: bool) -> None:
    """List every job that was ever begun."""
    from storyboard.report.stores import store_document, store_table

    opened = _open(store)
    attempts = opened.ledger.all()
    if as_json:
        out_json(store_document(attempts, opened.folder))
    else:
        out(store_table(attempts, opened.folder))


@command.command("verify", cls=Command, examples=(("storyboard store verify", "read every clip anew"),))
@options.store
@options.as_json
def verify(*, store: str | None, as_json: bool) -> ExitCode:
    """Read every clip anew; a damaged one is set aside.

    The next build fetches it again from its task, or renders it anew."""
    from storyboard.report.stores import verified

    lines, document = verified(_open(store).verify())
    if as_json:
        out_json(document)
    else:
        out(lines)
    return ExitCode.JOB_FAILED if document["damaged"] else ExitCode.DONE


@command.command("path", cls=Command, examples=(("storyboard store path 01dd653d", "where its clip is"),))
@click.argument("key")
@options.store
def path(*, key: str, store: str | None) -> None:
    """Print where the clip of a job is.

    KEY is its key, or how the key begins."""
    opened = _open(store)
    keys = dict.fromkeys(attempt.key for attempt in opened.ledger.beginning(key))
    if len(keys) > 1:
        raise UsageTrouble(f"{len(keys)} jobs have a key that begins with `{key}`", help="give more of it")
    clip = opened.clip_of(next(iter(keys))) if keys else None
    if clip is None:
        what = f"the job `{key}` has no clip here" if keys else f"no job has a key that begins with `{key}`"
        raise UsageTrouble(what, help="storyboard store ls lists the jobs")
    out_text(f"{clip}\n")


def _open(folder: str | None) -> LocalStore:
    from storyboard.project import Run

    run = Run(flags={"store": folder})
    return run.store_of(run.project_of(run.base))
