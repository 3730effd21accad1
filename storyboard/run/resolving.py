"""What a person settles by hand: outcomes that nobody knows, failures that were not billed, an account's new key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

from storyboard.errors import StoryboardError, UsageError
from storyboard.providers.answers import Task
from storyboard.providers.protocol import Provider
from storyboard.run.unsettled import KEY_SHOWN, status
from storyboard.run.world import World
from storyboard.store import Attempt, AttemptState, LocalStore, Whose

_MAY_ADOPT = frozenset({AttemptState.INTENT, AttemptState.LOST})
_MAY_ABANDON = frozenset({AttemptState.INTENT, AttemptState.SUBMITTED, AttemptState.FINISHED, AttemptState.LOST})
_MAY_BE_UNBILLED = frozenset({AttemptState.INTENT, AttemptState.LOST, AttemptState.FAILED, AttemptState.ABANDONED})


def adopt(store: LocalStore, attempt: Attempt, task: str, now: float) -> Attempt:
    """Says that a task is this attempt's: it will be polled and fetched. `now` is the date in seconds."""
    _refuse_unless(attempt, _MAY_ADOPT, "adopted")
    other = next((row for row in store.ledger.all() if row.task == task and row.whose == attempt.whose), None)
    if other is not None and other.external_id != attempt.external_id:
        raise UsageError(f"task {task} is that of {', '.join(other.addresses)} already (key {other.key[:KEY_SHOWN]})")
    submitted = attempt.submitted_at or now
    return _settle(store, attempt, replace(attempt, state=AttemptState.SUBMITTED, task=task, submitted_at=submitted))


def abandon(store: LocalStore, attempt: Attempt, now: float) -> Attempt:
    """Gives it up: it may be bought again, and counts as spent for as long as nobody says that it was not billed."""
    _refuse_unless(attempt, _MAY_ABANDON, "abandoned")
    return _settle(store, attempt, replace(attempt, state=AttemptState.ABANDONED, ended_at=now))


def unbilled_of(store: LocalStore, attempt: Attempt) -> Attempt:
    """Which attempt at the job a person means who says that it was not billed: the latest that counts as spent."""
    history = store.ledger.history([attempt.key])[attempt.key]
    open_ones = [a for a in history if a.state in _MAY_BE_UNBILLED and (a.costs or a.state in _MAY_ADOPT)]
    return open_ones[-1] if open_ones else attempt


def unbilled(store: LocalStore, attempt: Attempt, now: float) -> Attempt:
    """Says that the gateway's bill does not have it: its price is free again. An unknown one is given up with it."""
    _refuse_unless(attempt, _MAY_BE_UNBILLED, "said to be unbilled")
    state = AttemptState.FAILED if attempt.state is AttemptState.FAILED else AttemptState.ABANDONED
    return _settle(store, attempt, replace(attempt, state=state, charged=Decimal(0), ended_at=attempt.ended_at or now))


async def same_account(
    store: LocalStore, world: World, provider: Provider, whose: Whose, only: Attempt | None = None
) -> tuple[Attempt, ...]:
    """Re-labels the rows of a rotated key, those whose task the new key finds: what is held, or `only` that attempt.

    Gives the rows as they are now.
    """
    held = [each.attempt for each in status(store, whose) if each.held] if only is None else [only]
    mine = []
    for attempt in held:
        there = replace(attempt.whose, account=whose.account) == whose != attempt.whose
        if there and await _finds(world, provider, attempt):
            with _claimed(store, attempt):
                store.ledger.relabel(attempt, whose.account)
            mine.append(replace(attempt, whose=whose))
    return tuple(mine)


async def _finds(world: World, provider: Provider, attempt: Attempt) -> bool:
    name = attempt.task or attempt.external_id
    reply = await world.ask(provider.look_up(attempt.model, name))
    return isinstance(provider.read_task(attempt.model, name, reply), Task)


def _settle(store: LocalStore, before: Attempt, now: Attempt) -> Attempt:
    with _claimed(store, before):
        store.ledger.record(now)
    return now


@contextmanager
def _claimed(store: LocalStore, attempt: Attempt) -> Iterator[None]:
    claim = store.claim(attempt.key)
    if claim is None:
        raise StoryboardError(
            f"a build is at work on {', '.join(attempt.addresses)} now", help="wait for it, or stop it"
        )
    try:
        if attempt not in store.ledger.history([attempt.key])[attempt.key]:
            raise StoryboardError(
                f"{', '.join(attempt.addresses)} has changed meanwhile", help="look again: storyboard status"
            )
        yield
    finally:
        claim.release()


def _refuse_unless(attempt: Attempt, states: frozenset[AttemptState], what: str) -> None:
    if attempt.state not in states:
        raise UsageError(
            f"{', '.join(attempt.addresses)} (key {attempt.key[:KEY_SHOWN]}) is {attempt.state}, and cannot be {what}",
            help="`storyboard status` tells how each job stands",
        )
