"""Plan compiled stories: what a build would do, given the store with earlier results."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from storyboard.errors import StoryboardError, UsageError
from storyboard.fast_dataclasses import dataclass, field
from storyboard.files.environment import environ
from storyboard.files.transcript import Transcript, recording, recording_for_run
from storyboard.forms import is_text
from storyboard.jobs.lock import Lock
from storyboard.plan import (
    Past,
    Plan,
    PlanOptions,
    PlanRequest,
    check_addresses,
    make_plan,
    take_over,
)
from storyboard.project.budgets import budgets_of
from storyboard.project.check import CheckedFile
from storyboard.project.compile import CompiledStory, LockOf, stored_lock
from storyboard.project.project import Project, project_id
from storyboard.providers.protocol import Provider
from storyboard.store import Cap, LocalStore, StoryRef, Whose
from storyboard.store.job_status import Verdict

if TYPE_CHECKING:  # only a project with a shared ledger imports it
    from storyboard.project.team_ledger import TeamLedger


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses on the command line: the wanted ones (none: all), lost jobs to buy again, refused ones to retry."""

    only: tuple[str, ...] = ()
    rebuy: tuple[str, ...] = ()
    retry: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedStory:
    """A story with its plan, for a provider and a store, and the budgets that its jobs count against.

    `team` is the ledger that the project shares, or why it cannot be asked now; None without one. `depends` records the
    disk accesses.
    """

    compiled: CompiledStory
    plan: Plan
    provider: Provider
    store: LocalStore
    request: PlanRequest
    budgets: tuple[Cap, ...] = ()
    team: TeamLedger | StoryboardError | None = None
    depends: Transcript = field(default_factory=Transcript, compare=False)


def check_named(stories: Sequence[CompiledStory], addresses: Addresses) -> None:
    """Raise UsageError for an address that no story of the run has, unless there are no stories."""
    if not stories:
        return
    jobs = [job for story in stories for job in story.jobs]
    free = [shot for story in stories for shot in story.story.local_shots]
    check_addresses(jobs, addresses.only, "--only", free)
    check_addresses(jobs, addresses.rebuy, "--rebuy", free)
    check_addresses(jobs, addresses.retry, "--retry", free)


def plan_story(
    story: CompiledStory,
    provider: Provider,
    store: LocalStore,
    addresses: Addresses,
    team: TeamLedger | StoryboardError | None = None,
) -> PlannedStory:
    """Plan a build of the story; raises StoreError if the store cannot be read."""
    request = PlanRequest(
        key_id=provider.key_id,
        gateway=Whose(provider.name, provider.base_url, provider.dialect),
        story=reference(story.project, story.path, story.variant),
        pays=provider.pays,
        only=addresses.only,
        rebuy=addresses.rebuy,
        retry=addresses.retry,
        account=_account_of(provider, store),
    )
    with recording() as depends:
        past, team = _past_of(store, team) if provider.pays else (store, None)
        plan = make_plan(story.jobs, story.project.catalog, story.lock, past, request, now=time.time())
        if provider.pays or any(step.state not in (Verdict.CACHED, Verdict.UNUSED) for step in plan.steps):
            store.ledger.record_file()  # else its `traces` tell whether anything changed that concerns this story
    with recording_for_run():
        budgets = budgets_of(story, request.story, store) if provider.pays else ()
    return PlannedStory(story, plan, provider, store, request, budgets, team, depends)


def _past_of(
    store: LocalStore, team: TeamLedger | StoryboardError | None
) -> tuple[Past, TeamLedger | StoryboardError | None]:
    """Return what is known of earlier purchases, here and in the team's ledger; and that ledger, or why it cannot be
    asked."""
    if team is None or isinstance(team, StoryboardError):
        return store, team
    from storyboard.project.team_history import TeamPast

    return TeamPast(store, team), team


def save_planned(stories: Sequence[PlannedStory], file: Path, asked: PlanOptions) -> None:
    """Save plans with the options that decided them; raises StoreError if the file cannot be written."""
    from storyboard.plan.plan_file import save_plans

    save_plans(_by_name(stories), file, asked)


def check_planned(stories: Sequence[PlannedStory], file: Path) -> None:
    """Raise SpendingError if the plans in a file are not these, UsageError if the file holds no plan."""
    from storyboard.plan.plan_file import check_plans

    check_plans(_by_name(stories), file)


def _by_name(stories: Sequence[PlannedStory]) -> Mapping[str, Plan]:
    """Return the plans by their story's path in its project, which is the same on another machine."""
    plans: dict[str, Plan] = {}
    for story in stories:
        ref = story.request.story
        name = f"{ref.path} as {ref.variant}" if ref.variant else ref.path
        plans[f"{Path(ref.folder).name}/{name}" if name in plans else name] = story.plan
    return plans


def lock_with_ledger(
    variant: str,
    store_of: Callable[[Project], LocalStore],
    team_of: Callable[[Project], TeamLedger | StoryboardError | None],
) -> LockOf:
    """Return a function for the lock beside a story, plus what this machine's ledger and the team's know of its jobs
    with the paying provider."""

    def lock_of(file: CheckedFile) -> Lock:
        story, buying = reference(file.project, file.path, variant), file.project.settings.buying
        rows = store_of(file.project).ledger.of_story(story, buying)
        lock, team = take_over(stored_lock(variant)(file), rows, buying), team_of(file.project)
        if team is None or isinstance(team, StoryboardError):
            return lock
        from storyboard.project.team_history import only_in_team

        return take_over(lock, only_in_team(team.of_story(story), rows), buying)

    return lock_of


def reference(project: Project, path: Path, variant: str) -> StoryRef:
    """Return how the ledger identifies a story: its project, its path in there, its variant.

    Raises UsageError for a name that is not UTF-8, as folders from old archives have: no ledger could hold it.
    """
    root = project.root
    inside = path.relative_to(root) if path.is_relative_to(root) else path
    if not is_text(str(root)) or not is_text(str(inside)):
        shown = os.fsencode(root / inside).decode(errors="replace")
        raise UsageError(f"the name of {shown} is not UTF-8, so purchases for it cannot be recorded", help="rename it")
    return StoryRef(project_id(project), inside.as_posix(), variant, str(root))


def _account_of(provider: Provider, store: LocalStore) -> Callable[[], str]:
    """Return a function for the account of the current key. A key in the environment is read now, because a wrong one
    is an error; a keyring is slow, and only asked if the plan depends on the key."""
    from storyboard.run.credentials import API_KEY

    if not environ.get(API_KEY):
        return partial(account_at, provider, store)
    account = account_at(provider, store)
    return lambda: account


def account_at(provider: Provider, store: LocalStore) -> str:
    """Return the account of the current key, as this store identifies it; "" without a key."""
    if not provider.pays:
        return ""
    from storyboard.run.credentials import account_of, find_key

    key = find_key(provider.base_url)
    return account_of(key, store.ledger.salt()) if key else ""
