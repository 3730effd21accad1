"""What notes say of the prices that are reserved for their attempts: those that have ended count as charged, once.

Whoever writes or reads a note that has ended may settle its purse: the one who bought it may be gone for good, and the
bucket may have been away at the job's end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from decimal import Decimal

from storyboard.bucket.note import Note, NoteState, PastAttempt
from storyboard.bucket.purse import Charge, Purse, PurseBook, PurseEntry, attempt_name, task_name
from storyboard.bucket.purse_holds import is_unsent

_REFUSED = (NoteState.FAILED, NoteState.REFUSED)
"""How an attempt ends that costs nothing where it never had a task; a task that failed may have been billed."""
_ENDED = (*_REFUSED, NoteState.DONE, NoteState.LOST, NoteState.ABANDONED)


def charges_of(note: Note) -> Mapping[str, Charge]:
    """Return what each attempt of a note was charged that has ended, and what other tasks of the same ids count.

    A withdrawn attempt is not among them: its number is free again, and may be another store's by now. An attempt that
    the note names twice had ended when its task was heard of: nothing is reserved for it any more.
    """
    latest = PastAttempt(note.attempt, note.state, note.task, note.cost)
    listed = {(past.attempt, past.task) for past in (*note.past, latest)}
    unlisted = (task for task in note.tasks[1:] if (note.attempt, task) not in listed)
    others = [PastAttempt(note.attempt, NoteState.TASK, task, None) for task in unlisted]
    first: dict[int, str] = {note.attempt: note.tasks[0]} if note.tasks else {}
    charges: dict[str, Charge] = {}
    named: set[str] = set()
    for each in (*note.past, latest, *others):
        if each.task is not None:
            first.setdefault(each.attempt, each.task)
        is_first = each.task in (None, first.get(each.attempt))
        name = attempt_name(note.key, each.attempt)
        if not is_first and each.task is not None:
            name = task_name(note.key, each.attempt, each.task)
        is_late, has_ended = not is_first or name in named, each.state in _ENDED
        named.add(name)
        if has_ended or (is_late and each.state is NoteState.TASK):
            free = each.cost is None and each.task is None and each.state in _REFUSED
            final = has_ended or each.cost is not None
            charges[name] = Charge(note.story, Decimal(0) if free else each.cost, is_late, note.reserved, final)
    return charges


def settle_by_notes(purses: PurseBook, notes: Iterable[tuple[Note, str]]) -> None:
    """Settle what is reserved for the attempts of these notes that have ended. Raises BucketAway.

    With each note comes the project that was at work on it here: it may be another one than the note's, and may have
    reserved for the job too.
    """
    charges: defaultdict[str, dict[str, Charge]] = defaultdict(dict)
    for note, project in notes:
        ended = charges_of(note)
        charges[note.project].update(ended)
        if project != note.project:
            charges[project].update((name, charge) for name, charge in ended.items() if not charge.late)
    for name, of_project in charges.items():
        if name and of_project:
            purses.settle(name, of_project)


def tidied(
    purse: Purse,
    project: str,
    notes: Iterable[Note],
    store: str,
    begun: Callable[[], Collection[str]],
    *,
    all_known: bool,
) -> Purse:
    """Return a project's purse without what no purchase needs any more: ended attempts are settled, and what was
    reserved for nothing is freed.

    An entry whose attempt no note knows, or whose note says that it was withdrawn, counts until its store is back or a
    person has called it dead. `store` is this one; `begun` are the attempts that it may be about to send. Nothing is
    freed unless all notes are known (`all_known`).
    """
    notes = tuple(notes)
    by_key = {note.key: note for note in notes}
    dead = {each.store for note in notes for each in note.dead}
    for note in notes:
        for attempt, charge in charges_of(note).items():
            if note.project == project or not charge.late:
                purse = purse.settled(attempt, charge)
    for entry in _without_note(purse, by_key) if all_known else ():
        if entry.store in dead or (entry.store == store and entry.attempt not in begun()):
            purse = purse.freed(entry.id)
    return purse


def _without_note(purse: Purse, notes: Mapping[str, Note]) -> Iterator[PurseEntry]:
    for entry in purse.entries.values():
        if entry.number and is_unsent(entry, notes.get(entry.key)):
            yield entry
