"""All notes of a bucket at once, for people who want to see what a team has bought.

What was read before is kept in the user's cache, by the etag that the listing shows, so that only new and changed notes
are read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from storyboard.bucket.note import LARGEST_NOTE, DamagedNote, Note, read_note
from storyboard.bucket.object_store import ListedObject, Objects
from storyboard.fast_dataclasses import dataclass
from storyboard.files import cache

THREADS = 16
MOST_KEPT = 20_000_000
"""Bytes of notes that the cache keeps."""

_Kept = Mapping[str, tuple[str, bytes]]
"""The etag and the content of each note that was read before, by its path."""


@dataclass(frozen=True, slots=True)
class NoteSurvey:
    """The notes of a bucket, and why others could not be read."""

    notes: tuple[Note, ...]
    damaged: tuple[str, ...]


def survey_notes(objects: Objects) -> NoteSurvey:
    """Read every note. Raises BucketAway, AccessError."""
    question = ("notes", str(objects.address))
    kept = _kept(question)
    listed = [each for each in objects.list("notes/") if each.path.endswith(".json")]

    def content_of(found: ListedObject) -> bytes | DamagedNote | None:
        etag, content = kept.get(found.path, ("", b""))
        if etag and etag == found.etag:
            return content
        if found.size > LARGEST_NOTE:
            return DamagedNote(f"{objects.place(found.path)} is too large for a note")
        stored = objects.read(found.path, LARGEST_NOTE)
        return None if stored is None else stored.content

    with ThreadPoolExecutor(THREADS) as pool:
        contents = list(pool.map(content_of, listed))
    notes, damaged, keep, size = list[Note](), list[str](), dict[str, tuple[str, bytes]](), 0
    for found, content in zip(listed, contents, strict=True):
        try:
            if isinstance(content, DamagedNote):
                raise content
            if content is None:
                continue
            notes.append(read_note(content, found.path.rpartition("/")[2].removesuffix(".json")))
        except DamagedNote as error:
            damaged.append(error.message)
            continue
        size += len(content)
        if found.etag and size <= MOST_KEPT:
            keep[found.path] = (found.etag, content)
    if keep != kept:
        cache.save(question, keep)
    return NoteSurvey(tuple(notes), tuple(damaged))


def _kept(question: tuple[str, str]) -> _Kept:
    kept = cache.load(question)
    return kept if isinstance(kept, dict) else {}
