"""Copying bought clips from one store into another on the same machine, each with its finished row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from storyboard.errors import StoreError
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.files.writing import copy_file
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.store.attempt import Attempt, Whose
from storyboard.store.clips import sha256_of
from storyboard.store.local import LocalStore

Relabel = Callable[[Whose], Whose]
"""Whose an attempt is in the words of the store that receives it: each has its own salt for accounts."""


@dataclass
class Transfer:
    """What was copied: `clips` that were missing, their `bytes`, `rows` that were not known.

    `there` counts jobs that had nothing to copy, `missing` those whose clip is gone or damaged in the store it is
    copied from, `busy` those that a build is working on in the store it is copied to.
    """

    clips: int = 0
    bytes: int = 0
    rows: int = 0
    there: int = 0
    missing: int = 0
    busy: int = 0


def transfer(giver: LocalStore, receiver: LocalStore, relabel: Relabel) -> Transfer:
    """Copy clip by clip, each durable before its row; if it is interrupted, the next call continues.

    Rows that have not ended are not copied: their claims and tasks belong to the store they are in. Raises
    `StoreError`.
    """
    done = Transfer()
    for attempt in giver.ledger.in_states(PurchaseState.DONE):
        if attempt.clip is None:
            continue
        claim = receiver.claim(attempt.key)
        if claim is None:
            done.busy += 1
            continue
        try:
            _copy(giver, receiver, replace(attempt, whose=relabel(attempt.whose)), done)
        finally:
            claim.release()
    return done


def _copy(giver: LocalStore, receiver: LocalStore, attempt: Attempt, done: Transfer) -> None:
    """Copy one attempt, under the receiver's claim on its key."""
    sha256 = attempt.clip or ""
    own = _known(receiver.ledger.history([attempt.key]).get(attempt.key, ()), attempt)
    if own is not None and own.clip != sha256:
        done.there += 1  # the receiver knows of this task itself, and what it knows counts there
        return
    if receiver.clips.path(sha256) is None:
        size = _copy_clip(giver.clips.path(sha256), receiver.clips.scratch(f"copy-{attempt.key}"), sha256)
        if size is None:
            done.missing += 1
            return
        receiver.clips.add(receiver.clips.scratch(f"copy-{attempt.key}"))
        done.clips += 1
        done.bytes += size
    elif own is not None:
        done.there += 1
    if own is None:
        receiver.ledger.settle(attempt)
        done.rows += 1


def _known(history: Iterable[Attempt], attempt: Attempt) -> Attempt | None:
    """Return the receiver's own row of the same purchase, under any account: it must not be counted twice."""
    place = attempt.whose.provider, attempt.whose.base_url, attempt.whose.dialect
    for own in history:
        same = own.external_id == attempt.external_id or (own.task is not None and own.task == attempt.task)
        at = own.whose.provider, own.whose.base_url, own.whose.dialect
        if same and at == place and own.state is not PurchaseState.WITHDRAWN:
            return own
    return None


def _copy_clip(clip: Path | None, scratch: Path, sha256: str) -> int | None:
    """Copy a clip; return its size in bytes, None if its bytes no longer match its hash."""
    if clip is None:
        return None
    try:
        copy_file(clip, scratch)
        if sha256_of(scratch) == sha256:
            return scratch.stat().st_size
        scratch.unlink()
    except OSError as error:
        raise StoreError(
            f"{scratch} cannot be written: {error.strerror}",
            help="free up space or allow writing there, then run the same command again: it continues where it stopped",
        ) from error
    return None
