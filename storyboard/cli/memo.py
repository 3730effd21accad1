"""Writes down what a run said and all that it rests on, where it changed nothing: `fast` may then say it again."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

import storyboard
from storyboard.cache import save, stamp
from storyboard.cli import fast
from storyboard.plan import StepState
from storyboard.project.ingredients import Ingredients, ingredients
from storyboard.project.providing import BUILTIN

if TYPE_CHECKING:
    from storyboard.cache import Stamp
    from storyboard.project import BuiltStory, Planned, Run

FINE, COARSE = 20_000_000, 2_000_000_000
"""How long before the run a file must have been left alone (ns), so that a change during it would show in its times:
file systems that count finely move on every few milliseconds, others every second or two."""

_TIMELESS = (StepState.CACHED, StepState.BUY, StepState.UNUSED)
"""States that are told in the same words whenever one asks, and whoever's key it is."""


def keep_plan(run: Run, planned: Planned) -> None:
    """After a plan was told."""
    steps = [step for story in planned.stories for step in story.plan.steps]
    if all(step.state in _TIMELESS for step in steps) and not any(_insists(story.request) for story in planned.stories):
        _keep(run, planned, ())


def keep_build(run: Run, planned: Planned, built: Sequence[BuiltStory]) -> None:
    """After a build was told, if it had nothing to do."""
    from storyboard.run.result import JobState

    idle = all(
        story.film.film is not None
        and not story.result.notices
        and all(job.state is JobState.CACHED for job in story.result.jobs)
        and (not story.planned.provider.pays or os.environ.get(fast.KEY, "").strip())
        for story in built
    )
    if idle and built:
        _keep(run, planned, built)


def _insists(request: object) -> bool:
    return bool(getattr(request, "rebuy", ()) or getattr(request, "retry", ()))


def _keep(run: Run, planned: Planned, built: Sequence[BuiltStory]) -> None:
    start = fast.started()
    if start is None or planned.compiled.has_errors or not planned.stories:
        return
    if any(story.provider.name not in BUILTIN for story in planned.stories):
        return
    question, began = start
    try:
        found = ingredients(run, planned, built)
        answer = _answer(found, began) if found else None
    except OSError:
        return
    if answer is not None:
        save(question, answer)


def _answer(found: Ingredients, began: int) -> fast.Answer | None:
    stamps = {str(path): stamp(str(path)) for path in (*found.read, *_program())}
    if any(path.exists() and path.stat().st_size for path in found.empty):
        return None
    if not all(_settled(each, began) for each in stamps.values()):
        return None
    clips = tuple(_clips(found.clips, began))
    if None in clips:
        return None
    there = {**{path: path.exists() for path in found.marks}, **{p: False for p, was in found.clips.items() if not was}}
    return (
        tuple(fast.said),
        tuple(stamps.items()),
        tuple((str(path), is_there) for path, is_there in there.items()),
        tuple(map(str, found.empty)),
        tuple(each for each in clips if each is not None),
    )


def _settled(found: Stamp, began: int) -> bool:
    return found is None or _quiet(max(found[:2]), began)


def _quiet(changed: int, began: int) -> bool:
    return changed < began - (FINE if changed % 1_000_000 else COARSE)


def _clips(clips: dict[Path, bool], began: int) -> Iterator[fast.Clips | None]:
    """By the folder that they can be looked at from; None where one is too fresh. What is the same file under two names
    is looked at once: its folder's own stamp tells of the other name."""
    seen: set[tuple[int, int]] = set()
    by_folder: dict[str, tuple[list[str], list[int]]] = {}
    for path, was in clips.items():
        if not was:
            continue
        found = path.stat()
        if not _quiet(found.st_mtime_ns, began):
            yield None
        if (found.st_ino, found.st_dev) in seen:
            continue
        seen.add((found.st_ino, found.st_dev))
        folder = path.parent.parent
        names, numbers = by_folder.setdefault(str(folder), ([], []))
        names.append(f"{path.parent.name}/{path.name}")
        numbers += [found.st_mtime_ns, found.st_size, found.st_ino]
    yield from ((folder, tuple(names), tuple(numbers)) for folder, (names, numbers) in by_folder.items())


def _program() -> Iterable[Path]:
    """What says that storyboard and what it uses are as they were: the folder of packages, and, where storyboard is
    worked on in place, each of its files."""
    packages = Path(click.__file__).parents[1]
    ours = [Path(place) for place in storyboard.__path__]
    yield packages
    yield from (Path(module.__file__) for module in (storyboard, sys.modules[__name__]) if module.__file__)
    if packages not in (place.parent for place in ours):
        for place in (*ours, *map(Path, import_module("storyboard.grammar").__path__)):
            yield from (path for path in place.rglob("*") if path.suffix in (".py", ".toml", ".json", ".lark"))
