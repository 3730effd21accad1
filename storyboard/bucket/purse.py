"""A project's purse: what is reserved and spent under its caps, on all machines together.

An entry is swapped in before the note, so that two machines cannot both take the last of a cap. It is settled by
whoever settles the job, and freed when the attempt is withdrawn. Settling twice counts once: an entry that is gone has
been settled.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from storyboard.bucket.note import (
    DamagedNote,
    amount_text,
    is_short_name,
    is_short_or_empty,
    is_time,
    new_write_id,
    read_document,
    take,
)
from storyboard.bucket.object_store import BucketAway, Changed, Objects, StoredObject
from storyboard.errors import StoryboardError
from storyboard.fast_dataclasses import dataclass, field, replace
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.forms import is_text, money_of
from storyboard.jobs.canonical import canonical

LARGEST_PURSE = 1 << 20
"""Bytes."""
MOST_AT_ONCE = 50
"""Entries that one write may add."""
MOST_ENTRIES = 4000
MOST_STORIES = 2000
SWAPS = 200
"""How often a swap is made anew because another one was quicker. Each time somebody else got on, so many machines that
begin many jobs at one moment all get their turn."""


_ENTRY_ID = lazy_pattern(r"(?P<attempt>[0-9a-f]{64}-\d{1,9})-(?P<store>.+)", re.ASCII)


def attempt_name(key: str, number: int) -> str:
    """Return the name of an attempt in entries."""
    return f"{key}-{number}"


def task_name(key: str, number: int, task: str) -> str:
    """Return the name of another task of an attempt's id."""
    return f"{attempt_name(key, number)}+{hashlib.sha256(task.encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class PurseEntry:
    """A price in US dollars that a store has reserved for an attempt. `id` names the key, the attempt and the store.

    `by` is the machine's name, and `at` when it did; for people, and empty where nobody wrote it.
    """

    id: str
    story: str
    price: Decimal
    by: str = ""
    at: str = ""

    @property
    def attempt(self) -> str:
        """The key and the attempt's number. Entries of several stores for one attempt count once: it has one id."""
        named = _ENTRY_ID.fullmatch(self.id)
        return named["attempt"] if named is not None else self.id

    @property
    def key(self) -> str:
        """The job's key."""
        return self.attempt.partition("-")[0]

    @property
    def number(self) -> int:
        """The attempt's number, 0 where the id names none."""
        number = self.attempt.partition("-")[2]
        return int(number) if number.isdigit() else 0

    @property
    def store(self) -> str:
        """The store that has reserved it."""
        named = _ENTRY_ID.fullmatch(self.id)
        return named["store"] if named is not None else ""


@dataclass(frozen=True, slots=True)
class Charge:
    """What an attempt that has ended was charged, and the story that paid; None where only its price is known.

    `late`: it is of a task that nothing may be reserved for (any more): one that was heard of after the attempt had
    ended, or another task of the same id. Then `price` is the price of the job. `final` says that the task has ended.
    """

    story: str
    amount: Decimal | None
    late: bool = False
    price: Decimal | None = None
    final: bool = True


@dataclass(frozen=True, slots=True)
class PurseCap:
    """At most `limit` US dollars for a story, or for the whole project where `story` is None."""

    name: str
    limit: Decimal
    story: str | None = None


