"""A bucket of another vendor keeps what a team relies on: azurite, the vendor's own server, judges the conditions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest

from storyboard.bucket.bucket_clips import ClipAdded
from storyboard.bucket.fitness import try_bucket
from storyboard.bucket.identity import make_identity
from storyboard.bucket.note import Note, Writer
from storyboard.bucket.note_book import NoteChanged, NoteSeen
from storyboard.bucket.note_changes import NoteAuthor, WantedPurchase, begin, hear, leave
from storyboard.bucket.object_store import BucketAway
from storyboard.bucket.purse import Charge, PurseCap, PurseEntry, PurseFull
from storyboard.bucket.shared_bucket import SharedBucket
from storyboard.store.clips import ClipFolder
from tests.support.azurite import azure_container, azurite_server

KEY = "d" * 64
WANTED = WantedPurchase(KEY, "kirin", "https://gateway.test", "generation", "a1", Decimal("0.42"), "lantern", "a.story")
_names = count(1)


def author(name: str) -> NoteAuthor:
    return NoteAuthor(Writer(f"{name}-1", f"{name}@desk", "1"), "2026-11-27T07:00:00Z")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with azurite_server() as port:
        yield port


@pytest.fixture
def team(port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[SharedBucket]:
    with azure_container(port, f"films{next(_names)}", monkeypatch) as address:
        yield SharedBucket(address)


def test_azure_bucket_is_fit_for_notes(team: SharedBucket) -> None:
    tried = {each.name: each.state for each in try_bucket(team.objects)}
    assert tried == {"create": "ok", "swap": "ok", "read": "ok", "rules": "note"}


def test_azure_bucket_has_one_identity(team: SharedBucket) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: make_identity(team.objects), range(4)))
    assert len(set(found)) == 1


def test_one_of_many_first_intents_is_written(team: SharedBucket) -> None:
    def write(number: int) -> bool:
        note = begin(None, WANTED, "sb-1", author(f"m{number}"))
        assert isinstance(note, Note)
        return isinstance(team.notes.write(note, NoteSeen(None, None)), NoteSeen)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(write, range(8))) == 1


def test_note_is_written_only_over_what_was_read(team: SharedBucket) -> None:
    note = begin(None, WANTED, "sb-1", author("mei"))
    assert isinstance(note, Note)
    seen = team.notes.write(note, team.notes.read(KEY))
    assert isinstance(seen, NoteSeen) and seen.note is not None
    left, heard = leave(seen.note, author("mei")), hear(seen.note, 1, "task-1", author("raj"))
    assert isinstance(left, Note) and isinstance(heard, Note)
    assert isinstance(team.notes.write(heard, seen), NoteSeen)
    changed = team.notes.write(left, seen)
    assert isinstance(changed, NoteChanged) and changed.now.note == heard
    assert isinstance(team.notes.write(left, changed.now), NoteSeen)


def test_azure_purse_is_never_passed(team: SharedBucket) -> None:
    cap = PurseCap(".budget", Decimal("1.00"))

    def reserve(number: int) -> bool:
        entry = PurseEntry(f"entry-{number}", "a.story", Decimal("0.30"))
        return not isinstance(team.purses.reserve("lantern", [entry], [cap])[entry.id], PurseFull)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(reserve, range(6))) == 3
    settled = next(iter(team.purses.read("lantern").entries.values()))
    team.purses.settle("lantern", {settled.attempt: Charge("a.story", Decimal("0.10"))})
    assert team.purses.read("lantern").used() == Decimal("0.70")


def test_azure_clip_comes_back_whole(team: SharedBucket, tmp_path: Path) -> None:
    for name in ("mei", "raj"):
        (tmp_path / name).mkdir()
    mei, raj = ClipFolder(tmp_path / "mei/clips"), ClipFolder(tmp_path / "raj/clips")
    part = mei.scratch("one")
    part.write_bytes(b"a clip" * 10_000)
    sha256, _ = mei.add(part)
    assert sha256 == hashlib.sha256(b"a clip" * 10_000).hexdigest()
    assert team.clips.add(sha256, mei) is ClipAdded.UPLOADED
    assert team.clips.add(sha256, mei) is ClipAdded.THERE
    assert team.clips.fetch(sha256, raj) == 60_000
    assert raj.path(sha256) is not None
    assert [clip.sha256 for clip in team.clips.all()] == [sha256]
    team.clips.remove(sha256)
    assert not team.clips.has(sha256)


def test_container_that_is_missing_is_named(team: SharedBucket) -> None:
    with pytest.raises(BucketAway, match="there is no bucket az://nowhere"):
        SharedBucket("az://nowhere/team").notes.read(KEY)
