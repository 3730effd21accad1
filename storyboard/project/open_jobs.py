"""The open jobs in the ledger, for the stories that a command line names."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from storyboard.errors import UsageError
from storyboard.fast_dataclasses import replace
from storyboard.jobs.lockfile import lock_path, read_lock
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.project.discovery import locks_below
from storyboard.project.plan import account_at
from storyboard.project.project import Project, located
from storyboard.project.provider_registry import make_provider
from storyboard.project.workspace import Run
from storyboard.providers.protocol import Provider
from storyboard.report.status import Open, OpenView, Sent
from storyboard.report.style import shown
from storyboard.report.team_status import TeamView
from storyboard.run.manual_resolution import Unsettled, status
from storyboard.store import Attempt, LocalStore, StoryRef, Whose


def unsettled(run: Run, names: Sequence[str] = (), everywhere: bool = False) -> OpenView:
    """Return the open jobs of these files and folders, of the project if none is named, or of the whole store and the
    whole team with `everywhere`.

    Sends nothing to a gateway. Raises UsageError if a name is neither a file, a folder, nor a story in the ledger.
    """
    found: dict[tuple[str, Whose], Open] = {}
    others: set[tuple[str, Whose]] = set()
    sent: dict[Path, tuple[Sent, ...]] = {}
    rebuilt, waits, shared = False, dict[Path, int](), dict[Path, Project]()
    places: Sequence[str | None] = names or [None]
    for name in places:
        path = run.base if name is None else (run.base / name).resolve()
        project = run.project_of(path)
        store = run.store_of(project)
        rebuilt = rebuilt or store.ledger.rebuilt
        if project.settings.ledger is not None:
            shared[project.root] = project
        if project.settings.clips is not None:
            shared[project.root] = project
            from storyboard.bucket.spool import waiting

            waits[store.folder] = waiting(store.folder)
        place = project.root if name is None else path
        rows = [
            replace(each, attempt=located(each.attempt, project)) for each in status(store, buyer(project, store)[1])
        ]
        near = [each for each in rows if everywhere or _below(each.attempt.story, place)]
        if name is not None and not near and not path.exists():
            raise UsageError(f"there is no file or folder `{name}`", help="storyboard status --all")
        found |= {_identity(each.attempt): _open(each, store, project, run.base) for each in near}
        sent |= {lock: _sent_elsewhere(lock, store, run.base) for lock in _locks(place)}
        others |= {_identity(each.attempt) for each in rows}
    teams: tuple[TeamView, ...] = ()
    if everywhere and shared:
        from storyboard.project.team_survey import team_views

        teams = team_views(run, shared.values())
    return OpenView(
        tuple(found.values()),
        len(others - set(found)),
        rebuilt,
        time.time(),
        tuple(chain.from_iterable(sent.values())),
        sum(waits.values()),
        teams,
        not everywhere and any(project.settings.ledger is not None for project in shared.values()),
    )


def buyer(project: Project, store: LocalStore) -> tuple[Provider, Whose]:
    """Return the paying provider of a project, and the account that would own its purchases."""
    provider = make_provider(project.settings.buying, project.settings, project.catalog)
    return provider, Whose(provider.name, provider.base_url, provider.dialect, account_at(provider, store))


def build_command(attempt: Attempt, project: Project, base: Path) -> str:
    """Return the command that continues a job."""
    story = attempt.story
    words = ["storyboard", "build", shown(story.file, base)]
    words += ["--as", story.variant] if story.variant else []
    words += ["--provider", attempt.whose.provider] if attempt.whose.provider != project.settings.building else []
    return shlex.join(words)


def _open(each: Unsettled, store: LocalStore, project: Project, base: Path) -> Open:
    attempt = each.attempt
    path = shown(attempt.story.file, base)
    return Open(attempt, each.held, store.is_claimed(attempt.key), path, build_command(attempt, project, base))


def _locks(place: Path) -> Iterable[Path]:
    return locks_below(place) if place.is_dir() else filter(Path.is_file, [lock_path(place, "")])


def _sent_elsewhere(path: Path, store: LocalStore, base: Path) -> tuple[Sent, ...]:
    """Return jobs that another machine has sent without an answer, by the lock; this ledger has no row of them."""
    blocks = [block for block in read_lock(path).blocks.values() if block.state is PurchaseState.INTENT]
    known = store.ledger.history(block.key for block in blocks)
    return tuple(Sent(block, shown(path, base)) for block in blocks if block.key not in known)


def _below(story: StoryRef, place: Path) -> bool:
    path = story.file
    return place == path or place in path.parents


def _identity(attempt: Attempt) -> tuple[str, Whose]:
    return attempt.external_id, attempt.whose