@dataclass(frozen=True, slots=True)
class PurseFull:
    """An entry that was not made: `spent` of the cap is used, and `price` does not fit."""

    cap: PurseCap
    spent: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class LateCharge:
    """What a task counts, in US dollars, that was heard of late or made of an id that had a task. It is kept by its
    name, so that it counts once, whoever hears of it."""

    story: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Purse:
    """What is reserved by entry, what was spent by story, and what was spent late by task, in US dollars."""

    entries: Mapping[str, PurseEntry] = field(default_factory=dict)
    spent: Mapping[str, Decimal] = field(default_factory=dict)
    late: Mapping[str, LateCharge] = field(default_factory=dict)

    def used(self, story: str | None = None) -> Decimal:
        """Return what counts against a cap on a story, or on the project where `story` is None."""
        settled = (amount for name, amount in self.spent.items() if story in (None, name))
        late = (each.amount for each in self.late.values() if story in (None, each.story))
        return sum(settled, self.open(story)) + sum(late, Decimal(0))

    def open(self, story: str | None = None) -> Decimal:
        """Return the part of it that is reserved for attempts that are not settled: for each, the highest price of
        its entries."""
        prices: dict[str, Decimal] = {}
        for entry in self.entries.values():
            if story in (None, entry.story):
                prices[entry.attempt] = max(prices.get(entry.attempt, entry.price), entry.price)
        return sum(prices.values(), Decimal(0))

    def reserved(self, entry: PurseEntry, caps: Iterable[PurseCap]) -> Purse | PurseFull:
        """Return the purse with this entry, unless that would exceed a cap on its story or on the project. An entry
        that is already there stays."""
        if entry.id in self.entries:
            return self
        wanted = replace(self, entries={**self.entries, entry.id: entry})
        for cap in caps:
            if cap.story in (None, entry.story):
                spent, then = self.used(cap.story), wanted.used(cap.story)
                if then > max(cap.limit, spent):
                    return PurseFull(cap, spent, then - spent)
        return wanted

    def settled(self, attempt: str, charge: Charge) -> Purse:
        """Return the purse with what an attempt was charged in place of all that was reserved for it.

        It counts for the story that reserved for it. Settling it again changes nothing.
        """
        entries = sorted(
            (each for each in self.entries.values() if each.attempt == attempt),
            key=lambda each: (each.story != charge.story, -each.price, each.id),
        )
        if charge.late:
            return self._settled_late(attempt, charge, entries)
        if not entries:
            return self
        paid, amount = entries[0].story, entries[0].price if charge.amount is None else charge.amount
        left = {name: each for name, each in self.entries.items() if each.attempt != attempt}
        spent = {**self.spent, paid: self.spent.get(paid, Decimal(0)) + amount} if amount else self.spent
        return replace(self, entries=left, spent=spent)

    def _settled_late(self, name: str, charge: Charge, entries: Sequence[PurseEntry]) -> Purse:
        """Count a late task once: its price at first, and then what it was charged."""
        if not charge.final and (entries or name in self.late):
            return self
        price = entries[0].price if entries else charge.price
        amount = charge.amount if charge.amount is not None else price or Decimal(0)
        late = LateCharge(entries[0].story if entries else charge.story, amount)
        left = {other: each for other, each in self.entries.items() if each.attempt != name}
        return replace(self, entries=left, late={**self.late, name: late})

    def freed(self, entry_id: str) -> Purse:
        """Return the purse without what was reserved for an attempt that created nothing."""
        return replace(self, entries={name: each for name, each in self.entries.items() if name != entry_id})


def purse_path(project: str) -> str:
    """Return the path of a project's purse: project names may hold any character, paths may not."""
    return f"purses/{file_name(project)}.json"


def file_name(name: str) -> str:
    """Return a name as part of a path in the bucket: unchanged if it is plain, else its beginning and a hash."""
    plain = "".join(char if char.isascii() and (char.isalnum() or char in "-_") else "-" for char in name)[:60]
    return plain if plain == name and plain else f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"


@dataclass(slots=True)
class _WantedChange:
    """A change of a purse that a thread waits for. `always`: it is written even where nothing changes."""

    project: str
    change: Callable[[Purse], Purse]
    always: bool
    entries: int
    ended: bool = False
    trouble: StoryboardError | None = field(
        default_factory=lambda: BucketAway("the purse was not written", help="run the same command again")
    )


