"""The purchase note of a key: the one record that all machines of a team see. How it lies in the bucket is here; which
changes of it are allowed is `note_changes`.

A note is canonical JSON of at most 8 KiB and is never deleted. It comes from a bucket that others can write, so each
field is checked against its form before it is used.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from storyboard.errors import StoreError
from storyboard.fast_dataclasses import dataclass, field_names, field_values, replace
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.forms import is_base_url, is_count, is_name, is_sha256, is_text, money_of, money_text
from storyboard.jobs.canonical import canonical

VERSION = 1
LARGEST_NOTE = 8 * 1024
"""Bytes."""
MOST_SENDERS = 12
MOST_TASKS = 12
MOST_PAST = 12
LONGEST_MESSAGE = 200
LONGEST_FIELD = 160
"""Characters of a name, an id or an address of a note."""

_WRITE_ID = lazy_pattern(r"[0-9a-f]{32}", re.ASCII)
UNKNOWN_TIME = "1970-01-01T00:00:00Z"
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_TIME = lazy_pattern(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


class NoteState(StrEnum):
    """How far the attempt of a note has got."""

    INTENT = "intent"
    """It may have been sent by anybody in `may`."""
    WITHDRAWN = "withdrawn"
    """Nothing can have been created; its number and id are free again."""
    TASK = "task"
    """The gateway has named a task."""
    DONE = "done"
    """Its clip is in the bucket."""
    FAILED = "failed"
    """Its task failed."""
    REFUSED = "refused"
    """The gateway refuses the job itself; the same job would be refused again."""
    LOST = "lost"
    """It was charged, and its file can no longer be had."""
    ABANDONED = "abandoned"
    """A person gave it up; it counts as spent."""


@dataclass(frozen=True, slots=True)
class Sender:
    """A store that may still send under the attempt's id. `at` is when it joined, for people."""

    store: str
    name: str
    at: str

    @property
    def in_words(self) -> str:
        """Its name, with when it joined where anybody knows."""
        return self.name if self.at == UNKNOWN_TIME else f"{self.name} (since {self.at})"


@dataclass(frozen=True, slots=True)
class FirstIntent:
    """The store that first recorded that it wants to send an attempt, and when."""

    store: str
    at: str


@dataclass(frozen=True, slots=True)
class DeclaredDead:
    """A person's statement that a store will never send again: who made it, and when."""

    store: str
    said_by: str
    at: str


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """An attempt before the note's own."""

    attempt: int
    state: NoteState
    task: str | None
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote a note: a store's id, a name for people, and the version of storyboard."""

    store: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Note:
    """What all machines know about the purchase of a key. Amounts are US dollars; times are for people.

    `n` is new in every write, so that a write can be recognised. `may` lists every store that may still send a request
    under `id`; `joins` counts how often one was permitted to, and `begun` is the first time, None if it is not known.
    `paid_by` is the project and the story whose caps it counts against. `tasks` holds each task that was heard of: a
    second one was bought twice.
    """

    n: str
    key: str
    attempt: int
    id: str
    state: NoteState
    may: tuple[Sender, ...]
    joins: int
    begun: FirstIntent | None
    provider: str
    base_url: str
    dialect: str
    account: str
    task: str | None
    tasks: tuple[str, ...]
    clip: str | None
    reserved: Decimal | None
    cost: Decimal | None
    project: str
    story: str
    error: str | None
    past: tuple[PastAttempt, ...]
    dead: tuple[DeclaredDead, ...]
    by: Writer
    at: str

    @property
    def senders(self) -> frozenset[str]:
        """The ids of the stores that may still send."""
        return frozenset(sender.store for sender in self.may)

    @property
    def bought_twice(self) -> bool:
        """Whether the gateway made more than one task of the attempt's id."""
        return len(self.tasks) > 1


class DamagedNote(StoreError):
    """An object in place of a note that is not a note. Nothing is bought by it, and nothing is written over it."""


