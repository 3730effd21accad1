"""What was spent on the stories of a run: from this machine's ledger, and from locks for other machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from storyboard.errors import UsageError
from storyboard.fast_dataclasses import dataclass
from storyboard.files.disk import list_folder, real
from storyboard.jobs.lockfile import read_lock
from storyboard.plan import lacking
from storyboard.project.discovery import LOCK_SUFFIX, SUFFIX, locks_below
from storyboard.project.project import located, project_id
from storyboard.project.workspace import Run
from storyboard.store import Attempt
from storyboard.syntax import project_root


@dataclass(frozen=True, slots=True)
class Spent:
    """`attempts` cost something here, or may, each task once; `elsewhere` is known only from locks, in US dollars."""

    attempts: tuple[Attempt, ...]
    elsewhere: Decimal


def spent_on(paths: Sequence[str], run: Run) -> Spent:
    """Return what was spent on the stories in these files and folders, now or earlier (default: the project's).

    Raises UsageError for a path that is neither there nor in the ledger.
    """
    places = [real(run.base / path) for path in paths] or [project_root(run.base)]
    found: dict[tuple[str, str], Attempt] = {}
    told: set[Path] = set()
    for place in places:
        project = run.project_of(place)
        spent = run.store_of(project).ledger.spending()
        attempts = _below(place, [located(attempt, project) for attempt in spent])
        if not attempts and not place.exists():
            raise UsageError(f"there is no story `{place.name}`, and nothing was spent on a story of that name")
        found |= {(attempt.external_id, repr(attempt.whose)): attempt for attempt in attempts}
        told |= set(_locks(place))
    rows = tuple(sorted(found.values(), key=lambda attempt: attempt.opened_at))
    return Spent(rows, sum((_elsewhere(lock, run) for lock in sorted(told)), Decimal(0)))


def story_file(attempt: Attempt) -> Path:
    """Return the story whose build reserved an attempt's price; the file may be gone."""
    return attempt.story.file


def _below(place: Path, attempts: Iterable[Attempt]) -> list[Attempt]:
    """Filter attempts; each story's path is checked once, however many attempts it has."""
    kept = []
    for _, same in groupby(sorted(attempts, key=story_file), key=story_file):
        group = list(same)
        if story_file(group[0]).is_relative_to(place):
            kept += group
    return kept


def _locks(place: Path) -> Iterator[Path]:
    """Return the locks below a folder, or of one story and its variants."""
    if place.is_dir():
        return locks_below(place)
    own = place.name.removesuffix(SUFFIX)
    beside = (
        Path(each.path)
        for each in list_folder(place.parent)
        if each.name.startswith(f"{own}.") and each.name.endswith(LOCK_SUFFIX)
    )
    return (path for path in beside if _story_of(path) == place or not _story_of(path).exists())


def _story_of(lock: Path) -> Path:
    """Return the story of a lock, unless it is a variant's."""
    return lock.with_name(lock.name.removesuffix(".lock"))


def _elsewhere(lock: Path, run: Run) -> Decimal:
    """Return what a lock records of attempts that are not in this machine's ledger."""
    rows = run.store_of(run.project_of(lock)).ledger.of_project(project_id(run.project_of(lock)))
    return lacking(read_lock(lock), rows).cost
