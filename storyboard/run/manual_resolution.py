"""Open attempts in the ledger, and resolving them by hand: unknown outcomes, failures that were not billed, rotated
keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from storyboard.diagnostics.suggest import did_you_mean
from storyboard.errors import StoryboardError, UsageError
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.providers.answers import Task
from storyboard.store import Attempt, LocalStore, StoryRef, Whose
from storyboard.store.attempt_changes import HistoryChanged, second_task

if TYPE_CHECKING:
    from storyboard.providers.protocol import Provider
    from storyboard.run.world import World

UNSETTLED = (
    PurchaseState.INTENT,
    PurchaseState.SUBMITTED,
    PurchaseState.FINISHED,
    PurchaseState.LOST,
    PurchaseState.FAILED,
)
KEY_SHOWN = 12
"""Digits of a key that are enough to name it."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An attempt that is running, of unknown outcome, failed or lost. `held`: it belongs to another account, base URL
    or dialect than the one that asks."""

    attempt: Attempt
    held: bool


def status(store: LocalStore, whose: Whose | None = None, story: StoryRef | None = None) -> tuple[Unsettled, ...]:
    """Return the open attempts of all sessions: the latest at each key, oldest first. Unfinished local renderings cost
    nothing and are left out. Without an account in `whose`, it is unknown which are held for another one.
    """
    rows = store.ledger.in_states(*UNSETTLED)
    latest = store.ledger.history({row.key for row in rows})
    return tuple(
        Unsettled(row, whose is not None and is_held(row, whose))
        for row in rows
        if row == last_counted(latest[row.key]) and story in (None, row.story) and _matters(row)
    )


def is_held(row: Attempt, whose: Whose) -> bool:
    """Whether only another account can poll it. A failed one needs no poll."""
    theirs = row.whose
    if row.state is PurchaseState.FAILED or theirs.provider != whose.provider:
        return False
    elsewhere = (theirs.base_url, theirs.dialect) != (whose.base_url, whose.dialect)
    return elsewhere or (bool(whose.account) and theirs.account != whose.account)


def find_attempt(store: LocalStore, name: str, project: str | None = None, keys: Iterable[str] = ()) -> Attempt:
    """Return the latest attempt at the job that `name` means: the beginning of its key, or the address of one of its
    shots. `keys` are those of jobs with the id `name`, if any. An address is searched in the stories of the folder
    `project`, if given. Raises `UsageError` if it means no job, or several.
    """
    rows = list(store.ledger.beginning(name)) if _is_prefix(name) else []
    rows = rows or [row for history in store.ledger.history(keys).values() for row in history]
    if not rows:
        near = [row for row in store.ledger.all() if project in (None, row.story.project)]
        rows = [row for row in near if name in row.addresses]
        if not rows:
            raise _nothing(name, near)
    open_keys = {row.key for row in rows if row.state in UNSETTLED}
    candidates = store.ledger.history(open_keys or {row.key for row in rows})
    if len(candidates) > 1:
        latest = (last_counted(candidates[key]) for key in sorted(candidates))
        listed = ", ".join(f"{each.key[:KEY_SHOWN]} ({each.state})" for each in latest)
        raise UsageError(f"`{name}` means {len(candidates)} jobs: {listed}", help="name one by its key")
    (history,) = candidates.values()
    return last_counted(history)


def last_counted(attempts: Iterable[Attempt]) -> Attempt:
    """Return the latest attempt that counts, as for the job's status."""
    listed = list(attempts)
    counted = [a for a in listed if a.state not in (PurchaseState.WITHDRAWN, PurchaseState.TWICE)]
    return max(counted or listed, key=lambda attempt: (attempt.number, attempt.opened_at))


def _matters(row: Attempt) -> bool:
    return bool(row.whose.account) or row.state is PurchaseState.FAILED


def _nothing(name: str, near: Iterable[Attempt]) -> UsageError:
    known = {address for row in near if row.state in UNSETTLED for address in row.addresses}
    way_out = "`storyboard status` lists them; name a shot, or the first digits of a key"
    return UsageError(f"the ledger knows no job `{name}`", help=did_you_mean(name, sorted(known)) or way_out)


def _is_prefix(name: str) -> bool:
    return len(name) >= 4 and all(letter in "0123456789abcdef" for letter in name)


_MAY_ABANDON = frozenset({PurchaseState.INTENT, PurchaseState.SUBMITTED, PurchaseState.FINISHED, PurchaseState.LOST})
_MAY_ADOPT = frozenset(PurchaseState) - {PurchaseState.DONE, PurchaseState.WITHDRAWN, PurchaseState.TWICE}
_UNANSWERED = frozenset({PurchaseState.INTENT, PurchaseState.LOST})
_MAY_BE_UNBILLED = frozenset({PurchaseState.INTENT, PurchaseState.LOST, PurchaseState.FAILED, PurchaseState.ABANDONED})


