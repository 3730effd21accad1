"""Notes that a reviewer wrote on the contact sheet: the file that the page saves, and the shots they belong to."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

from storyboard.diagnostics import Diagnostic
from storyboard.diagnostics.rules.review import LOST_REVIEW_NOTE, REVIEW_NOTE
from storyboard.diagnostics.suggest import did_you_mean
from storyboard.errors import UsageError
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.files.disk import read_file
from storyboard.forms import is_count, is_seconds, is_text
from storyboard.plain_text import one_line
from storyboard.story.story import Story

VERSION = 1
_LARGEST_FILE = 8_000_000
_MOST_TAKES = 1_000_000


@dataclass(frozen=True, slots=True)
class ReviewNote:
    """A note at the shot of an address. `second` counts from the beginning of the shot in the film; `take` is the one
    that the reviewer saw."""

    shot: str
    take: int
    second: float
    text: str
    author: str

    @property
    def written(self) -> str:
        """In one line: `Ana, at 1.2 s: too dark`."""
        at = f"{self.second:.1f}".removesuffix(".0")
        return f"{one_line(self.author) or 'note'}, at {at} s: {one_line(self.text)}"


class SavedReviewNote(TypedDict):
    """A note in a file that the contact sheet saves."""

    shot: str
    text: str
    author: NotRequired[str]
    take: NotRequired[int]
    second: NotRequired[float]


class ReviewFile(TypedDict):
    """A file of notes that the contact sheet saves; `story` is the one that the page was made of."""

    version: Literal[1]
    title: NotRequired[str]
    story: NotRequired[str]
    notes: list[SavedReviewNote]


@dataclass(frozen=True, slots=True)
class Review:
    """The notes of one file, and the story that they are about, as its page named it."""

    story: str
    notes: tuple[ReviewNote, ...]


def read_review(path: Path) -> Review:
    """Read a file written by *Save notes*. Raises `UsageError` if it is none."""
    try:
        document = json.loads(read_file(path, _LARGEST_FILE))
    except OSError as trouble:
        raise UsageError(f"{path} cannot be read: {trouble.strerror or trouble}") from trouble
    except (ValueError, RecursionError) as wrong:
        raise _not_ours(path, f"it is not JSON: {wrong}") from None
    if not isinstance(document, dict) or not isinstance(document.get("notes"), list):
        raise _not_ours(path, "it has no list of `notes`")
    if document.get("version") != VERSION:
        raise _not_ours(path, f"its version is {document.get('version')!r}, and {VERSION} is known")
    notes = tuple(_note(path, number, entry) for number, entry in enumerate(document["notes"], 1))
    story = document.get("story")
    return Review(story if is_text(story) else "", notes)


def _note(path: Path, number: int, entry: Any) -> ReviewNote:
    try:
        shot, text, author = entry["shot"], entry["text"], entry.get("author", "")
        take, second = entry.get("take", 1), entry.get("second", 0)
    except (TypeError, KeyError, AttributeError):
        raise _not_ours(path, f"note {number} has no `shot` or no `text`") from None
    if not (is_text(shot) and is_text(text) and is_text(author)):
        raise _not_ours(path, f"note {number}: `shot`, `text` and `author` are texts")
    if not is_count(take, 1, _MOST_TAKES) or not is_seconds(second):
        raise _not_ours(path, f"note {number}: `take` is a number from 1 on, `second` a number of seconds")
    return ReviewNote(shot, take, float(second), text, author)


def _not_ours(path: Path, why: str) -> UsageError:
    return UsageError(f"{path} is not a file of notes: {why}", help="*Save notes* on the contact sheet gives one")


def review_findings(review: Review, story: Story, takes: Mapping[str, int]) -> Iterator[Diagnostic]:
    """Yield each note at the line of its shot, in the film's order, or at the story's line if its shot is gone. `takes`
    has the film's current takes, by address.
    """
    shots = {shot.address: shot for shot in story.shots}
    order = {address: number for number, address in enumerate(shots)}
    found: dict[str, list[ReviewNote]] = defaultdict(list)
    for note in review.notes:
        found[note.shot].append(note)
    for address in sorted(found, key=lambda address: order.get(address, len(order))):
        for note in sorted(found[address], key=lambda note: note.second):
            shot = shots.get(address)
            if shot is None:
                gone = f"`{one_line(address)}` is no longer in this story; {note.written}"
                yield LOST_REVIEW_NOTE.at(story.span, gone, help=did_you_mean(address, shots))
                continue
            now = takes.get(address, note.take)
            about = f"about take {note.take}; the film has take {now}" if now != note.take else f"take {note.take}"
            yield REVIEW_NOTE.at(shot.origin.span, note.written, label=about, related=shot.origin.chain)


def by_shot(notes: Sequence[ReviewNote], story: Story) -> tuple[Mapping[str, tuple[ReviewNote, ...]], Story]:
    """Return the notes of each shot in the order of time, by address, and the story with those whose shot is gone
    among its own notes: exports carry them all."""
    found: dict[str, list[ReviewNote]] = defaultdict(list)
    for note in sorted(notes, key=lambda note: note.second):
        found[note.shot].append(note)
    known = {shot.address for shot in story.shots}
    gone = (f"{one_line(shot)}: {note.written}" for shot, each in found.items() if shot not in known for note in each)
    there = {shot: tuple(each) for shot, each in found.items() if shot in known}
    return there, replace(story, notes=(*story.notes, *gone))