def new_write_id() -> str:
    """Return the `n` of a new write."""
    return secrets.token_hex(16)


def time_text(moment: float) -> str:
    """Return a time, in seconds since the epoch, in the form of a note."""
    return datetime.fromtimestamp(moment, UTC).strftime(_TIME_FORMAT)


def moment_of(text: str) -> float:
    """Return the seconds since the epoch that a note's time states; 0 for a time that is not in any calendar."""
    try:
        return datetime.strptime(text, _TIME_FORMAT).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


def note_path(key: str) -> str:
    """Return the path of a key's note in the bucket."""
    if not is_sha256(key):
        raise StoreError(f"{key!r:.80} is not the key of a job")
    return f"notes/{key[:2]}/{key}.json"


def write_note(note: Note) -> bytes:
    """Return the bytes of a note, at most 8 KiB: the oldest past attempts are left out if it is longer."""
    note = replace(
        note, error=None if note.error is None else note.error[:LONGEST_MESSAGE], past=note.past[-MOST_PAST:]
    )
    content = canonical(_document(note)).encode()
    while len(content) > LARGEST_NOTE and note.past:
        note = replace(note, past=note.past[1:])
        content = canonical(_document(note)).encode()
    if len(content) > LARGEST_NOTE:
        raise StoreError(f"the note of {note.key} would be larger than {LARGEST_NOTE:,} bytes")
    return content


def read_note(content: bytes, key: str) -> Note:
    """Return the note that these bytes state; raises DamagedNote for anything else, also for the note of another
    key."""
    document = read_document(content, LARGEST_NOTE, f"the note of the job {key}")
    try:
        note = _read(document)
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedNote(
            f"the note of the job {key[:12]} in the bucket is damaged: {error}",
            help="nothing is bought for this job until the bucket has the note back from one of its versions",
        ) from error
    if note.key != key:
        raise DamagedNote(f"the note of the job {key[:12]} in the bucket is that of another job")
    return note


def read_document(content: bytes, most: int, what: str) -> Mapping[str, Any]:
    """Return a JSON object of version 1; raises DamagedNote for anything else."""
    try:
        if len(content) > most:
            raise ValueError(f"it is larger than {most:,} bytes")
        document = json.loads(content)
        if not isinstance(document, dict):
            raise ValueError("it is not a JSON object")
        if is_count(document.get("v"), VERSION + 1):
            raise ValueError("it was written by a newer storyboard; update storyboard")
        if document.get("v") != VERSION:
            raise ValueError("it has no version")
    except (ValueError, RecursionError) as error:
        raise DamagedNote(
            f"{what} in the bucket cannot be read: {error!s:.200}",
            help="restore it from one of its versions, or update storyboard if a newer one wrote it",
        ) from error
    return document


def _document(note: Note) -> dict[str, Any]:
    return {
        "v": VERSION,
        "n": note.n,
        "key": note.key,
        "attempt": note.attempt,
        "id": note.id,
        "state": note.state.value,
        "may": [_plain(sender) for sender in note.may],
        "joins": note.joins,
        "begun": None if note.begun is None else _plain(note.begun),
        "provider": note.provider,
        "base_url": note.base_url,
        "dialect": note.dialect,
        "account": note.account,
        "task": note.task,
        "tasks": list(note.tasks),
        "clip": note.clip,
        "reserved": amount_text(note.reserved),
        "cost": amount_text(note.cost),
        "paid_by": {"project": note.project, "story": note.story},
        "error": note.error,
        "past": [
            {"attempt": past.attempt, "state": past.state.value, "task": past.task, "cost": amount_text(past.cost)}
            for past in note.past
        ],
        "dead": [_plain(each) for each in note.dead],
        "by": _plain(note.by),
        "at": note.at,
    }


def _plain(value: Sender | FirstIntent | DeclaredDead | Writer) -> dict[str, str]:
    return dict(zip(field_names(type(value)), field_values(value), strict=True))


def amount_text(amount: Decimal | None) -> str | None:
    """Return an amount in the form of the bucket."""
    return None if amount is None else money_text(amount)