def adopt(store: LocalStore, attempt: Attempt, task: str, now: float, price: Decimal | None = None) -> Attempt:
    """Assign a task to this attempt, even to a failed or abandoned one: it will be polled and fetched. `now` is the
    time in seconds. Another task of the attempt still counts as spent, in a row of its own.

    `price`, in US dollars, counts again where a refusal had freed what was reserved.
    """
    _refuse_unless(attempt, _MAY_ADOPT, "adopted")
    same = [row for row in store.ledger.all() if row.task == task and row.whose == attempt.whose]
    other = next((row for row in same if row.key != attempt.key), None)
    if other is not None:
        raise UsageError(f"task {task} already belongs to {', '.join(other.addresses)} (key {other.key[:KEY_SHOWN]})")
    submitted = attempt.submitted_at or now
    was_freed = bool(attempt.run) and attempt.state is PurchaseState.FAILED and attempt.reserved == 0
    adopted = replace(
        attempt,
        reserved=price if was_freed and price is not None else attempt.reserved,
        state=PurchaseState.SUBMITTED,
        task=task,
        submitted_at=submitted,
        ended_at=None,
        clip=None,
        error=None,
        said=None,
        charged=attempt.charged if attempt.task == task else None,
    )
    rows = [adopted] if attempt.task in (None, task) else [adopted, _beside(attempt)]
    with _claimed(store, attempt):
        written = store.ledger.together([partial(store.ledger.correct, row) for row in rows])
    for found in written:
        if isinstance(found, StoryboardError):
            raise found
        if isinstance(found, HistoryChanged):
            raise _changed(attempt)
    row: Attempt = written[0]
    return row


def _beside(attempt: Attempt) -> Attempt:
    """Return a row for the attempt's former task, which counts as spent and is not polled any more."""
    return second_task(attempt, attempt.task or "", attempt.charged)


def accept(store: LocalStore, attempt: Attempt, file: Path | None, now: float) -> Attempt:
    """Accept a clip that was downloaded by hand for this attempt; without a file, the one in the store. Raises
    UsageError if the file is not a playable clip.
    """
    if file is None and attempt.clip is None:
        raise UsageError(
            f"the store has no clip of {', '.join(attempt.addresses)}", help="give the file: --accept FILE"
        )
    if file is None:
        return attempt
    from storyboard.media.clip import ClipTrouble
    from storyboard.media.probe import probe_clip

    try:
        target = store.clips.copied(file, f"{attempt.external_id}-accepted")
        probe_clip(target)
    except ClipTrouble as trouble:
        raise UsageError(f"{file} cannot be used: {trouble.message}") from trouble
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}") from error
    sha256, _ = store.clips.add(target)
    ended = attempt.ended_at or now
    return _settle(store, attempt, replace(attempt, state=PurchaseState.DONE, clip=sha256, ended_at=ended, said=None))


def correct(store: LocalStore, attempt: Attempt, charged: Decimal) -> Attempt:
    """Record the amount on the bill for an attempt, in US dollars."""
    return _settle(store, attempt, replace(attempt, charged=charged))


def abandon(store: LocalStore, attempt: Attempt, now: float) -> Attempt:
    """Abandon an attempt: it may be bought again, and counts as spent until it is recorded as not billed."""
    _refuse_unless(attempt, _MAY_ABANDON, "abandoned")
    return _settle(store, attempt, replace(attempt, state=PurchaseState.ABANDONED, ended_at=now))


def unbilled_of(store: LocalStore, attempt: Attempt) -> Attempt:
    """Return the attempt that "not billed" refers to: the latest that counts as spent."""
    history = store.ledger.history([attempt.key])[attempt.key]
    open_ones = [a for a in history if a.state in _MAY_BE_UNBILLED and (a.costs or a.state in _UNANSWERED)]
    return open_ones[-1] if open_ones else attempt


def unbilled(store: LocalStore, attempt: Attempt, now: float) -> Attempt:
    """Record that the gateway did not bill it, which releases its price. An unknown one is abandoned too."""
    _refuse_unless(attempt, _MAY_BE_UNBILLED, "said to be unbilled")
    state = PurchaseState.FAILED if attempt.state is PurchaseState.FAILED else PurchaseState.ABANDONED
    return _settle(store, attempt, replace(attempt, state=state, charged=Decimal(0), ended_at=attempt.ended_at or now))


async def same_account(
    store: LocalStore, world: World, provider: Provider, whose: Whose, only: Attempt | None = None
) -> tuple[Attempt, ...]:
    """Move rows to a rotated key if it finds their tasks: all held ones, or `only` that one. Return the new rows."""
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
        written = store.ledger.correct(now)
    if isinstance(written, HistoryChanged):
        raise _changed(before)
    return written


@contextmanager
def _claimed(store: LocalStore, attempt: Attempt) -> Iterator[None]:
    claim = store.claim(attempt.key)
    if claim is None:
        raise StoryboardError(
            f"a build is working on {', '.join(attempt.addresses)} now", help="wait for it, or stop it"
        )
    try:
        if attempt not in store.ledger.history([attempt.key])[attempt.key]:
            raise _changed(attempt)
        yield
    finally:
        claim.release()


def _changed(attempt: Attempt) -> StoryboardError:
    return StoryboardError(
        f"{', '.join(attempt.addresses)} has changed in the meantime", help="check it again: storyboard status"
    )


def _refuse_unless(attempt: Attempt, states: frozenset[PurchaseState], what: str) -> None:
    if attempt.state not in states:
        raise UsageError(
            f"{', '.join(attempt.addresses)} (key {attempt.key[:KEY_SHOWN]}) is {attempt.state}, and cannot be {what}",
            help="`storyboard status` shows the state of each job",
        )
