"""Which changes of a note are allowed: pure functions from a note as it was read to the note to write in its place.

Only who is named in `may` can send a request that costs money. A store joins in the very write that says that it wants
to send (`begin`, `join`); it may do so only when every other name is known dead. It leaves when it will send no more
(`leave`). A person's word can strike a name out (`take_over`), never time. What was heard of a task is added by
anybody (`hear`). Each function answers `NotAllowed` where its change is not allowed; whoever gets that sends nothing.

The result holds only if it is written over the very note it was made from (`NoteBook.write`).
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from storyboard.bucket.note import (
    MOST_SENDERS,
    MOST_TASKS,
    DeclaredDead,
    FirstIntent,
    Note,
    NoteState,
    PastAttempt,
    Sender,
    Writer,
    new_write_id,
)
from storyboard.fast_dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """A change that is not allowed, with the reason in words for people."""

    reason: str


@dataclass(frozen=True, slots=True)
class NoteAuthor:
    """The store that writes, and its clock's time in the form of a note."""

    writer: Writer
    now: str

    @property
    def store(self) -> str:
        """The store's id."""
        return self.writer.store


@dataclass(frozen=True, slots=True)
class WantedPurchase:
    """What a store wants to buy: the fields of a note that do not change while it is bought."""

    key: str
    provider: str
    base_url: str
    dialect: str
    account: str
    reserved: Decimal | None
    project: str
    story: str


def begin(
    note: Note | None,
    wanted: WantedPurchase,
    external_id: str,
    author: NoteAuthor,
    *,
    attempt: int | None = None,
    dead: Collection[str] = (),
    looked_up: bool = False,
    retry: bool = False,
    rebuy: bool = False,
) -> Note | NotAllowed:
    """Return the intent of a first send, of a withdrawn attempt's second try, or of the next attempt.

    `dead` are stores that are known never to send again. `looked_up` says that the id of an attempt that was joined
    more than once was looked up through the wait and not found. `retry` and `rebuy` are the author's permission for a
    job that was refused or lost. `attempt` is the number to begin with if there is no note, 1 by default.
    """
    if note is None:
        number, past = attempt or 1, tuple[PastAttempt, ...]()
    else:
        barred = _next_barred(note, author, dead, looked_up=looked_up, retry=retry, rebuy=rebuy)
        if barred is not None:
            return barred
        if note.state is NoteState.WITHDRAWN:
            number, past = note.attempt, note.past
        else:
            number, past = note.attempt + 1, ended_past(note)
    begun = FirstIntent(author.store, author.now)
    return new_intent(wanted, number, external_id, may=(_sender(author),), begun=begun, past=past, author=author)


def new_intent(
    wanted: WantedPurchase,
    number: int,
    external_id: str,
    *,
    may: tuple[Sender, ...],
    begun: FirstIntent | None,
    past: tuple[PastAttempt, ...],
    author: NoteAuthor,
) -> Note:
    """Return the note of an attempt of which nothing has been heard yet; `may` are those who may send it."""
    return Note(
        n=new_write_id(),
        key=wanted.key,
        attempt=number,
        id=external_id,
        state=NoteState.INTENT,
        may=may,
        joins=1,
        begun=begun,
        provider=wanted.provider,
        base_url=wanted.base_url,
        dialect=wanted.dialect,
        account=wanted.account,
        task=None,
        tasks=(),
        clip=None,
        reserved=wanted.reserved,
        cost=None,
        project=wanted.project,
        story=wanted.story,
        error=None,
        past=past,
        dead=(),
        by=author.writer,
        at=author.now,
    )


def ended_past(note: Note) -> tuple[PastAttempt, ...]:
    """Return `past` with the attempt of a note in it, which has ended: its first task, then any others of its id."""
    before = tuple(each for each in note.past if each.attempt != note.attempt)
    own = [*(each for each in note.past if each.attempt == note.attempt), _own_end(note)]
    first = note.tasks[0] if note.tasks else note.task
    return (*before, *sorted(own, key=lambda each: each.task not in (None, first)))


def _own_end(note: Note) -> PastAttempt:
    return PastAttempt(note.attempt, note.state, note.task, note.cost)


