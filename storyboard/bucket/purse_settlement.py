"""What notes say of the prices that are reserved for their attempts: those that have ended count as charged, once.

Whoever writes or reads a note that has ended may settle its purse: the one who bought it may be gone for good, and the
bucket may have been away at the job's end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from decimal import Decimal

from storyboard.bucket.note import Note, NoteState
from storyboard.bucket.purse import Charge, Purse, PurseBook, PurseEntry, attempt_name

_FREE = (NoteState.FAILED, NoteState.REFUSED)
"""How an attempt ends that costs nothing unless something was charged."""
_PAID = (NoteState.DONE, NoteState.LOST, NoteState.ABANDONED)
"""How one ends that costs its price where no cost was stated."""


def charges_of(note: Note) -> Mapping[str, Charge]:
    """Return what each attempt of a note was charged that has ended.

    A withdrawn attempt is not among them: its number is free again, and may be another store's by now.
    """
    found = {past.attempt: (past.state, past.cost) for past in note.past}
    found[note.attempt] = note.state, note.cost
    return {
        attempt_name(note.key, number): Charge(note.story, Decimal(0) if cost is None and state in _FREE else cost)
        for number, (state, cost) in found.items()
        if state in (*_FREE, *_PAID)
    }


def settle_by_notes(purses: PurseBook, notes: Iterable[tuple[Note, str]]) -> None:
    """Settle what is reserved for the attempts of these notes that have ended. Raises BucketAway.

    With each note comes the project that was at work on it here: it may be another one than the note's, and may have
    reserved for the job too.
    """
    charges: defaultdict[str, dict[str, Charge]] = defaultdict(dict)
    for note, project in notes:
        for name in {note.project, project}:
            charges[name].update(charges_of(note))
    for project, ended in charges.items():
        if project and ended:
            purses.settle(project, ended)


def tidied(
    purse: Purse, notes: Iterable[Note], store: str, begun: Callable[[], Collection[str]], *, all_known: bool
) -> Purse:
    """Return the purse without what no purchase needs any more: ended attempts are settled, and what was reserved for
    nothing is freed.

    An entry whose attempt no note knows, or whose note says that it was withdrawn, counts until its store is back or a
    person has called it dead. `store` is this one; `begun` are the attempts that it may be about to send. Nothing is
    freed unless all notes are known (`all_known`).
    """
    notes = tuple(notes)
    by_key = {note.key: note for note in notes}
    dead = {each.store for note in notes for each in note.dead}
    for note in notes:
        for attempt, charge in charges_of(note).items():
            purse = purse.settled(attempt, charge)
    for entry in _without_note(purse, by_key) if all_known else ():
        if entry.store in dead or (entry.store == store and entry.attempt not in begun()):
            purse = purse.freed(entry.id)
    return purse


def _without_note(purse: Purse, notes: Mapping[str, Note]) -> Iterator[PurseEntry]:
    for entry in purse.entries.values():
        key, _, number = entry.attempt.partition("-")
        note = notes.get(key)
        known = note is not None and number.isdigit() and int(number) <= note.attempt
        if number.isdigit() and (not known or (note is not None and note.state is NoteState.WITHDRAWN)):
            yield entry
