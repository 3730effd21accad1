"""`storyboard compile`."""

from __future__ import annotations

import click

from storyboard.cli import options
from storyboard.cli.findings import tell_findings
from storyboard.cli.help import Command
from storyboard.cli.output import out_json, view
from storyboard.errors import ExitCode


@click.command(
    "compile",
    cls=Command,
    examples=(("storyboard compile lantern.story", "the payloads, as JSON"),),
)
@options.paths
@options.values
@options.variant
@options.provider
@options.as_json
def command(
    *, paths: tuple[str, ...], values: tuple[str, ...], variant: str, provider: str | None, as_json: bool
) -> ExitCode:
    """Print the jobs as they would be sent, as JSON, packed by the lock as it is. Touches no network."""
    from storyboard.project import Run
    from storyboard.project.views import jobs_view
    from storyboard.report.jobs import compile_document

    run = Run(paths, values=options.parse_values(values), variant=variant, flags={"provider": provider})
    compiled = run.compile()
    views = [jobs_view(story, run.provider_of(story.project)) for story in compiled.stories]
    out_json(compile_document(views, compiled.diagnostics, view().base))
    if not as_json:
        tell_findings(compiled)
    return ExitCode.STORY_ERRORS if compiled.has_errors else ExitCode.DONE
