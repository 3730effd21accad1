"""What a plan or a build rests on, apart from its command line: every path that was read, or looked for in vain."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from storyboard.cards.catalog import PROJECT_FOLDER
from storyboard.jobs.lockfile import lock_path
from storyboard.project.ignoring import IGNORE_FILE
from storyboard.project.scan import SUFFIX, folders_below, folders_of_locks, locks_below
from storyboard.project.settings import PROJECT_FILE, user_file
from storyboard.syntax.files import MARKS

if TYPE_CHECKING:
    from storyboard.project.building import BuiltStory
    from storyboard.project.project import Project
    from storyboard.project.run import Planned, Run
    from storyboard.store import LocalStore


@dataclass(frozen=True, slots=True)
class Ingredients:
    """Paths: `read` by content or listing, wherever they are missing too; `marks` of which only the presence counts;
    `empty` that must hold nothing; `clips` that are never edited in place, and were there or not."""

    read: frozenset[Path]
    marks: frozenset[Path]
    empty: frozenset[Path]
    clips: dict[Path, bool]


def ingredients(run: Run, planned: Planned, built: Iterable[BuiltStory] = ()) -> Ingredients | None:
    """All of a run's; None where they cannot all be told."""
    folders = [folder for target in run.folders() for folder in folders_below(target)]
    if any(_has_links(folder) for folder in folders):
        return None
    read, marks, empty = set(_given(run, folders)), set(_marks(run, folders)), set[Path]()
    clips: dict[Path, bool] = {}
    for story in planned.stories:
        read.add(lock_path(story.compiled.path, story.compiled.variant))
        read.update(_of_project(story.compiled.project))
        read.update(_of_store(story.store))
        empty.update(story.store.ledger.unsettled())
        clips.update(story.store.clips.asked)
    for done in built:
        film = done.film
        read.update([film.folder, film.sheet, film.manifest, *([film.film] if film.film else [])])
        read.update(clip.parent for clip in film.clips if clip)
        clips.update((clip, True) for clip in film.clips if clip)
    return Ingredients(frozenset(read), frozenset(marks), frozenset(empty), clips)


def _given(run: Run, folders: Iterable[Path]) -> Iterator[Path]:
    yield user_file(os.environ)
    yield from (run.base / name for name in run.paths)
    yield from run.sources
    for folder in folders:
        yield folder
        yield folder / IGNORE_FILE
    for folder in run.folders():
        yield from (parent / IGNORE_FILE for parent in folder.parents)


def _marks(run: Run, folders: Iterable[Path]) -> Iterator[Path]:
    """What says where projects and repositories begin."""
    beginnings = {run.base, *folders, *(Path(os.path.realpath(path)).parent for path in run.sources)}
    for place in {place for folder in beginnings for place in (folder, *folder.parents)}:
        yield from (place / mark for mark in MARKS)


def _of_project(project: Project) -> Iterator[Path]:
    root = project.root
    cards = root / PROJECT_FOLDER
    if project.settings.budget is not None:  # what every lock tells was spent counts against it
        yield from folders_of_locks(root)
        yield from locks_below(root)
    yield root / PROJECT_FILE
    yield cards
    yield from cards.glob("*.toml")


def _of_store(store: LocalStore) -> Iterator[Path]:
    yield store.ledger.file


def _has_links(folder: Path) -> bool:
    """Whether a story in it is a link: where that leads may change unseen."""
    with os.scandir(folder) as entries:
        return any(entry.is_symlink() for entry in entries if entry.name.endswith(SUFFIX))