def _read(document: Mapping[str, Any]) -> Note:
    paid_by = take(document, "paid_by", _is_table)
    return Note(
        n=take(document, "n", _is_write_id),
        key=take(document, "key", is_sha256),
        attempt=take(document, "attempt", lambda value: is_count(value, 1)),
        id=take(document, "id", is_short_name),
        state=NoteState(take(document, "state", is_text)),
        may=tuple(
            Sender(take(each, "store", is_short_name), take(each, "name", is_short_name), take(each, "at", is_time))
            for each in take(document, "may", _list_of(_is_table, MOST_SENDERS))
        ),
        joins=take(document, "joins", is_count),
        begun=_read_first_intent(take(document, "begun", optional(_is_table))),
        provider=take(document, "provider", is_short_name),
        base_url=take(document, "base_url", lambda value: value == "" or is_base_url(value)),
        dialect=take(document, "dialect", is_short_or_empty),
        account=take(document, "account", is_short_or_empty),
        task=take(document, "task", optional(is_name)),
        tasks=tuple(take(document, "tasks", _list_of(is_name, MOST_TASKS))),
        clip=take(document, "clip", optional(is_sha256)),
        reserved=take_amount(document, "reserved"),
        cost=take_amount(document, "cost"),
        project=take(paid_by, "project", is_short_or_empty),
        story=take(paid_by, "story", lambda value: is_text(value) and len(value) <= 1000),
        error=take(document, "error", optional(lambda value: is_text(value) and len(value) <= LONGEST_MESSAGE)),
        past=tuple(
            PastAttempt(
                take(each, "attempt", lambda value: is_count(value, 1)),
                NoteState(take(each, "state", is_text)),
                take(each, "task", optional(is_name)),
                take_amount(each, "cost"),
            )
            for each in take(document, "past", _list_of(_is_table, MOST_PAST))
        ),
        dead=tuple(
            DeclaredDead(
                take(each, "store", is_short_name), take(each, "said_by", is_short_name), take(each, "at", is_time)
            )
            for each in take(document, "dead", _list_of(_is_table, MOST_SENDERS))
        ),
        by=_read_writer(take(document, "by", _is_table)),
        at=take(document, "at", is_time),
    )


def _read_first_intent(document: Mapping[str, Any] | None) -> FirstIntent | None:
    if document is None:
        return None
    return FirstIntent(take(document, "store", is_short_name), take(document, "at", is_time))


def _read_writer(document: Mapping[str, Any]) -> Writer:
    return Writer(*(take(document, name, is_short_name) for name in ("store", "name", "version")))


def take(document: Mapping[str, Any], name: str, form: Callable[[Any], bool]) -> Any:
    """Return a field of this form; raises ValueError if it is missing or has another form."""
    value = document.get(name)
    if not form(value):
        raise ValueError(f"its `{name}` is missing or damaged")
    return value


def take_amount(document: Mapping[str, Any], name: str) -> Decimal | None:
    """Return the amount that a field states, None if it states none."""
    value = document.get(name)
    amount = money_of(value)
    if value is not None and amount is None:
        raise ValueError(f"its `{name}` is not an amount")
    return amount


def optional(form: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Return the form of a field that may be null."""
    return lambda value: value is None or form(value)


def is_short_name(value: object) -> bool:
    """Whether it is a name of at most 160 characters."""
    return is_name(value) and len(value) <= LONGEST_FIELD


def is_short_or_empty(value: object) -> bool:
    """Whether it is a short name or an empty text."""
    return value == "" or is_short_name(value)


def is_time(value: object) -> bool:
    """Whether it is a time as `time_text` writes it."""
    return isinstance(value, str) and _TIME.fullmatch(value) is not None


def _is_write_id(value: object) -> bool:
    return isinstance(value, str) and _WRITE_ID.fullmatch(value) is not None


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _list_of(form: Callable[[Any], bool], most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and len(value) <= most and all(map(form, value))
