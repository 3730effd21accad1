"""What is to follow to the bucket: clips, news for notes and lock lists, kept on disk until the bucket has them.

A file each, durable before anybody relies on it, in a folder of the store for each bucket. Sent in the order of their
names: clips first, since a note that says `done` promises the clip.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from storyboard.bucket.bucket_clips import ClipAdded
from storyboard.bucket.lock_list import LockList
from storyboard.bucket.note import DamagedNote, Note
from storyboard.bucket.note_changes import NoteAuthor
from storyboard.bucket.note_news import NewsKind, NoteNews, news_document, read_news, tell
from storyboard.bucket.object_store import BucketAway
from storyboard.bucket.purse_settlement import settle_by_notes
from storyboard.bucket.shared_bucket import SharedBucket
from storyboard.errors import AccessError, StoreError
from storyboard.fast_dataclasses import dataclass, field, replace
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.disk import SMALL, is_folder, list_folder, read_file
from storyboard.files.lock import alone_in
from storyboard.files.writing import PRIVATE, append, make_durable, replace_file
from storyboard.forms import is_sha256, is_text
from storyboard.store.clips import ClipFolder

SPOOL = "spool"
SUFFIX = ".json"
SEND_EVERY = 30.0
"""Seconds between two tries of a build that runs."""


@dataclass
class SpoolSent:
    """What was sent, and how much is left with the first reason why."""

    sent: int = 0
    left: int = 0
    trouble: str | None = None
    damaged: list[str] = field(default_factory=list)

    def add(self, other: SpoolSent) -> None:
        """Count what was sent elsewhere too."""
        self.sent += other.sent
        self.left += other.left
        self.trouble = self.trouble or other.trouble
        self.damaged += other.damaged


class _Delivered(NamedTuple):
    """A file whose content has arrived; the note that it was told to, with the project that told it."""

    file: Path
    told: tuple[Note, str] | None


class Spool:
    """What a store has for one bucket."""

    def __init__(self, store: Path, address: str) -> None:
        self._store = store
        self._folder = store / SPOOL / hashlib.sha256(address.encode()).hexdigest()[:16]

    def add_clip(self, sha256: str) -> None:
        """Keep in mind that the bucket is to get a clip of the store."""
        self._add(f"1-{sha256}", {"clip": sha256})

    def add_lock_list(self, lock: LockList) -> None:
        """Keep what a lock names; the latest word on a lock counts."""
        name = hashlib.sha256(repr((lock.project, lock.story, lock.variant)).encode()).hexdigest()[:32]
        said = {"project": lock.project, "story": lock.story, "variant": lock.variant, "clips": sorted(lock.clips)}
        self._add(f"3-{name}", {"lock": said})

    def add_news(self, news: NoteNews) -> None:
        """Keep news for a note."""
        self._add(f"2-{time.time_ns():020d}-{os.urandom(4).hex()}", {"news": news_document(news)})

    def forget_leaving(self, key: str) -> None:
        """Drop the news that this store sends no more for a key: it is about to send again."""
        for file in list(self._files()):
            with suppress(FileNotFoundError, ValueError, DamagedNote):
                news = json.loads(read_file(file, SMALL)).get("news")
                told = None if news is None else read_news(news)
                if told is not None and told.key == key and told.is_of_sender:
                    file.unlink(missing_ok=True)

    def said(self, about: str) -> frozenset[str]:
        """Return what the bucket or the spool was told about a story, so that not every build repeats it."""
        try:
            marks = json.loads(read_file(self._said_file(about)))
        except (OSError, ValueError):
            marks = []
        return frozenset(filter(is_text, marks if isinstance(marks, list) else [])) | self._told(about)

    def _told(self, about: str) -> frozenset[str]:
        try:
            lines = read_file(self._told_file(about)).decode("utf-8", "replace").split("\n")
        except OSError:
            return frozenset()
        return frozenset(lines[:-1])

    def keep_told(self, about: str, marks: Iterable[str]) -> None:
        """Keep that the bucket itself was told something about a story. Where this is lost, it is told again."""
        with suppress(OSError):
            self._make_folder()
            append(self._told_file(about), "".join(f"{mark}\n" for mark in marks).encode())

    def keep_said(self, about: str, marks: Iterable[str]) -> None:
        """Keep what was put into the spool about a story."""
        try:
            self._make_folder()
            replace_file(self._said_file(about), json.dumps(sorted(marks)), mode=PRIVATE)
            self._told_file(about).unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable(error) from error

    def _said_file(self, about: str) -> Path:
        return self._folder / f"said-{hashlib.sha256(about.encode()).hexdigest()[:32]}"

    def _told_file(self, about: str) -> Path:
        return self._folder / f"told-{hashlib.sha256(about.encode()).hexdigest()[:32]}"

    def count(self) -> int:
        """Return how many entries are still to be sent."""
        return sum(1 for _ in self._files())

    def send(self, bucket: SharedBucket, clips: ClipFolder, author: NoteAuthor) -> SpoolSent:
        """Send what is there, one process at a time. What cannot be sent stays; nothing is raised for the bucket."""
        done = SpoolSent()
        if not any(True for _ in self._files()):
            return done
        try:
            with alone_in(self._folder):
                told: list[_Delivered] = []
                for file in self._files():
                    if done.trouble is None:
                        told += self._send(file, bucket, clips, author, done)
                self._settle(told, bucket, done)
        except OSError as error:
            raise self._unusable(error) from error
        done.left = self.count()
        return done

    def _send(
        self, file: Path, bucket: SharedBucket, clips: ClipFolder, author: NoteAuthor, done: SpoolSent
    ) -> Iterator[_Delivered]:
        """The file, if what it says was delivered."""
        try:
            told = _deliver(json.loads(read_file(file, SMALL)), bucket, clips, author)
        except FileNotFoundError:
            return  # another process was quicker
        except (DamagedNote, ValueError) as error:
            done.damaged.append(f"{file.name}: {error}")
        except (BucketAway, AccessError) as away:
            done.trouble = away.message
        else:
            yield _Delivered(file, told)

    def _settle(self, told: Iterable[_Delivered], bucket: SharedBucket, done: SpoolSent) -> None:
        """Settle the purses by all notes that were told to, and only then forget what was delivered."""
        told = tuple(told)
        try:
            settle_by_notes(bucket.purses, [each.told for each in told if each.told is not None])
        except (BucketAway, AccessError) as away:
            done.trouble = done.trouble or away.message
            return
        except DamagedNote as damaged:  # the notes have it: the purse is settled when it is whole again
            done.damaged.append(damaged.message)
        for each in told:
            each.file.unlink(missing_ok=True)
            done.sent += 1

    def _add(self, name: str, document: Mapping[str, Any]) -> None:
        try:
            self._make_folder()
            text = json.dumps(document, ensure_ascii=False)
            replace_file(self._folder / f"{name}{SUFFIX}", text, mode=PRIVATE, durable=True)
        except OSError as error:
            raise self._unusable(error) from error

    def _make_folder(self) -> None:
        if not self._folder.is_dir():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            make_durable(self._store)
            make_durable(self._folder.parent)

    def _files(self) -> Iterator[Path]:
        if not is_folder(self._folder):
            return
        names = sorted(entry.name for entry in list_folder(self._folder))
        yield from (self._folder / name for name in names if name.endswith(SUFFIX))

    def _unusable(self, error: OSError) -> StoreError:
        return StoreError(f"the store cannot be used at {self._folder}: {error.strerror}", help="free up space")


def _deliver(document: Any, bucket: SharedBucket, clips: ClipFolder, author: NoteAuthor) -> tuple[Note, str] | None:
    """Tell the bucket what a file of the spool says; the note that it was told to and its own project, if any."""
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")
    clip, news, lock = document.get("clip"), document.get("news"), document.get("lock")
    if is_sha256(clip):
        bucket.clips.add(clip, clips)
    elif news is not None:
        told = read_news(news)
        if told.clip is not None and bucket.clips.add(told.clip, clips) is ClipAdded.MISSING:
            told = replace(told, kind=NewsKind.HEARD, clip=None)  # a note says `done` only where the clip can be had
        note = tell(bucket.notes, told, author)
        return None if note is None else (note, told.wanted.project)
    elif isinstance(lock, dict):
        bucket.lock_lists.remember(_read_lock(lock))
    else:
        raise ValueError("it says nothing")
    return None


def _read_lock(said: Mapping[str, Any]) -> LockList:
    names, clips = [said.get(name) for name in ("project", "story", "variant")], said.get("clips")
    if not all(map(is_text, names)) or not isinstance(clips, list) or not all(map(is_sha256, clips)):
        raise ValueError("it names no clips of a lock")
    project, story, variant = map(str, names)
    return LockList(project, story, variant, frozenset(clips))


def waiting(store: Path) -> int:
    """Return how many entries a store has for all its buckets that are still to be sent; no bucket is asked."""
    folder = store / SPOOL
    if not is_folder(folder):
        return 0
    folders = [Path(entry.path) for entry in list_folder(folder) if entry.is_dir(follow_symlinks=False)]
    return sum(1 for each in folders for entry in list_folder(each) if entry.name.endswith(SUFFIX))
