"""What the ledger knows that is not settled, of all sessions, and which job a person means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from storyboard.diagnostics.suggest import did_you_mean
from storyboard.errors import UsageError
from storyboard.store import Attempt, AttemptState, LocalStore, StoryRef, Whose

UNSETTLED = (AttemptState.INTENT, AttemptState.SUBMITTED, AttemptState.FINISHED, AttemptState.LOST, AttemptState.FAILED)
KEY_SHOWN = 12
"""Digits of a key that a person needs to name it."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An attempt that is running, of unknown outcome, failed or lost. `held`: it belongs to another account, base URL
    or dialect than the one that asks."""

    attempt: Attempt
    held: bool


def status(store: LocalStore, whose: Whose | None = None, story: StoryRef | None = None) -> tuple[Unsettled, ...]:
    """What the ledger knows that is not settled, of all sessions: the latest attempt at each key, oldest first.

    What was begun on this machine alone and not finished costs nothing, and is no matter. Without an account in
    `whose` nobody can say what is held for another one.
    """
    rows = store.ledger.in_states(*UNSETTLED)
    latest = store.ledger.history({row.key for row in rows})
    return tuple(
        Unsettled(row, whose is not None and is_held(row, whose))
        for row in rows
        if row == last_counted(latest[row.key]) and story in (None, row.story) and _matters(row)
    )


def is_held(row: Attempt, whose: Whose) -> bool:
    """Whether only somebody else can ask about it. What failed has been answered."""
    theirs = row.whose
    if row.state is AttemptState.FAILED or theirs.provider != whose.provider:
        return False
    elsewhere = (theirs.base_url, theirs.dialect) != (whose.base_url, whose.dialect)
    return elsewhere or (bool(whose.account) and theirs.account != whose.account)


def find_attempt(store: LocalStore, name: str, project: str | None = None) -> Attempt:
    """The latest attempt at the job that `name` means: the beginning of its key, or the address of a shot of it.

    An address is looked for in the stories of the folder `project`, where one is given. Raises `UsageError` where it
    means no job, or more than one.
    """
    rows = list(store.ledger.beginning(name)) if _is_prefix(name) else []
    if not rows:
        near = [row for row in store.ledger.all() if project in (None, row.story.project)]
        rows = [row for row in near if name in row.addresses]
        if not rows:
            raise _nothing(name, near)
    keys = {row.key for row in rows}
    open_keys = {row.key for row in rows if row.state in UNSETTLED}
    candidates = store.ledger.history(open_keys or keys)
    if len(candidates) > 1:
        latest = (last_counted(candidates[key]) for key in sorted(candidates))
        listed = ", ".join(f"{each.key[:KEY_SHOWN]} ({each.state})" for each in latest)
        raise UsageError(f"`{name}` means {len(candidates)} jobs: {listed}", help="name one by its key")
    (history,) = candidates.values()
    return last_counted(history)


def last_counted(attempts: Iterable[Attempt]) -> Attempt:
    """The latest that counts, as where a job stands is judged."""
    listed = list(attempts)
    counted = [a for a in listed if a.state not in (AttemptState.WITHDRAWN, AttemptState.TWICE)]
    return max(counted or listed, key=lambda attempt: (attempt.number, attempt.opened_at))


def _matters(row: Attempt) -> bool:
    return bool(row.whose.account) or row.state is AttemptState.FAILED


def _nothing(name: str, near: Iterable[Attempt]) -> UsageError:
    known = {address for row in near if row.state in UNSETTLED for address in row.addresses}
    way_out = "`storyboard status` lists them; name a shot, or how a key begins"
    return UsageError(f"the ledger knows no job `{name}`", help=did_you_mean(name, sorted(known)) or way_out)


def _is_prefix(name: str) -> bool:
    return len(name) >= 4 and all(letter in "0123456789abcdef" for letter in name)
