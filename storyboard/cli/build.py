"""`storyboard build`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from storyboard.cli import options
from storyboard.cli.findings import tell_findings
from storyboard.cli.help import Command
from storyboard.cli.output import has_colour, is_terminal, note, out, out_json, view
from storyboard.errors import ExitCode

if TYPE_CHECKING:
    from storyboard.project import BuiltStory, Planned
    from storyboard.run.events import Notify


@click.command(
    "build",
    cls=Command,
    examples=(
        ("storyboard build", "every story of the project, local and free"),
        ("storyboard build lantern.story --only arrival", "a scene"),
    ),
)
@options.paths
@options.values
@options.variant
@options.provider
@options.store
@options.only
@click.option("--out", "into", metavar="DIR", help="Where to leave the film; with several stories, DIR/NAME/.")
@click.option("--dry-run", is_flag=True, help="Check and plan, nothing more.")
@options.as_json
def command(
    *,
    paths: tuple[str, ...],
    values: tuple[str, ...],
    variant: str,
    provider: str | None,
    store: str | None,
    only: tuple[str, ...],
    into: str | None,
    dry_run: bool,
    as_json: bool,
) -> ExitCode:
    """Make the film: render what is missing, join the clips, and leave film, clips and a contact sheet in build/NAME/
    beside the story. Any error in any file: nothing is begun."""
    from storyboard.cli.plan import show_plan
    from storyboard.project import Addresses, Run
    from storyboard.project.building import exit_code_of
    from storyboard.project.views import build_view
    from storyboard.report.builds import build_document, build_report

    flags = {"provider": provider, "store": options.folder(store)}
    run = Run(paths, values=options.parse_values(values), variant=variant, flags=flags)
    planned = run.plan(Addresses(only), building=True)
    if dry_run:
        return show_plan(planned, as_json)
    tell = view()
    built: tuple[BuiltStory, ...] = ()
    if not as_json:
        tell_findings(planned.compiled)
    if not planned.compiled.has_errors:
        with progress(planned) as notify:
            built = run.build(planned, options.folder(into), notify=notify)
    views = [build_view(story) for story in built]
    if as_json:
        out_json(build_document(views, planned.compiled.diagnostics, tell.base))
    else:
        out(build_report(views, tell))
    return ExitCode.STORY_ERRORS if planned.compiled.has_errors else exit_code_of(built)


@contextmanager
def progress(planned: Planned) -> Iterator[Notify]:
    """Bars where somebody watches, else plain lines; nothing where there is nothing to do."""
    from storyboard.plan import StepState
    from storyboard.report.progress import PlainProgress

    waiting = {
        step.key
        for story in planned.stories
        for step in story.plan.steps
        if step.wanted and step.state is not StepState.CACHED
    }
    if not waiting or not is_terminal(sys.stderr):
        yield PlainProgress(note)
        return
    from storyboard.report.live import live

    with live(sys.stderr, len(waiting), has_colour(sys.stderr)) as notify:
        yield notify
