"""The notes in a bucket: read, and written only over what was read."""

from __future__ import annotations

from storyboard.bucket.note import LARGEST_NOTE, Note, note_path, read_note, write_note
from storyboard.bucket.object_store import Changed, Objects, StoredObject
from storyboard.fast_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NoteSeen:
    """A key's note as it was last read or written, None if there is none."""

    note: Note | None
    stored: StoredObject | None


@dataclass(frozen=True, slots=True)
class NoteChanged:
    """A note that was not written, because it has changed. Decide again from `now`."""

    now: NoteSeen


class NoteBook:
    """All purchase notes of a bucket."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def read(self, key: str) -> NoteSeen:
        """Return the note of a key; raises DamagedNote, BucketAway, AccessError."""
        return _seen(key, self._objects.read(note_path(key), LARGEST_NOTE))

    def is_empty(self) -> bool:
        """Whether there is no note at all."""
        return next(iter(self._objects.list("notes")), None) is None

    def write(self, note: Note, over: NoteSeen) -> NoteSeen | NoteChanged:
        """Write a note over the one it was made from, None where there was none.

        Raises BucketAway where it stays unclear: the write may then arrive later, and the caller sends nothing.
        """
        written = self._objects.write(note_path(note.key), write_note(note), over.stored)
        if isinstance(written, Changed):
            return NoteChanged(_seen(note.key, written.now))
        return NoteSeen(note, written)


def _seen(key: str, stored: StoredObject | None) -> NoteSeen:
    return NoteSeen(None if stored is None else read_note(stored.content, key), stored)