class PurseBook:
    """The purses in a bucket. Every method raises BucketAway if the bucket does not answer.

    What threads of this process want at one moment is written in one swap (`grouped`). A change is made on whatever the
    purse is by then, and a swap holds only over the very purse that it was made from. So a group decides as its changes
    would one after the other. The purse that was written last is tried first: the swap itself tells whether it is old.
    """

    def __init__(self, objects: Objects, *, grouped: bool = True) -> None:
        self._objects, self._grouped = objects, grouped
        self._waiting: list[_WantedChange] = []
        self._turn, self._swapping = threading.Condition(), False
        self._known: dict[str, tuple[Purse, StoredObject | None]] = {}

    def read(self, project: str) -> Purse:
        """Return a project's purse; an empty one if there is none."""
        return self._read(project)[0]

    def paths(self) -> list[str]:
        """Return where the purses of all projects are."""
        return sorted(found.path for found in self._objects.list("purses/") if found.path.endswith(".json"))

    def at(self, path: str) -> tuple[str, Purse]:
        """Return the project and the purse at a path; raises DamagedNote for one that cannot be read."""
        stored = self._objects.read(path, LARGEST_PURSE)
        what = f"the purse {path}"
        if stored is None:
            raise DamagedNote(f"{what} is gone from the bucket")
        project = read_document(stored.content, LARGEST_PURSE, what).get("project")
        return str(project), read_purse(stored.content, str(project))

    def reserve(
        self, project: str, entries: Sequence[PurseEntry], caps: Sequence[PurseCap]
    ) -> dict[str, PurseFull | None]:
        """Reserve each price that its caps leave room for; by entry, None where it was reserved.

        The purse is written even where nothing changes: whoever is about to free an entry notices that.
        """
        answers: dict[str, PurseFull | None] = {}
        for start in range(0, len(entries), MOST_AT_ONCE):
            some = entries[start : start + MOST_AT_ONCE]

            def add(purse: Purse, some: Sequence[PurseEntry] = some) -> Purse:
                for entry in some:
                    added = purse.reserved(entry, caps)
                    answers[entry.id] = added if isinstance(added, PurseFull) else None
                    purse = purse if isinstance(added, PurseFull) else added
                return purse

            self._change(project, add, always=True, entries=len(some))
        return answers

    def settle(self, project: str, charges: Mapping[str, Charge]) -> None:
        """Count what was charged, by attempt, in place of what was reserved."""

        def change(purse: Purse) -> Purse:
            for attempt, charge in charges.items():
                purse = purse.settled(attempt, charge)
            return purse

        self._change(project, change)

    def free(self, project: str, entry_ids: Iterable[str]) -> None:
        """Free what was reserved for attempts that created nothing."""
        ids = tuple(entry_ids)

        def change(purse: Purse) -> Purse:
            for entry_id in ids:
                purse = purse.freed(entry_id)
            return purse

        self._change(project, change)

    def change(self, project: str, change: Callable[[Purse], Purse]) -> None:
        """Write a purse as it becomes by `change`, which is asked again where another machine was quicker."""
        self._change(project, change)

    def _change(
        self, project: str, change: Callable[[Purse], Purse], *, always: bool = False, entries: int = 1
    ) -> None:
        """Make a change in the next swap, together with what other threads want at this moment."""
        wanted = _WantedChange(project, change, always, entries)
        if self._grouped:
            self._swap_with_others(wanted)
        else:
            self._swap([wanted])
        if wanted.trouble is not None:
            raise wanted.trouble

    def _swap_with_others(self, wanted: _WantedChange) -> None:
        """Wait while another thread swaps, which may take this change along; else swap, and take others along."""
        with self._turn:
            self._waiting.append(wanted)
            self._turn.wait_for(lambda: wanted.ended or not self._swapping)
            if wanted.ended:
                return
            self._swapping = True
        try:
            while not wanted.ended:
                self._swap(self._next_group())
        finally:
            with self._turn:
                self._swapping = False
                self._turn.notify_all()

    def _next_group(self) -> list[_WantedChange]:
        """The changes that have waited longest, of one project, with at most fifty entries."""
        group, later, room = list[_WantedChange](), list[_WantedChange](), MOST_AT_ONCE
        with self._turn:
            for wanted in self._waiting:
                fits = not group or (wanted.project == group[0].project and wanted.entries <= room)
                (group if fits else later).append(wanted)
                room -= wanted.entries if fits else 0
            self._waiting = later
        return group

    def _swap(self, group: Sequence[_WantedChange]) -> None:
        try:
            self._write_group(group[0].project, group)
        except DamagedNote as damaged:
            if len(group) == 1:
                group[0].trouble = damaged
            else:  # one of them may not fit: the others do
                for each in group:
                    self._swap([each])
        except StoryboardError as trouble:
            self._known.pop(group[0].project, None)
            for each in group:
                each.trouble = trouble
        else:
            for each in group:
                each.trouble = None
        finally:
            for each in group:
                each.ended = True

    def _write_group(self, project: str, group: Sequence[_WantedChange]) -> None:
        known = self._known.pop(project, None)
        is_old = known is not None
        purse, stored = self._read(project) if known is None else known
        for _ in range(SWAPS):
            changed = purse
            for each in group:
                changed = each.change(changed)
            if changed == purse and not any(each.always for each in group):
                if not is_old:
                    return
                purse, stored = self._read(project)
            else:
                written = self._objects.write(purse_path(project), _write(project, changed), stored)
                if not isinstance(written, Changed):
                    if self._grouped:
                        self._known[project] = changed, written
                    return
                purse, stored = _purse_of(written.now, project), written.now
            is_old = False
        raise BucketAway(f"the purse of {project} changes too often", help="run the same command again")

    def _read(self, project: str) -> tuple[Purse, StoredObject | None]:
        stored = self._objects.read(purse_path(project), LARGEST_PURSE)
        return _purse_of(stored, project), stored