def _next_barred(
    note: Note, author: NoteAuthor, dead: Collection[str], *, looked_up: bool, retry: bool, rebuy: bool
) -> NotAllowed | None:
    allowed = {
        NoteState.WITHDRAWN: True,
        NoteState.FAILED: True,
        NoteState.ABANDONED: True,
        NoteState.REFUSED: retry,
        NoteState.LOST: rebuy,
    }
    if not allowed.get(note.state, False):
        return NotAllowed(f"the attempt {note.attempt} is {note.state.value}")
    living = living_senders(note, author, dead)
    if living:
        return NotAllowed(f"{names(living)} may still send it")
    if author.store in note.senders and note.state is not NoteState.WITHDRAWN:
        return NotAllowed("this store may still send the attempt before: it has to leave first")
    if note.joins > 1 and not looked_up:
        return NotAllowed("the attempt before was sent by more than one: its id has to be looked up first")
    return None


def join(note: Note, author: NoteAuthor, *, dead: Collection[str] = (), unique_ids: bool = False) -> Note | NotAllowed:
    """Return the note with permission for one more send under the same id, needed before every send after the first.

    `unique_ids` is a person's assurance that the gateway always refuses or replays an id that it knows.
    """
    if note.state is not NoteState.INTENT:
        return NotAllowed(f"the attempt {note.attempt} is {note.state.value}")
    living = living_senders(note, author, dead)
    if living and not unique_ids:
        return NotAllowed(f"{names(living)} may still send it")
    kept = tuple(sender for sender in note.may if sender.store not in {author.store, *dead})
    if len(kept) >= MOST_SENDERS:
        return NotAllowed("too many stores may send it")
    return _written(note, author, may=(*kept, _sender(author)), joins=note.joins + 1)


def withdraw(note: Note, author: NoteAuthor) -> Note | NotAllowed:
    """Return the note of an attempt that created nothing: its number and id are free again. Only the one store that
    ever joined can withdraw it."""
    if note.state is not NoteState.INTENT or note.senders != {author.store} or note.joins != 1:
        return NotAllowed("others may have sent it")
    return _written(note, author, state=NoteState.WITHDRAWN, may=())


def leave(note: Note, author: NoteAuthor) -> Note | NotAllowed:
    """Return the note without this store among the senders: it will send no more under the id."""
    if author.store not in note.senders:
        return NotAllowed("this store is not among those that may send")
    return _written(note, author, may=_without(note, {author.store}))


def take_over(note: Note, stores: Collection[str], said_by: str, author: NoteAuthor) -> Note | NotAllowed:
    """Return the note without stores that, a person says, will never send again; the next build continues with the
    same id."""
    named = note.senders & frozenset(stores)
    if not named:
        return NotAllowed("none of these stores may send it")
    said = tuple(DeclaredDead(store, said_by, author.now) for store in sorted(named))
    return _written(note, author, may=_without(note, named), dead=(*note.dead, *said)[-MOST_SENDERS:])


def hear(note: Note, attempt: int, task: str, author: NoteAuthor, *, cost: Decimal | None = None) -> Note | NotAllowed:
    """Return the note with a task that the gateway named, whoever heard it. A second one is kept beside the first:
    bought twice. `cost` is what a second one was charged, where that is known.

    The store that hears it has its answer, and leaves. Returns `NotAllowed` if the note knows the task.
    """
    if attempt != note.attempt:
        return _heard_of_past(note, attempt, task, author, cost)
    may = _without(note, {author.store})
    tasks = note.tasks if task in note.tasks else (*note.tasks, task)
    if tasks == note.tasks and may == note.may:
        return NotAllowed("the note knows this task")
    if len(tasks) > MOST_TASKS:
        return NotAllowed("the note names as many tasks as it can hold")
    if tasks == note.tasks:
        return _written(note, author, may=may)
    if note.state is NoteState.INTENT and note.task is None:
        return _written(note, author, state=NoteState.TASK, task=task, tasks=tasks, may=may, error=None)
    never_heard = note.state is NoteState.REFUSED and note.task is None
    if never_heard or note.state in (NoteState.FAILED, NoteState.WITHDRAWN):
        past = (*note.past, _own_end(note))  # so that its price counts again
        return _written(
            note, author, state=NoteState.TASK, task=task, tasks=tasks, may=may, error=None, cost=None, past=past
        )
    if note.task is None:
        return _written(note, author, tasks=tasks, may=may)
    past = (*note.past, PastAttempt(attempt, NoteState.TASK, task, cost))
    return _written(note, author, tasks=tasks, may=may, past=past)


def _heard_of_past(note: Note, attempt: int, task: str, author: NoteAuthor, cost: Decimal | None) -> Note | NotAllowed:
    """Return the note with a task of an earlier attempt, beside what is known of that attempt."""
    own = [each for each in note.past if each.attempt == attempt]
    if not own:
        return NotAllowed("the note has gone on to another attempt")
    if any(each.task == task for each in own):
        return NotAllowed("the note knows this task")
    given_up = next((each for each in own if each.task is None and each.state is NoteState.ABANDONED), None)
    if given_up is not None and len(own) == 1:  # its price counts already
        past = tuple(replace(each, task=task) if each is given_up else each for each in note.past)
        return _written(note, author, past=past)
    at = max(place for place, each in enumerate(note.past) if each.attempt == attempt) + 1
    heard = PastAttempt(attempt, NoteState.TASK, task, cost)
    return _written(note, author, past=(*note.past[:at], heard, *note.past[at:]))


