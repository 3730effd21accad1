"""What a run rests on, apart from its command line: every path that was read, or looked for in vain."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from storyboard.cards.catalog import PROJECT_FOLDER
from storyboard.files.project_root import MARKS
from storyboard.jobs.lockfile import lock_path
from storyboard.project.discovery import SUFFIX, folders_below, folders_of_locks, locks_below
from storyboard.project.gitignore import IGNORE_FILE
from storyboard.project.settings import PROJECT_FILE, user_file

if TYPE_CHECKING:
    from storyboard.project.building import BuiltStory
    from storyboard.project.checking import CheckedFile
    from storyboard.project.planning import PlannedStory
    from storyboard.project.project import Project
    from storyboard.project.workspace import Run
    from storyboard.store import LocalStore


@dataclass(frozen=True, slots=True)
class Ingredients:
    """Paths: `read` by content or listing, wherever they are missing too; `marks` of which only the presence counts;
    `empty` that must hold nothing; `clips` that are never edited in place, and were there or not."""

    read: frozenset[Path] = frozenset()
    marks: frozenset[Path] = frozenset()
    empty: frozenset[Path] = frozenset()
    clips: Mapping[Path, bool] = field(default_factory=dict)

    def __or__(self, other: Ingredients) -> Ingredients:
        """All of both."""
        return Ingredients(
            self.read | other.read, self.marks | other.marks, self.empty | other.empty, {**self.clips, **other.clips}
        )


def of_search(run: Run) -> Ingredients | None:
    """What tells which files a run is about; None where that cannot be told."""
    folders = [folder for target in run.folders() for folder in folders_below(target)]
    if any(_has_links(folder) for folder in folders):
        return None
    ignores = {place / IGNORE_FILE for folder in run.folders() for place in (folder, *folder.parents)}
    named = {run.base / name for name in run.paths}
    marks = _marks((run.base, *folders))
    return Ingredients(frozenset((*folders, *ignores, *(folder / IGNORE_FILE for folder in folders), *named)), marks)


def of_projects(run: Run, files: Iterable[CheckedFile]) -> Ingredients:
    """What all files of a run have in common: configuration, cards, where projects begin."""
    read = {user_file(os.environ)}
    for project in run.projects:
        read.update(_of_project(project))
    beginnings = {Path(os.path.realpath(path)).parent for file in files for path in file.sources}
    return Ingredients(frozenset(read), _marks((run.base, *beginnings)))


def of_file(file: CheckedFile, variant: str) -> Ingredients:
    """A file, what it imports, and its lock."""
    return Ingredients(frozenset((*file.sources, lock_path(file.path, variant))))


def of_plan(planned: PlannedStory) -> Ingredients:
    """What a story's plan rests on besides: the clips that are there; and the whole ledger, where anything is to be
    made or money counts."""
    from storyboard.store.job_status import Verdict

    found = Ingredients(clips=planned.clips)
    done = all(step.state in (Verdict.CACHED, Verdict.UNUSED) for step in planned.plan.steps)
    return found if done and not planned.provider.pays else found | of_store(planned.store)


def of_store(store: LocalStore) -> Ingredients:
    """The ledger, with nothing in it that is not in its file."""
    return Ingredients(frozenset((store.ledger.file,)), empty=frozenset(store.ledger.unsettled()))


def of_build(built: BuiltStory) -> Ingredients:
    """A film with its clips, and the takes that its contact sheet shows."""
    film, store = built.film, built.planned.store
    read = {film.folder, film.sheet, film.manifest, *(clip.parent for clip in (*film.clips, *film.takes) if clip)}
    read.update([film.film] if film.film else [])
    takes = {store.clips.place(block.clip) for block in built.planned.compiled.lock.blocks.values() if block.clip}
    clips = {clip: True for clip in (*film.clips, *film.takes) if clip} | {clip: clip.exists() for clip in takes}
    return Ingredients(frozenset(read), clips=clips)


def _marks(beginnings: Iterable[Path]) -> frozenset[Path]:
    """What says where projects and repositories begin."""
    places = {place for folder in beginnings for place in (folder, *folder.parents)}
    return frozenset(place / mark for place in places for mark in MARKS)


def _of_project(project: Project) -> Iterator[Path]:
    root = project.root
    cards = root / PROJECT_FOLDER
    if project.settings.budget is not None:  # what every lock tells was spent counts against it
        yield from folders_of_locks(root)
        yield from locks_below(root)
    yield root / PROJECT_FILE
    yield cards
    yield from cards.glob("*.toml")


def _has_links(folder: Path) -> bool:
    """Whether a story in it is a link: where that leads may change unseen."""
    with os.scandir(folder) as entries:
        return any(entry.is_symlink() for entry in entries if entry.name.endswith(SUFFIX))
