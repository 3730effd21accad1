"""Copy between two stores of one machine, with accounts translated to the receiver's fingerprints."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from storyboard.errors import StoreError, UsageError
from storyboard.fast_dataclasses import replace
from storyboard.files.disk import list_folder
from storyboard.run.credentials import account_of, find_key
from storyboard.store import LocalStore, Whose
from storyboard.store.local import LEDGER
from storyboard.store.transfer import Relabel, Transfer, transfer


def copy_store(giver: Path, receiver: Path) -> Transfer:
    """Copy what `giver` has bought into `receiver`, which is created if needed.

    Raises UsageError if the giver is not a store, the receiver is another kind of folder, or both are the same.
    """
    if not (giver / LEDGER).is_file():
        raise UsageError(
            f"there is no store in {giver}", help="name the folder that was used with --store or STORYBOARD_STORE"
        )
    if receiver.exists() and giver.samefile(receiver):
        raise UsageError(f"{giver} is this store itself", help="name another one")
    _check_receiver(receiver)
    source, target = LocalStore(giver), LocalStore(receiver)
    try:
        return transfer(source, target, _relabel(source, target))
    finally:
        source.close()
        target.close()


def _check_receiver(folder: Path) -> None:
    try:
        other = folder.exists() and not (folder / LEDGER).is_file() and bool(list_folder(folder))
    except OSError as error:
        raise StoreError(f"{folder} cannot be read: {error.strerror}") from error
    if other:
        raise UsageError(f"{folder} is not a storyboard store", help="name a store or a new folder")


def _relabel(source: LocalStore, target: LocalStore) -> Relabel:
    """Translate purchases of the current key to the receiver's fingerprint of that key. Other accounts keep their names
    and belong to nobody here: nothing is ever polled with a key that did not buy it."""

    @cache
    def relabel(whose: Whose) -> Whose:
        key = find_key(whose.base_url) if whose.account else ""
        if key and account_of(key, source.ledger.salt()) == whose.account:
            return replace(whose, account=account_of(key, target.ledger.salt()))
        return whose

    return relabel
