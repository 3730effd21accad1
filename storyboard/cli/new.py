"""`storyboard new NAME`."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from storyboard.cli.help import Command
from storyboard.cli.output import out
from storyboard.report.style import line


@click.command(
    "new",
    cls=Command,
    examples=(("storyboard new lantern && cd lantern && storyboard build", "create and build a project"),),
)
@click.argument("name")
def command(name: str) -> None:
    """Start a project in a new folder: a story that builds, storyboard.toml, .gitignore, .gitattributes and an example
    for CI. Existing files are never overwritten."""
    from storyboard.project.scaffold import begin_project

    written = begin_project(name, Path.cwd())
    story = written[0].relative_to(Path.cwd()) if written[0].is_relative_to(Path.cwd()) else written[0]
    out(
        [
            line(("✓ ", "ok"), (str(story), "place"), "   a story of 24 s to begin with"),
            line(f"  The film, as a free local animatic:  cd {shlex.quote(str(story.parent))} && storyboard build"),
        ]
    )
