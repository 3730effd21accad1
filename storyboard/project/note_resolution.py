"""Resolve by hand what a team's notes say: take a job over from a machine that is off for good, or give one up."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from storyboard.bucket.identity import machine_name
from storyboard.bucket.known_bucket import KnownBuckets
from storyboard.bucket.note import FirstIntent, Note, NoteState, Sender, moment_of, time_text
from storyboard.bucket.note_book import NoteChanged, NoteSeen
from storyboard.bucket.note_changes import (
    NotAllowed,
    WantedPurchase,
    abandon,
    hear,
    living_senders,
    names,
    new_intent,
    take_over,
)
from storyboard.bucket.note_news import UNKNOWN_STORE
from storyboard.bucket.purse import PurseEntry, attempt_name
from storyboard.bucket.purse_holds import is_unsent
from storyboard.bucket.purse_settlement import settle_by_notes
from storyboard.errors import StoreError, UsageError
from storyboard.fast_dataclasses import dataclass
from storyboard.jobs.job import Job
from storyboard.jobs.key import external_id
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.project.plan import PlannedStory
from storyboard.project.project import Project
from storyboard.project.purchase_news import relabelled
from storyboard.project.shared_clips import author_of
from storyboard.project.team_bucket import open_bucket, project_name
from storyboard.project.workspace import Run
from storyboard.store import Attempt, LocalStore, Whose
from storyboard.store.attempt_changes import HistoryChanged
from storyboard.store.price_class import price_class_of

Change = Callable[[Note], Note | NotAllowed]


@dataclass(frozen=True, slots=True)
class HeldByOthers:
    """A job that other machines of the team may still send: its key, its name, and who they are.

    `lost` is the note to write for an intent whose note is not, or no longer, in the bucket.
    """

    key: str
    job: str
    senders: tuple[Sender, ...]
    lost: Note | None = None


class NoteResolver:
    """Resolves jobs of a project in its team's bucket. Each method raises BucketAway if the bucket does not answer."""

    def __init__(self, project: Project, store: LocalStore) -> None:
        self._project, self._store = project, store
        bucket = self._bucket = open_bucket(project)
        self._notes, self._purses = bucket.notes, bucket.purses

    def held(self, run: Run, name: str) -> HeldByOthers:
        """Return the job that `name` means: the beginning of its key, its id, or the address of one of its shots.

        Raises UsageError if it means none or several, or if no other machine may still send it.
        """
        key, job = job_named(run, name)
        note = self._notes.read(key).note
        others = living_senders(note, author_of(self._store), ()) if note is not None else ()
        lost = self._lost_note(run, key) if note is None else None
        if lost is not None:
            return HeldByOthers(key, job, lost.may, lost)
        if not others:
            raise UsageError(
                f"{job}: no other machine may still send this job", help="storyboard build goes on with it"
            )
        return HeldByOthers(key, job, others)

    def take_over(self, held: HeldByOthers) -> None:
        """Record that these machines will never send the job again. Raises StoreError if the note has changed."""
        stores = {sender.store for sender in held.senders}
        if held.lost is not None:
            made = take_over(held.lost, stores, machine_name(), author_of(self._store))
            if isinstance(made, NotAllowed) or isinstance(self._notes.write(made, NoteSeen(None, None)), NoteChanged):
                raise StoreError(f"{held.job}: the note is back in the bucket", help="run the same command again")
            return

        def change(note: Note) -> Note | NotAllowed:
            author = author_of(self._store)
            others = {sender.store for sender in living_senders(note, author, ())}
            if not others <= stores:
                return NotAllowed("another machine has joined meanwhile; look again")
            return take_over(note, stores, machine_name(), author)

        refused = self._change(held.key, change)
        if refused is not None:
            raise StoreError(f"{held.job}: not taken over: {refused}", help="run the same command again")

    def attempt(self, run: Run, name: str, *, giving_up: bool) -> Attempt | None:
        """Copy the attempt that a job's note has, and this machine's ledger lacks, into the ledger, and return it.

        Return None if the note has none that a person can settle. Nothing is reserved for it here, because it was
        bought elsewhere. Raises UsageError while another machine may still send an attempt that is to be given up.
        """
        key, _ = job_named(run, name)
        note = self._notes.read(key).note
        state = None if note is None else _OPEN.get(note.state)
        planned = _planned(run, key)
        if note is None or state is None or planned is None:
            return None
        story, job = planned
        whose = story.request.whose
        account = whose.account if note.account in ("", self._account_in(whose)) else note.account
        row = Attempt(
            key=key,
            number=note.attempt,
            external_id=note.id,
            whose=Whose(note.provider, note.base_url, note.dialect, account),
            story=story.request.story,
            state=state,
            content=job.content,
            addresses=job.addresses,
            seconds=job.seconds,
            model=job.model,
            request=job.request,
            run="",
            opened_at=0.0 if note.begun is None else moment_of(note.begun.at),
            take=job.take,
            base=job.base,
            sends=max(1, note.joins),
            task=note.task,
            reserved=Decimal(0),
            rate=price_class_of(job.request),
        )
        if giving_up:
            self.check_nobody_sends(row)
        written = self._store.ledger.correct(row)
        return None if isinstance(written, HistoryChanged) else written

    def _lost_note(self, run: Run, key: str) -> Note | None:
        """Return a note for an intent that this machine's ledger or the story's lock knows, in which others may have
        sent it."""
        planned = _planned(run, key)
        if planned is None:
            return None
        story, job = planned
        rows = [row for row in self._store.ledger.history([key]).get(key, ()) if row.state is PurchaseState.INTENT]
        block = story.compiled.lock.blocks.get(job.content)
        if rows:
            whose, number, account = rows[-1].whose, rows[-1].number, self._account_in(rows[-1].whose)
            begun = FirstIntent(UNKNOWN_STORE.store, time_text(rows[-1].opened_at)) if rows[-1].opened_at else None
        elif block is not None and block.key == key and block.state is PurchaseState.INTENT:
            whose, number = Whose(block.provider, block.base_url, block.dialect), block.attempt
            account, begun = "", None
        else:
            return None
        path = story.request.story.path
        variant = story.request.story.variant
        wanted = WantedPurchase(
            key,
            whose.provider,
            whose.base_url,
            whose.dialect,
            account,
            None,
            project_name(self._project),
            f"{path} as {variant}" if variant else path,
        )
        return new_intent(
            wanted,
            number,
            external_id(key, job.take, number),
            may=(UNKNOWN_STORE,),
            begun=begun,
            past=(),
            author=author_of(self._store),
        )

    def _account_in(self, whose: Whose) -> str:
        salt = KnownBuckets(self._store.folder).identity(self._bucket).salt
        return relabelled(self._store, salt)(whose)

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
        self._settle_purse(attempt.key)
        self._free_unsent(attempt)

    def _free_unsent(self, attempt: Attempt) -> None:
        """Free what this machine reserved for an attempt that no note knows: it was never sent."""
        own = author_of(self._store).store
        entry = PurseEntry(f"{attempt_name(attempt.key, attempt.number)}-{own}", "", Decimal(0))
        if is_unsent(entry, self._notes.read(attempt.key).note):
            self._purses.free(project_name(self._project), [entry.id])

    def _settle_purse(self, key: str) -> None:
        note = self._notes.read(key).note
        if note is not None:
            settle_by_notes(self._purses, [(note, note.project)])

    def adopt(self, attempt: Attempt, task: str) -> None:
        """Tell the team that a task is this attempt's."""
        self._change(attempt.key, lambda note: hear(note, attempt.number, task, author_of(self._store)))
        self._settle_purse(attempt.key)

    def settled(self, attempt: Attempt) -> None:
        """Do nothing: a note records neither a corrected price nor where a clip came from."""

    def _change(self, key: str, change: Change) -> str | None:
        """Apply a change to the current note; return why it is not allowed, None if it was written or there is no
        note."""
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


_OPEN = {
    NoteState.INTENT: PurchaseState.INTENT,
    NoteState.TASK: PurchaseState.SUBMITTED,
    NoteState.LOST: PurchaseState.LOST,
}
"""States of an attempt that a person can settle."""


def _planned(run: Run, key: str) -> tuple[PlannedStory, Job] | None:
    """Return the story and the job of a key."""
    for story in run.plan().stories:
        for step in story.plan.steps:
            if step.key == key and step.job is not None and story.provider.pays:
                return story, step.job
    return None


def job_named(run: Run, name: str) -> tuple[str, str]:
    """Return the key and the id of the one job of the project that a name means."""
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
