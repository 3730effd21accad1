"""`storyboard export`."""

from __future__ import annotations

import click

from storyboard.cli import options
from storyboard.cli.findings import tell_findings
from storyboard.cli.help import Command
from storyboard.cli.output import note, out_text
from storyboard.errors import ExitCode, StoryboardError, UsageError
from storyboard.files.writing import write_named
from storyboard.film.export import FORMATS, WORDS, export
from storyboard.report.style import line


@click.command(
    "export",
    cls=Command,
    examples=(
        ("storyboard export srt lantern.story", "write subtitles: speech and captions"),
        ("storyboard export edl lantern.story --out lantern.edl", "write an edit list"),
    ),
)
@click.argument("form", metavar="|".join(FORMATS), type=click.Choice(FORMATS))
@options.paths
@options.values
@options.variant
@click.option("--prompts", is_flag=True, help="Write shot addresses and prompts as the subtitles.")
@click.option("--out", "into", metavar="FILE", help="Write to this file instead of standard output.")
def command(
    *, form: str, paths: tuple[str, ...], values: tuple[str, ...], variant: str, prompts: bool, into: str | None
) -> ExitCode:
    """Export one story's film for other programs. Times come from the film in build/, if there is one."""
    from storyboard.project import Run
    from storyboard.project.build import folders_for

    compiled = Run(paths, values=options.parse_values(values), variant=variant).compile()
    tell_findings(compiled)
    if compiled.has_errors:
        return ExitCode.STORY_ERRORS
    if len(compiled.stories) != 1:
        raise UsageError(f"there are {len(compiled.stories)} stories here", help="name the one to export")
    [story] = compiled.stories
    [folder] = folders_for(compiled.stories, None)
    if form in WORDS and not prompts and not any(shot.beside.say or shot.beside.captions for shot in story.story.shots):
        note([line("note: this story has no speech or captions; --prompts writes the prompts")])
    text = export(form, story.story, story.jobs, folder, prompts=prompts)
    if into is None:
        out_text(text)
    else:
        _write(into, text)
    return ExitCode.DONE


def _write(name: str, text: str) -> None:
    try:
        write_named(options.file(name), text)
    except OSError as error:
        raise StoryboardError(f"{name} cannot be written: {error.strerror}") from error