def end_past(note: Note, ended: PastAttempt, author: NoteAuthor) -> Note | NotAllowed:
    """Return the note with how a task of an earlier attempt ended, of which it had only been heard."""
    past = tuple(
        replace(ended, cost=ended.cost if each.cost is None else each.cost)
        if (each.attempt, each.task, each.state) == (ended.attempt, ended.task, NoteState.TASK)
        else each
        for each in note.past
    )
    return NotAllowed("the note knows how it ended") if past == note.past else _written(note, author, past=past)


def finish(note: Note, task: str, clip: str, cost: Decimal | None, author: NoteAuthor) -> Note | NotAllowed:
    """Return the note of an attempt whose clip is in the bucket."""
    if note.state not in (NoteState.TASK, NoteState.LOST) or task not in note.tasks:
        return NotAllowed(f"the attempt {note.attempt} is {note.state.value}")
    return _written(note, author, state=NoteState.DONE, clip=clip, cost=cost, may=_without(note, {author.store}))


def end(
    note: Note,
    task: str,
    state: NoteState,
    author: NoteAuthor,
    *,
    error: str | None = None,
    cost: Decimal | None = None,
) -> Note | NotAllowed:
    """Return the note of a task that failed, was refused, or whose file is gone."""
    if state not in (NoteState.FAILED, NoteState.REFUSED, NoteState.LOST):
        return NotAllowed(f"a task does not become {state.value}")
    if note.state is not NoteState.TASK or task != note.task:
        return NotAllowed(f"the attempt {note.attempt} is {note.state.value}")
    return _written(note, author, state=state, error=error, cost=cost, may=_without(note, {author.store}))


def refuse(note: Note, error: str, author: NoteAuthor, *, dead: Collection[str] = ()) -> Note | NotAllowed:
    """Return the note after the gateway refused the request itself, so that no task was made."""
    if note.state is not NoteState.INTENT or author.store not in note.senders:
        return NotAllowed(f"the attempt {note.attempt} is {note.state.value}")
    living = living_senders(note, author, dead)
    if living:
        return NotAllowed(f"{names(living)} may still send it")
    return _written(note, author, state=NoteState.REFUSED, error=error, cost=Decimal(0), may=())


def abandon(note: Note, author: NoteAuthor, cost: Decimal | None = None) -> Note | NotAllowed:
    """Return the note of an attempt that a person gives up; it counts as spent, unless the person has said what it
    cost. Not allowed while anybody may still send its id."""
    if note.state not in (NoteState.INTENT, NoteState.TASK, NoteState.LOST):
        return NotAllowed(f"the attempt {note.attempt} is {note.state.value}")
    others = living_senders(note, author, ())
    if others:
        return NotAllowed(f"{names(others)} may still send it; --take-over first")
    return _written(note, author, state=NoteState.ABANDONED, cost=cost, may=())


def living_senders(note: Note, author: NoteAuthor, dead: Collection[str]) -> tuple[Sender, ...]:
    """Return all others who may still send and are not known to be dead."""
    return tuple(sender for sender in note.may if sender.store != author.store and sender.store not in dead)


def is_only_sender(note: Note, author: NoteAuthor) -> bool:
    """Whether no other store was ever let to send the attempt: this one began it, and stands in `may` ever since.

    While a store stands there, others join only after a person has called it dead, which the note keeps.
    """
    began = note.begun is not None and note.begun.store == author.store
    declared_dead = any(each.store == author.store for each in note.dead)
    return began and note.senders == {author.store} and not declared_dead


def names(senders: Collection[Sender]) -> str:
    """Return stores as people know them, with the time when each joined."""
    return ", ".join(sender.in_words for sender in senders)


def _without(note: Note, stores: Collection[str]) -> tuple[Sender, ...]:
    return tuple(sender for sender in note.may if sender.store not in stores)


def _sender(author: NoteAuthor) -> Sender:
    return Sender(author.store, author.writer.name, author.now)


def _written(note: Note, author: NoteAuthor, **changes: object) -> Note:
    """Return the note with these changes, as a new write."""
    return replace(note, n=new_write_id(), by=author.writer, at=author.now, **changes)  # type: ignore[arg-type]
