"""Budgets: what a story, a project and a user may spend in total, including what locks record of other machines.

A user's own budget covers all stores. Each store that was used under it is recorded in the user's state folder, with
its ledger and spending, so that neither another store nor a deleted one makes room for more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from pathlib import Path

from storyboard.errors import SpendingError, StoreError
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.cache import digest
from storyboard.files.disk import SMALL, is_file, list_folder, read_file
from storyboard.files.environment import environ
from storyboard.files.lock import alone_in, held_together, is_held
from storyboard.files.user_folders import state_folder
from storyboard.files.writing import PRIVATE, replace_file
from storyboard.forms import money_of, money_text
from storyboard.jobs.key import external_id
from storyboard.jobs.lock import Lock
from storyboard.jobs.lockfile import read_lock
from storyboard.jobs.purchase_history import PastPurchase
from storyboard.plan import lacking
from storyboard.project.compile import CompiledStory
from storyboard.project.discovery import locks_below
from storyboard.project.settings import read_configuration, user_file
from storyboard.store import Attempt, Cap, LocalStore, StoryRef
from storyboard.store.local import LEDGER, default_store_path
from storyboard.store.sqlite.ledger import SqliteLedger

OWN_BUDGET = "your own budget"
"""The name of the user's own budget in messages."""


class _Known(NamedTuple):
    """A ledger by its name, and its spending when it was last used, in US dollars."""

    ledger: str
    spent: Decimal


def budgets_of(story: CompiledStory, reference: StoryRef, store: LocalStore) -> tuple[Cap, ...]:
    """Return the budgets that a story's jobs count against; raises `LockError` if a lock of the project is damaged."""
    return tuple(_budgets(story, reference, store))


def _budgets(story: CompiledStory, reference: StoryRef, store: LocalStore) -> Iterator[Cap]:
    of_story, project, own = story.story.budget, story.project.settings.budget, story.project.settings.own_budget
    if of_story is not None:
        elsewhere, pruned = _told([story.lock], store.ledger.of_story(reference))
        yield Cap(f".budget of {story.path.name}", of_story, story=reference, elsewhere=elsewhere, pruned=pruned)
    if project is not None:
        rows = store.ledger.of_project(reference.project)
        elsewhere, pruned = _told((read_lock(path) for path in locks_below(story.project.root)), rows)
        yield Cap("the project's budget", project, project=reference.project, elsewhere=elsewhere, pruned=pruned)
    if own is not None:
        yield own_cap(own, store)


def _told(locks: Iterable[Lock], rows: tuple[Attempt, ...]) -> tuple[dict[str, Decimal], Decimal]:
    """Return what locks record of attempts that are not in these rows, by id, and of older ones without a line; US
    dollars."""
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


def own_cap(limit: Decimal, store: LocalStore) -> Cap:
    """Return the user's own budget over everything that they buy, in any project and store.

    Raises StoreError if the record of their stores, or the ledger of another store, cannot be read.
    """
    return Cap(OWN_BUDGET, limit, pruned=sum(_elsewhere(store), Decimal(0)))


@contextmanager
def only_store(store: LocalStore) -> Iterator[None]:
    """Allow buying with this store only until done, because a reservation is checked against one ledger. Several builds
    may use it.

    Raises SpendingError if another build is buying with another store, StoreError if that cannot be determined.
    """
    folder = _file().parent / "buying"
    own = folder / digest(_resolved(store.folder).encode(errors="surrogateescape")).hex()
    with ExitStack() as held:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with alone_in(folder):
                others = [folder / each.name for each in list_folder(folder) if each.name != own.name]
                busy = any(is_held(other) for other in others)
                if not busy:
                    held.enter_context(held_together(own))
        except OSError as error:
            raise StoreError(f"{folder} cannot be locked: {error.strerror}") from error
        if busy:
            raise SpendingError(
                "your own budget applies to all stores together, and another build is buying with another store now",
                help="build again when it is done",
            )
        yield


def note_store(store: LocalStore, limit: Decimal) -> None:
    """Record a store and its ledger's spending; raises StoreError if that cannot be written."""
    spent = store.ledger.spent(Cap("", limit))
    file = _file()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone_in(file.parent):
            known = {**_known(), (_resolved(store.folder), store.ledger.name): spent}
            rows = [
                {"store": folder, "ledger": ledger, "spent": money_text(cost)}
                for (folder, ledger), cost in known.items()
            ]
            replace_file(file, json.dumps(rows, indent=2) + "\n", mode=PRIVATE)
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror}") from error


def _elsewhere(store: LocalStore) -> Iterator[Decimal]:
    """Yield the spending of each other ledger: now, or when it was last seen if it is gone."""
    known = _known()
    own = read_configuration(user_file(environ)).get("store")
    usual = {_resolved(folder) for folder in (default_store_path(), own) if folder is not None}
    here = _resolved(store.folder)
    found = {folder: _held(Path(folder)) for folder in {folder for folder, _ in known} | usual if folder != here}
    yield from (held.spent for held in found.values() if held is not None)
    there = {(folder, held.ledger) for folder, held in found.items() if held is not None}
    there.add((here, store.ledger.name))
    yield from (spent for place, spent in known.items() if place not in there)


def _held(folder: Path) -> _Known | None:
    """Return the spending in the ledger of a store; None if there is none."""
    if not is_file(folder / LEDGER):
        return None
    ledger = SqliteLedger(folder / LEDGER)
    try:
        ledger.record_file()
        return _Known(ledger.name, ledger.spent(Cap("", Decimal(0))))
    finally:
        ledger.close()


def _known() -> Mapping[tuple[str, str], Decimal]:
    """Return the recorded stores, by folder and ledger, each with its spending."""
    file = _file()
    try:
        rows = json.loads(read_file(file, SMALL))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise StoreError(f"{file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError):
        raise _damaged(file) from None
    known: dict[tuple[str, str], Decimal] = {}
    for row in rows if isinstance(rows, list) else [None]:
        match row:
            case {"store": str(folder), "ledger": str(ledger), "spent": spent} if "\0" not in folder:
                amount = money_of(spent)
                if amount is None:
                    raise _damaged(file)
                known[folder, ledger] = amount
            case _:
                raise _damaged(file)
    return known


def _damaged(file: Path) -> StoreError:
    return StoreError(
        f"{file} is damaged; it lists the stores that you have bought with, which your own budget needs",
        help="delete it if you have never bought with another store",
    )


def _resolved(folder: Path) -> str:
    return os.path.realpath(folder)


def _file() -> Path:
    return state_folder() / "bought_with.json"
