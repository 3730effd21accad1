"""Suggestions for shell completion. Errors are never shown while typing: if something cannot be read, there are no
suggestions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from storyboard.errors import StoryboardError

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

    from storyboard.project import Compiled


def files(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Let the shell itself suggest files and folders."""
    return [_item(incomplete, type_="file")]


def folders(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Let the shell itself suggest folders."""
    return [_item(incomplete, type_="dir")]


def addresses(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Suggest the addresses of scenes, labels and shots, and the ids of jobs, in the named stories or the whole
    project."""
    from storyboard.plan.addresses import addresses_above

    compiled = _compiled(ctx)
    if compiled is None:
        return []
    shots = [shot.address for file in compiled.files if file.story for shot in file.story.shots]
    jobs = {job.id: f"job of {job.seconds} s" for story in compiled.stories for job in story.jobs}
    found = {**dict.fromkeys(addresses_above(shots), ""), **dict.fromkeys(shots, "shot"), **jobs}
    return [_item(name, about) for name, about in found.items() if name.startswith(incomplete)]


def settable(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Suggest the names that `--set` accepts; after `=`, the values that a `param` lists."""
    from storyboard.story.check import allowed_values

    compiled = _compiled(ctx)
    if compiled is None:
        return []
    allowed = {
        name: values
        for file in compiled.files
        if file.unit is not None
        for name, values in allowed_values(file.unit).items()
    }
    names = dict.fromkeys(name for file in compiled.files for name in file.settable)
    found = [each for name in names for each in [f"{name}=", *(f"{name}={value}" for value in allowed.get(name, ()))]]
    return _beginning(incomplete, found)


def providers(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Suggest the built-in providers, and those of plug-ins."""
    from storyboard.project.provider_registry import provider_names

    return _beginning(incomplete, provider_names())


def models(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Suggest the models of the catalogue, including the project's own cards."""
    from storyboard.project import open_project

    try:
        catalog = open_project().catalog
    except (StoryboardError, OSError):
        return []
    return [_item(name, card.title) for name, card in catalog.items() if name.startswith(incomplete)]


def codes(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Suggest the codes of findings, with their summaries."""
    from storyboard.diagnostics.rules import RULES

    wanted = incomplete.upper()
    return [_item(code, rule.summary) for code, rule in sorted(RULES.items()) if code.startswith(wanted)]


def schemas(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Suggest the documents that have a JSON Schema."""
    from storyboard.project.schemas import SCHEMAS

    return _beginning(incomplete, SCHEMAS)


def takes(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Suggest the takes of a job in the locks, newest first."""
    from storyboard.plan.addresses import jobs_at

    compiled = _compiled(ctx)
    if compiled is None:
        return []
    named = _words(ctx)[:1]
    found: set[int] = set()
    for story in compiled.stories:
        jobs = jobs_at(story.jobs, named) if named else story.jobs
        bases = {job.base for job in jobs}
        found |= {block.take for block in story.lock.blocks.values() if block.base in bases}
    return _beginning(incomplete, (str(take) for take in sorted(found, reverse=True)))


def _item(value: str, about: str = "", type_: str = "plain") -> CompletionItem[str]:
    from click.shell_completion import CompletionItem  # not needed to run a command

    return CompletionItem(value, type_, about or None)


def _beginning(incomplete: str, names: Iterable[str]) -> list[CompletionItem[str]]:
    return [_item(name) for name in names if name.startswith(incomplete)]


def _words(ctx: click.Context) -> list[str]:
    """Return the arguments so far. While an option lacks its value, click has not assigned them to their parameters."""
    given = [ctx.params.get("address"), *(ctx.params.get("paths") or ())]
    return [word for word in given if word] or list(ctx.args)


def _compiled(ctx: click.Context) -> Compiled | None:
    """Return the stories named so far, or the project's, with their jobs; None if they cannot be read."""
    from storyboard.project import Run

    words = _words(ctx)
    try:
        return Run(words[1:] if "address" in ctx.params else words).lint()
    except (StoryboardError, OSError):
        return None
