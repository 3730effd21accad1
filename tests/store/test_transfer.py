"""Between two stores: clips with their finished rows, whole, once, and under the right account."""

from __future__ import annotations

import os
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from storyboard.jobs.purchase_state import PurchaseState
from storyboard.jobs.request import Request
from storyboard.store import Attempt, Cap, LocalStore, StoryRef, Whose
from storyboard.store.transfer import Transfer, transfer

STORY = StoryRef("/films", "lantern.story")
THEIRS = Whose("kirin", "https://gateway.test", "generation", "aaaaaaaaaaaaaaaa")
OURS = replace(THEIRS, account="bbbbbbbbbbbbbbbb")
SIZE = len(b"moving pictures a")


@pytest.fixture
def giver(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "giver")


@pytest.fixture
def receiver(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "receiver")


def bought(store: LocalStore, key: str = "a", **more: Any) -> Attempt:
    """A clip and its row."""
    part = store.clips.scratch(key)
    part.write_bytes(f"moving pictures {key}".encode())
    clip, _ = store.clips.add(part)
    attempt = Attempt(
        key=key,
        number=1,
        external_id=f"sb-{key}-1-1",
        whose=THEIRS,
        story=STORY,
        state=PurchaseState.DONE,
        content="c",
        addresses=("river.wide",),
        seconds=7,
        model="kirin_v3_t2v",
        request=Request("m", ()),
        run="r",
        opened_at=1.0,
        task=f"t-{key}",
        clip=clip,
        reserved=Decimal("1.00"),
        charged=Decimal("0.70"),
    )
    written = store.ledger.correct(replace(attempt, **more))
    assert isinstance(written, Attempt)
    return written


def copy(giver: LocalStore, receiver: LocalStore) -> Transfer:
    return transfer(giver, receiver, lambda whose: whose)


def spent(store: LocalStore) -> Decimal:
    return store.ledger.spent(Cap("budget", Decimal(100), story=STORY))


def test_clip_comes_with_its_row_and_only_once(giver: LocalStore, receiver: LocalStore) -> None:
    attempt = bought(giver)
    assert copy(giver, receiver) == Transfer(clips=1, bytes=SIZE, rows=1)
    assert receiver.ledger.all() == (attempt,)
    clip = receiver.clip_of("a")
    assert clip is not None and clip.read_bytes() == b"moving pictures a"
    assert clip.stat().st_mode & 0o077 == 0
    assert copy(giver, receiver) == Transfer(there=1)
    assert receiver.ledger.all() == giver.ledger.all() == (attempt,)


@pytest.mark.parametrize("state", [state for state in PurchaseState if state is not PurchaseState.DONE])
def test_unfinished_jobs_stay_in_their_store(giver: LocalStore, receiver: LocalStore, state: PurchaseState) -> None:
    bought(giver, state=state)
    assert copy(giver, receiver) == Transfer()
    assert receiver.ledger.all() == () and not list(receiver.clips.all())


def test_a_damaged_clip_is_not_copied_nor_its_row(giver: LocalStore, receiver: LocalStore) -> None:
    attempt = bought(giver)
    place = giver.clips.path(attempt.clip or "")
    assert place is not None
    place.chmod(0o600)
    place.write_bytes(b"moving pictureS a")
    assert copy(giver, receiver) == Transfer(missing=1)
    assert receiver.ledger.all() == () and not list(receiver.clips.all())


def test_interrupted_copy_is_resumed(giver: LocalStore, receiver: LocalStore) -> None:
    """The clip was there before its row; half of another lies in scratch."""
    first, second = bought(giver, "a"), bought(giver, "b")
    part = receiver.clips.scratch("x")
    part.write_bytes(b"moving pictures a")
    receiver.clips.add(part)
    receiver.clips.scratch("copy-b").write_bytes(b"moving")
    assert copy(giver, receiver) == Transfer(clips=1, bytes=SIZE, rows=2)
    assert set(receiver.ledger.all()) == {first, second}
    assert dict(receiver.verify()) == {first.clip: True, second.clip: True}
    assert not list((receiver.folder / "scratch").iterdir())


def test_clip_lost_by_the_receiver_is_copied_again(giver: LocalStore, receiver: LocalStore) -> None:
    attempt = bought(giver)
    copy(giver, receiver)
    receiver.clips.remove(attempt.clip or "")
    assert copy(giver, receiver) == Transfer(clips=1, bytes=SIZE)
    assert receiver.clip_of("a") is not None


def test_a_purchase_that_the_receiver_knows_is_not_counted_twice(giver: LocalStore, receiver: LocalStore) -> None:
    """Adopted there by the lock: the same task, under the fingerprint of another salt."""
    attempt = bought(giver)
    own = replace(attempt, version=0, whose=OURS, state=PurchaseState.SUBMITTED, clip=None, charged=None)
    receiver.ledger.correct(own)
    assert copy(giver, receiver) == Transfer(there=1)
    assert receiver.ledger.all() == (replace(own, version=1),)
    assert spent(receiver) == Decimal("1.00")


def test_a_task_known_by_another_id_is_not_counted_twice(giver: LocalStore, receiver: LocalStore) -> None:
    attempt = bought(giver)
    own = replace(attempt, version=0, whose=OURS, external_id="sb-other")
    receiver.ledger.correct(own)
    copy(giver, receiver)
    assert receiver.ledger.all() == (replace(own, version=1),) and spent(receiver) == Decimal("0.70")


def test_withdrawn_attempt_of_the_receiver_does_not_block_the_copy(giver: LocalStore, receiver: LocalStore) -> None:
    attempt = bought(giver)
    receiver.ledger.correct(
        replace(attempt, version=0, whose=OURS, state=PurchaseState.WITHDRAWN, clip=None, charged=None, task=None)
    )
    assert copy(giver, receiver).rows == 1
    assert spent(receiver) == Decimal("0.70")


def test_job_of_a_running_build_is_skipped(giver: LocalStore, receiver: LocalStore) -> None:
    bought(giver)
    claim = receiver.claim("a")
    assert claim is not None
    assert copy(giver, receiver) == Transfer(busy=1)
    assert receiver.ledger.all() == ()
    claim.release()
    assert copy(giver, receiver).rows == 1


def test_account_is_translated_to_the_receiver(giver: LocalStore, receiver: LocalStore) -> None:
    bought(giver)
    transfer(giver, receiver, lambda whose: replace(whose, account=OURS.account))
    assert [attempt.whose for attempt in receiver.ledger.all()] == [OURS]


def test_an_intent_of_the_receiver_stands_for_the_same_purchase(giver: LocalStore, receiver: LocalStore) -> None:
    attempt = bought(giver)
    own = replace(attempt, version=0, whose=OURS, state=PurchaseState.INTENT, clip=None, charged=None, task=None)
    receiver.ledger.correct(own)
    assert copy(giver, receiver) == Transfer(there=1)
    assert receiver.ledger.all() == (replace(own, version=1),) and spent(receiver) == Decimal("1.00")


def test_a_clip_that_breaks_after_it_was_verified_is_not_copied(giver: LocalStore, receiver: LocalStore) -> None:
    attempt = bought(giver)
    place = giver.clips.path(attempt.clip or "")
    assert place is not None
    before = place.stat()
    place.chmod(0o600)
    place.write_bytes(b"moving pictureS a")
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert copy(giver, receiver) == Transfer(missing=1)
    assert not list(receiver.clips.all()) and not list((receiver.folder / "scratch").iterdir())
