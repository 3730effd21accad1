"""Budgets: what a story, a project and a person may spend for good, with what locks tell of other machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from storyboard.jobs.key import external_id
from storyboard.jobs.lock import Lock
from storyboard.jobs.lockfile import read_lock
from storyboard.jobs.purchase_history import PastPurchase
from storyboard.plan import lacking
from storyboard.project.compile import CompiledStory
from storyboard.project.discovery import locks_below
from storyboard.project.own_spending import own_cap
from storyboard.store import Attempt, Cap, LocalStore, StoryRef


def budgets_of(story: CompiledStory, reference: StoryRef, store: LocalStore) -> tuple[Cap, ...]:
    """The budgets that a story's jobs count against; raises `LockError` where a lock of the project is damaged."""
    return tuple(_budgets(story, reference, store))


def _budgets(story: CompiledStory, reference: StoryRef, store: LocalStore) -> Iterator[Cap]:
    of_story, project, own = story.story.budget, story.project.settings.budget, story.project.settings.own_budget
    if of_story is not None:
        elsewhere, pruned = _told([story.lock], store.ledger.of_story(reference))
        yield Cap(f".budget of {story.path.name}", of_story, story=reference, elsewhere=elsewhere, pruned=pruned)
    if project is not None:
        rows = store.ledger.of_project(reference.project)
        elsewhere, pruned = _told((read_lock(path) for path in locks_below(Path(reference.project))), rows)
        yield Cap("the project's budget", project, project=reference.project, elsewhere=elsewhere, pruned=pruned)
    if own is not None:
        yield own_cap(own, store)


def _told(locks: Iterable[Lock], rows: tuple[Attempt, ...]) -> tuple[dict[str, Decimal], Decimal]:
    """What locks tell of attempts that these rows lack, by their ids, and of others that no line names; US dollars."""
    elsewhere: dict[str, Decimal] = {}
    past: dict[PastPurchase, Decimal] = {}
    for lock in locks:
        lacks = lacking(lock, rows)
        for block in lacks.blocks:
            name = external_id(block.key or block.content, block.take, block.attempt)
            elsewhere[name] = max(elsewhere.get(name, Decimal(0)), block.cost or Decimal(0))
        for purchase, cost in lacks.past:
            past[purchase] = max(past.get(purchase, cost), cost)
    return elsewhere, sum(past.values(), Decimal(0))