def _purse_of(stored: StoredObject | None, project: str) -> Purse:
    return Purse() if stored is None else read_purse(stored.content, project)


def _write(project: str, purse: Purse) -> bytes:
    entries = {
        name: {"story": entry.story, "price": amount_text(entry.price), "by": entry.by, "at": entry.at}
        for name, entry in sorted(purse.entries.items())
    }
    spent = {story: amount_text(amount) for story, amount in sorted(purse.spent.items())}
    late = {name: {"story": each.story, "amount": amount_text(each.amount)} for name, each in purse.late.items()}
    document: dict[str, Any] = {"v": 1, "n": new_write_id(), "project": project, "entries": entries, "spent": spent}
    content = canonical(document | ({"late": late} if late else {})).encode()
    if len(content) > LARGEST_PURSE or max(len(entries), len(late)) > MOST_ENTRIES:
        raise DamagedNote(f"the purse of {project} would hold too many open jobs", help="wait until some have ended")
    return content


def read_purse(content: bytes, project: str) -> Purse:
    """Return the purse that these bytes state; raises DamagedNote for anything else, also for another project's."""
    what = f"the purse of {project}"
    document = read_document(content, LARGEST_PURSE, what)
    try:
        if document.get("project") != project:
            raise ValueError("it is another project's")
        entries = take(document, "entries", lambda value: isinstance(value, dict) and len(value) <= MOST_ENTRIES)
        spent = take(document, "spent", lambda value: isinstance(value, dict) and len(value) <= MOST_STORIES)
        late = take(
            {"late": {}, **document}, "late", lambda value: isinstance(value, dict) and len(value) <= MOST_ENTRIES
        )
        return Purse(
            {name: _read_entry(name, entry) for name, entry in entries.items()},
            {_story(story): _amount(amount) for story, amount in spent.items()},
            {name: _read_late(name, charge) for name, charge in late.items()},
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise DamagedNote(
            f"{what} in the bucket is damaged: {error}",
            help="nothing is bought under shared budgets until the bucket has it back from one of its versions",
        ) from error


def _read_entry(name: str, entry: Any) -> PurseEntry:
    if not is_short_name(name) or not isinstance(entry, dict):
        raise ValueError("one of its entries is damaged")
    by, at = entry.get("by", ""), entry.get("at", "")
    if not is_short_or_empty(by) or not (at == "" or is_time(at)):
        raise ValueError("one of its entries does not say who made it")
    return PurseEntry(name, _story(entry.get("story")), _amount(entry.get("price")), by, at)


def _read_late(name: str, charge: Any) -> LateCharge:
    if not is_short_name(name) or not isinstance(charge, dict):
        raise ValueError("one of its late charges is damaged")
    return LateCharge(_story(charge.get("story")), _amount(charge.get("amount")))


def _story(value: object) -> str:
    if not is_text(value) or len(value) > 1000:
        raise ValueError("one of its stories is damaged")
    return value


def _amount(value: object) -> Decimal:
    amount = money_of(value)
    if amount is None:
        raise ValueError("one of its amounts is damaged")
    return amount
