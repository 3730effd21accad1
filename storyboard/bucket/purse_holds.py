"""Which prices stay reserved under shared budgets until somebody acts: those of machines that do not go on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from storyboard.bucket.note import DamagedNote, Note, NoteState, moment_of
from storyboard.bucket.note_book import NoteBook
from storyboard.bucket.purse import Purse, PurseEntry
from storyboard.fast_dataclasses import dataclass
from storyboard.money import dollars

THREADS = 8
FRESH = 60.0
"""Seconds for which a reservation is taken for that of a job which is being sent right now."""
_KEY_SHOWN = 8
"""Characters of a key that a command names it by."""


@dataclass(frozen=True, slots=True)
class HeldPrice:
    """Prices, in US dollars, that a machine has reserved, for jobs that do not go on.

    `since` is the earliest of them, in seconds since the epoch, 0 where nobody knows. `sent`: the machine may have sent
    the job. `own`: the machine is this one.
    """

    by: str
    since: float
    amount: Decimal
    keys: tuple[str, ...]
    sent: bool
    own: bool

    @property
    def way_out(self) -> str:
        """The command after which the price counts no longer, or the job goes on."""
        job = self.keys[0][:_KEY_SHOWN]
        if self.own:
            return f"the next build goes on with it; if no story has it any more: storyboard store release {self.by}"
        command = f"resolve {job} --take-over" if self.sent else f"store release {self.by}"
        return f"if that machine is off for good: storyboard {command}"

    def in_words(self, when: str) -> str:
        """Say who reserved how much, and when (`3 days ago`), and the way out."""
        who = "this machine" if self.own else self.by
        jobs, it = ("a job", "it") if len(self.keys) == 1 else (f"{len(self.keys)} jobs", "them")
        did = f"it may have sent {it}" if self.sent else f"it has not sent {it}"
        return f"{who} reserved {dollars(self.amount)} for {jobs} {when}, and {did}; {self.way_out}"


def held_prices(purse: Purse, notes: NoteBook, own: str, now: float) -> tuple[HeldPrice, ...]:
    """Return what is reserved for jobs that nobody goes on with. `own` is this store; `now` is in seconds.

    Raises BucketAway, AccessError.
    """
    entries = [each for each in purse.entries.values() if not is_fresh_entry(each, now)]
    known = notes_of(entries, notes)
    found: defaultdict[tuple[str, bool, str], list[PurseEntry]] = defaultdict(list)
    for entry in entries:
        if entry.key not in known:
            continue
        note = known[entry.key]
        if is_unsent(entry, note):
            found[entry.store, False, ""].append(entry)
        elif note is not None and note.state is NoteState.INTENT and entry.store in note.senders - {own}:
            found[entry.store, True, entry.key].append(entry)
    return tuple(
        HeldPrice(
            some[0].by or store[:_KEY_SHOWN],
            min(moment_of(each.at) for each in some),
            sum((each.price for each in some), Decimal(0)),
            tuple(each.key for each in some),
            sent,
            store == own,
        )
        for (store, sent, _), some in sorted(found.items(), key=lambda each: each[0])
    )


def released(purse: Purse, entries: Iterable[PurseEntry], notes: Mapping[str, Note | None]) -> Purse:
    """Return the purse without those of the entries whose job was never sent."""
    for entry in entries:
        if entry.key in notes and is_unsent(entry, notes[entry.key]):
            purse = purse.freed(entry.id)
    return purse


def is_fresh_entry(entry: PurseEntry, now: float) -> bool:
    """Whether the entry may be that of a job which is being sent right now; `now` is in seconds."""
    return now - moment_of(entry.at) < FRESH


def is_unsent(entry: PurseEntry, note: Note | None) -> bool:
    """Whether no note says that the entry's attempt may have been sent. A store writes it after the entry."""
    return note is None or note.attempt < entry.number or note.state is NoteState.WITHDRAWN


def entries_of(purse: Purse, machine: str) -> Sequence[PurseEntry]:
    """Return what a machine has reserved, by its name or the beginning of its store's id."""
    return [
        each
        for each in purse.entries.values()
        if each.by == machine or (len(machine) >= _KEY_SHOWN and each.store.startswith(machine))
    ]


def notes_of(entries: Iterable[PurseEntry], notes: NoteBook) -> Mapping[str, Note | None]:
    """Return the notes of the entries' jobs, by key; None where there is none. Damaged ones are left out."""

    def read(key: str) -> Note | DamagedNote | None:
        try:
            return notes.read(key).note
        except DamagedNote as damaged:
            return damaged

    keys = sorted({entry.key for entry in entries if entry.number})
    with ThreadPoolExecutor(THREADS) as pool:
        found = dict(zip(keys, pool.map(read, keys), strict=True))
    return {key: note for key, note in found.items() if not isinstance(note, DamagedNote)}
