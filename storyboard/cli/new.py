"""`storyboard new NAME`."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from storyboard.cli import options
from storyboard.cli.output import out_line
from storyboard.errors import UsageError

STARTERS = ("short", "ad", "series")


@options.command(
    "new",
    ("storyboard new lantern && cd lantern && storyboard build", "create and build a project"),
    ("storyboard new . --starter ad", "begin in this folder, with an advertisement"),
    ("storyboard new --agents", "add AGENTS.md, for language models, to a project"),
)
@click.argument("name", required=False)
@click.option(
    "--starter",
    metavar="|".join(STARTERS),
    type=click.Choice(STARTERS),
    default="short",
    help="Begin with a short film, an advertisement, or a series with a library. [default: short]",
)
@click.option("--agents", is_flag=True, help="Only write AGENTS.md, into this folder or the one that is named.")
def command(name: str | None, starter: str, agents: bool) -> None:
    """Start a project in a new folder, or in this one with `.`: a story that builds, storyboard.toml, .gitignore,
    .gitattributes, AGENTS.md and an example for CI. Existing files are never overwritten."""
    from storyboard.project.scaffold import begin_project, shown_names, write_agents

    base = Path.cwd()
    if agents:
        folder = base / (name or ".")
        if not folder.is_dir():
            raise UsageError(f"there is no folder `{name}`", help="to start a project, omit --agents")
        write_agents(folder)
        return out_line(("✓ ", "ok"), ("AGENTS.md", "place"), "   for language models that work on this project")
    if name is None:
        raise UsageError("NAME is missing", help="storyboard new NAME, or storyboard new . for this folder")
    begun = begin_project(name, base, starter)
    story = begun.story.relative_to(base) if begun.story.is_relative_to(base) else begun.story
    go = "" if story.parent == Path() else f"cd {shlex.quote(story.parent.as_posix())} && "
    out_line(("✓ ", "ok"), (story.as_posix(), "place"), f"   {_ABOUT[starter]}")
    if begun.kept:
        out_line(f"  Kept as they were: {shown_names(begun.kept, begun.story.parent)}")
    return out_line(f"  The film, as a free local animatic:  {go}storyboard build")


_ABOUT = {
    "short": "a story of 24 s to begin with",
    "ad": "an advertisement of 15 s to begin with",
    "series": "an episode of 21 s to begin with; house.story has what all episodes share",
}
