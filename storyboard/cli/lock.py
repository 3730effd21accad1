"""`storyboard lock prune`."""

from __future__ import annotations

import click

from storyboard.cli import options
from storyboard.cli.output import out, out_json, tell_findings, view
from storyboard.errors import ExitCode, UsageError


@options.group(
    "lock",
    ("storyboard lock prune --dry-run", "show unused entries and what they cost"),
)
def command() -> None:
    """Manage the locks, which record the jobs each story has bought."""


@command.subcommand(
    "prune",
    ("storyboard lock prune --dry-run", "show what would be removed"),
    ("storyboard lock prune lantern.story", "prune the lock of one story"),
)
@options.paths
@options.values
@options.variant
@click.option("--dry-run", is_flag=True, help="Remove nothing; show what would be removed.")
@click.option("--force", is_flag=True, help="Also remove jobs that may still run, or whose outcome is unknown.")
@options.store
@options.as_json
def prune(
    *,
    paths: tuple[str, ...],
    values: tuple[str, ...],
    variant: str,
    dry_run: bool,
    force: bool,
    store: str | None,
    as_json: bool,
) -> ExitCode:
    """Remove lock entries that no job uses any more.

    Their cost still counts as spent. An entry that is kept makes undoing an edit free."""
    from storyboard.project.lock_prune import prune_all
    from storyboard.report.lock_prune import PrunedView, pruned_document, pruned_report

    if "-" in paths:
        raise UsageError("standard input has no lock", help="name a file")
    run = options.open_run(paths, values, variant, store=store)
    compiled = run.compile()
    found = prune_all(run, compiled, force=force, write=not dry_run)
    views = [PrunedView(each.story, each.blocks, each.stay, each.here) for each in found]
    base = view().base
    if as_json:
        out_json(pruned_document(views, compiled.diagnostics, base, not dry_run))
    else:
        tell_findings(compiled)
        if not compiled.has_errors:
            out(pruned_report(views, base, not dry_run))
    return ExitCode.STORY_ERRORS if compiled.has_errors else ExitCode.DONE
