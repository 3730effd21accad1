"""Resolve by hand what a team's notes say: take a job over from a machine that is off for good, or give one up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from storyboard.bucket.identity import machine_name
from storyboard.bucket.note import Note, Sender
from storyboard.bucket.note_book import NoteChanged, NoteSeen
from storyboard.bucket.note_changes import NotAllowed, abandon, hear, living_senders, names, take_over
from storyboard.bucket.purse_settlement import settle_by_notes
from storyboard.errors import StoreError, UsageError
from storyboard.project.project import Project
from storyboard.project.shared_clips import author_of
from storyboard.project.team_bucket import open_bucket
from storyboard.project.workspace import Run
from storyboard.store import Attempt, LocalStore

Change = Callable[[Note], Note | NotAllowed]


@dataclass(frozen=True, slots=True)
class HeldByOthers:
    """A job that other machines of the team may still send: its key, what it is called, and who they are."""

    key: str
    job: str
    senders: tuple[Sender, ...]


class NoteResolver:
    """Resolves jobs of a project in its team's bucket. Each method raises BucketAway where that does not answer."""

    def __init__(self, project: Project, store: LocalStore) -> None:
        self._store = store
        bucket = open_bucket(project)
        self._notes, self._purses = bucket.notes, bucket.purses

    def held(self, run: Run, name: str) -> HeldByOthers:
        """The job that `name` means: the beginning of its key, its id, or the address of a shot of it.

        Raises UsageError if it means none or several, or if no other machine may still send it.
        """
        key, job = job_named(run, name)
        note = self._notes.read(key).note
        others = living_senders(note, author_of(self._store), ()) if note is not None else ()
        if not others:
            raise UsageError(
                f"{job}: no other machine may still send this job", help="storyboard build goes on with it"
            )
        return HeldByOthers(key, job, others)

    def take_over(self, held: HeldByOthers) -> None:
        """Write down that these machines will never send the job again. Raises StoreError if the note has changed."""
        stores = {sender.store for sender in held.senders}

        def change(note: Note) -> Note | NotAllowed:
            author = author_of(self._store)
            others = {sender.store for sender in living_senders(note, author, ())}
            if not others <= stores:
                return NotAllowed("another machine has joined meanwhile; look again")
            return take_over(note, stores, machine_name(), author)

        refused = self._change(held.key, change)
        if refused is not None:
            raise StoreError(f"{held.job}: not taken over: {refused}", help="run the same command again")

    def check_nobody_sends(self, attempt: Attempt) -> None:
        """Raise UsageError while another machine may still send an attempt that is to be given up."""
        note = self._notes.read(attempt.key).note
        others = living_senders(note, author_of(self._store), ()) if note is not None else ()
        if note is not None and note.attempt == attempt.number and others:
            raise UsageError(
                f"{names(others)} may still send this job, so it is not given up: it could be bought twice",
                help="if that machine is off for good: storyboard resolve JOB --take-over",
            )

    def give_up(self, attempt: Attempt) -> None:
        """Tell the team that an attempt was given up. Raises StoreError if another machine has joined meanwhile."""

        def change(note: Note) -> Note | NotAllowed:
            author = author_of(self._store)
            if note.attempt == attempt.number and (others := living_senders(note, author, ())):
                raise StoreError(f"{names(others)} joined meanwhile and may still send this job")
            is_its = note.attempt == attempt.number
            return abandon(note, author, attempt.charged) if is_its else NotAllowed("it has gone on")

        self._change(attempt.key, change)
        note = self._notes.read(attempt.key).note
        if note is not None:
            settle_by_notes(self._purses, [(note, note.project)])

    def adopt(self, attempt: Attempt, task: str) -> None:
        """Tell the team that a task is this attempt's."""
        self._change(attempt.key, lambda note: hear(note, attempt.number, task, author_of(self._store)))

    def settled(self, attempt: Attempt) -> None:
        """Say nothing: a note has neither what a clip cost otherwise nor where it came from."""

    def _change(self, key: str, change: Change) -> str | None:
        """Write a change over the note as it is; why it is not allowed, None if it was written or there is no note."""
        seen: NoteSeen | NoteChanged = self._notes.read(key)
        while True:
            seen = seen.now if isinstance(seen, NoteChanged) else seen
            if seen.note is None:
                return None
            changed = change(seen.note)
            if isinstance(changed, NotAllowed):
                return changed.reason
            written = self._notes.write(changed, seen)
            if not isinstance(written, NoteChanged):
                return None
            seen = written


def job_named(run: Run, name: str) -> tuple[str, str]:
    """The key and the id of the one job of the project that a name means."""
    planned = run.plan()
    if planned.compiled.has_errors:
        raise UsageError(f"`{name}`: the stories have errors, so their jobs have no keys yet")
    found = {
        step.key: step.id
        for story in planned.stories
        if story.provider.pays
        for step in story.plan.steps
        if step.job is not None
        if name in (step.id, *step.job.addresses) or (len(name) >= 4 and step.key.startswith(name))
    }
    if len(found) != 1:
        what = f"means {len(found)} jobs" if found else "is not a job of this project"
        raise UsageError(f"`{name}` {what}", help="name a shot, or the first digits of a key: storyboard plan --json")
    return next(iter(found.items()))
