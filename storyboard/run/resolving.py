"""What a person settles by hand: outcomes that nobody knows, failures that were not billed, an account's new key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal

from storyboard.errors import Trouble, UsageTrouble
from storyboard.providers.answers import Task
from storyboard.providers.protocol import Provider
from storyboard.run.world import World
from storyboard.store import Attempt, AttemptState, LocalStore, StoryRef, Whose

UNSETTLED = (AttemptState.INTENT, AttemptState.SUBMITTED, AttemptState.FINISHED, AttemptState.LOST, AttemptState.FAILED)
_MAY_ADOPT = frozenset({AttemptState.INTENT, AttemptState.LOST})
_MAY_ABANDON = frozenset({AttemptState.INTENT, AttemptState.SUBMITTED, AttemptState.FINISHED, AttemptState.LOST})
_MAY_BE_UNBILLED = frozenset({AttemptState.INTENT, AttemptState.LOST, AttemptState.FAILED, AttemptState.ABANDONED})


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An attempt that is running, of unknown outcome, failed or lost. `held`: it belongs to another account, base URL
    or dialect than the one that asks."""

    attempt: Attempt
    held: bool


def status(store: LocalStore, whose: Whose | None = None, story: StoryRef | None = None) -> tuple[Unsettled, ...]:
    """What the ledger knows that is not settled, of all sessions: the latest attempt at each key, oldest first.

    Without an account in `whose` nobody can say what is held.
    """
    rows = store.ledger.in_states(*UNSETTLED)
    latest = store.ledger.history({row.key for row in rows})
    return tuple(
        Unsettled(row, whose is not None and bool(whose.account) and row.whose != whose)
        for row in rows
        if row == _counted(latest[row.key]) and story in (None, row.story)
    )


def find_attempt(store: LocalStore, name: str, stories: Iterable[StoryRef] = ()) -> Attempt:
    """The latest attempt at the job that `name` means: the beginning of its key, or the address of a shot of it.

    `stories` are those in which an address is looked for; all, where there are none. Raises `UsageTrouble` where it
    means no job, or more than one.
    """
    rows = list(store.ledger.beginning(name)) if _is_prefix(name) else []
    if not rows:
        wanted = set(stories)
        rows = [row for row in store.ledger.all() if name in row.addresses and (not wanted or row.story in wanted)]
    keys = {row.key for row in rows}
    open_keys = {row.key for row in rows if row.state in UNSETTLED}
    if len(open_keys or keys) > 1:
        listed = ", ".join(sorted(key[:12] for key in open_keys or keys))
        raise UsageTrouble(f"`{name}` means {len(open_keys or keys)} jobs: {listed}", help="name one by its key")
    if not keys:
        raise UsageTrouble(
            f"the ledger knows no job `{name}`", help="`storyboard status` lists them; name a shot, or how a key begins"
        )
    (key,) = open_keys or keys
    return _counted(store.ledger.history([key])[key])


def adopt(store: LocalStore, attempt: Attempt, task: str, now: float) -> Attempt:
    """Says that a task is this attempt's: it will be polled and fetched. `now` is the date in seconds."""
    _refuse_unless(attempt, _MAY_ADOPT, "adopted")
    other = next((row for row in store.ledger.all() if row.task == task and row.whose == attempt.whose), None)
    if other is not None and other.external_id != attempt.external_id:
        raise UsageTrouble(f"task {task} is that of {', '.join(other.addresses)} already (key {other.key[:12]})")
    submitted = attempt.submitted_at or now
    return _settle(store, replace(attempt, state=AttemptState.SUBMITTED, task=task, submitted_at=submitted))


def abandon(store: LocalStore, attempt: Attempt, now: float) -> Attempt:
    """Gives it up: it may be bought again, and counts as spent for as long as nobody says that it was not billed."""
    _refuse_unless(attempt, _MAY_ABANDON, "abandoned")
    return _settle(store, replace(attempt, state=AttemptState.ABANDONED, ended_at=now))


def unbilled(store: LocalStore, attempt: Attempt, now: float) -> Attempt:
    """Says that the gateway's bill does not have it: its price is free again. An unknown one is given up with it."""
    _refuse_unless(attempt, _MAY_BE_UNBILLED, "said to be unbilled")
    state = AttemptState.FAILED if attempt.state is AttemptState.FAILED else AttemptState.ABANDONED
    return _settle(store, replace(attempt, state=state, charged=Decimal(0), ended_at=attempt.ended_at or now))


async def same_account(store: LocalStore, world: World, provider: Provider, whose: Whose) -> tuple[Attempt, ...]:
    """Re-labels the rows of a rotated key: those whose task the new key finds. Gives the rows as they are now."""
    mine = []
    for each in status(store, whose):
        there = replace(each.attempt.whose, account=whose.account)
        if each.held and there == whose and await _finds(world, provider, each.attempt):
            with _claimed(store, each.attempt):
                store.ledger.relabel(each.attempt, whose.account)
            mine.append(replace(each.attempt, whose=whose))
    return tuple(mine)


async def _finds(world: World, provider: Provider, attempt: Attempt) -> bool:
    name = attempt.task or attempt.external_id
    reply = await world.ask(provider.look_up(attempt.model, name))
    return isinstance(provider.read_task(attempt.model, name, reply), Task)


def _settle(store: LocalStore, attempt: Attempt) -> Attempt:
    with _claimed(store, attempt):
        store.ledger.record(attempt)
    return attempt


@contextmanager
def _claimed(store: LocalStore, attempt: Attempt) -> Iterator[None]:
    claim = store.claim(attempt.key)
    if claim is None:
        raise Trouble(f"a build is at work on {', '.join(attempt.addresses)} now", help="wait for it, or stop it")
    try:
        yield
    finally:
        claim.release()


def _counted(attempts: Iterable[Attempt]) -> Attempt:
    """The latest that counts, as where a job stands is judged."""
    listed = list(attempts)
    counted = [a for a in listed if a.state not in (AttemptState.WITHDRAWN, AttemptState.TWICE)]
    return max(counted or listed, key=lambda attempt: (attempt.number, attempt.opened_at))


def _refuse_unless(attempt: Attempt, states: frozenset[AttemptState], what: str) -> None:
    if attempt.state not in states:
        raise UsageTrouble(
            f"{', '.join(attempt.addresses)} (key {attempt.key[:12]}) is {attempt.state}, and cannot be {what}",
            help="`storyboard status` tells how each job stands",
        )


def _is_prefix(name: str) -> bool:
    return len(name) >= 4 and all(letter in "0123456789abcdef" for letter in name)
