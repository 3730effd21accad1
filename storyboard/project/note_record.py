"""The notes and purses of a team's bucket as the record that a purchase consults: read, joined, left and told.

A note is written only over the one that was decided on. Facts that only add (what was heard, who left) follow through
the spool if the bucket is out of reach; a permission to send does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

from storyboard.bucket.bucket_clips import ClipAdded, DamagedInBucket
from storyboard.bucket.known_bucket import KnownBuckets
from storyboard.bucket.note import Note, NoteState, moment_of, new_write_id
from storyboard.bucket.note_book import NoteChanged, NoteSeen
from storyboard.bucket.note_changes import (
    NotAllowed,
    NoteAuthor,
    WantedPurchase,
    begin,
    is_only_sender,
    join,
    leave,
    living_senders,
    refuse,
    withdraw,
)
from storyboard.bucket.note_news import NewsKind, NoteNews, told
from storyboard.bucket.object_store import BucketAway
from storyboard.bucket.purse import PurseCap, PurseEntry, PurseFull, attempt_name
from storyboard.bucket.purse_holds import held_prices
from storyboard.bucket.purse_settlement import settle_by_notes
from storyboard.bucket.shared_bucket import SharedBucket
from storyboard.bucket.spool import Spool
from storyboard.errors import AccessError
from storyboard.fast_dataclasses import dataclass, field, replace
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.plan.humanize import ago
from storyboard.project.plan import PlannedStory
from storyboard.project.purchase_news import mark_of, news_of_rows, relabelled
from storyboard.project.share_purchases import story_in_spool
from storyboard.project.shared_clips import author_of
from storyboard.project.team_bucket import open_bucket, project_name
from storyboard.run.result import JobResult
from storyboard.run.shared_record import SharedPurchase, WorkerPlace
from storyboard.store import Attempt, AttemptError, Cap, CapReached, StoryRef
from storyboard.store.attempt_changes import HistoryChanged, SendersAlive
from storyboard.store.clips import ClipFolder
from storyboard.store.send_permission import Moment, is_fresh, this_moment

WRITES = 20
"""How often a fact that only adds is written again if another machine was quicker."""

_STATES = {
    NoteState.INTENT: PurchaseState.INTENT,
    NoteState.WITHDRAWN: PurchaseState.WITHDRAWN,
    NoteState.TASK: PurchaseState.SUBMITTED,
    NoteState.DONE: PurchaseState.DONE,
    NoteState.FAILED: PurchaseState.FAILED,
    NoteState.REFUSED: PurchaseState.FAILED,
    NoteState.LOST: PurchaseState.LOST,
    NoteState.ABANDONED: PurchaseState.ABANDONED,
}


@dataclass
class NoteRecord:
    """The record of one story's purchases. Its methods are called from threads, one at a time for each key.

    `account` is the key's fingerprint with the bucket's salt, `about` the story's name in the spool. `unique_ids` is
    the user's word that the gateway always refuses or replays an id that it knows.
    """

    bucket: SharedBucket
    spool: Spool
    clips: ClipFolder
    author: Callable[[], NoteAuthor]
    news_of: Callable[[Attempt], Iterable[NoteNews]]
    project: str
    account: str
    unique_ids: bool = False
    about: str = ""
    moment: Callable[[], Moment] = this_moment
    _seen: dict[str, NoteSeen] = field(default_factory=dict)
    _given: dict[str, Moment] = field(default_factory=dict)
    _holds: tuple[str, ...] | None = None

    def claim(self, key: str) -> str | None:
        """Return None: notes do not name who works on a job, only who may still send it."""
        return None

    def place(self, key: str) -> WorkerPlace | None:
        """Return None: without a ledger there are no workers, and no queue."""
        return None

    def release(self, key: str, result: JobResult) -> None:
        """Do nothing: nothing was claimed."""

    def read(self, key: str) -> SharedPurchase | None:
        """Return what the note of a key says; whatever is decided next is based on it."""
        seen = self._seen[key] = self.bucket.notes.read(key)
        return None if seen.note is None else self._shared(seen.note)

    def join(
        self, attempt: Attempt, caps: Iterable[Cap], *, resend: bool, retry: bool, rebuy: bool, looked_up: bool
    ) -> CapReached | SendersAlive | HistoryChanged | None:
        """Reserve the price in the purse, then write the intent, with this store in `may`, over the note that was
        decided on."""
        seen = self._seen.get(attempt.key, NoteSeen(None, None))
        author = self.author()
        wanted = self._wanted(attempt, author, seen.note, resend=resend, retry=retry, rebuy=rebuy, looked_up=looked_up)
        if not isinstance(wanted, Note):
            return wanted
        full = self._reserve(attempt, tuple(caps), author)
        if full is not None:
            return full
        self.spool.forget_leaving(attempt.key)
        given = self.moment()
        written = self.bucket.notes.write(wanted, seen)
        if isinstance(written, NoteChanged):
            self._free(attempt, author)
            return HistoryChanged()
        self._seen[attempt.key], self._given[attempt.key] = written, given
        return None

    def _wanted(
        self,
        attempt: Attempt,
        author: NoteAuthor,
        note: Note | None,
        *,
        resend: bool,
        retry: bool,
        rebuy: bool,
        looked_up: bool,
    ) -> Note | SendersAlive | HistoryChanged:
        """Return the note that lets this store send."""
        if note is None and resend:
            return SendersAlive(("another machine, whose note the bucket has lost,",))
        if note is not None and note.state is NoteState.INTENT:
            same = (note.attempt, note.id) == (attempt.number, attempt.external_id)
            if not same or not (resend or note.senders == {author.store}):
                return self._barred(note, author)
            changed = join(note, author, unique_ids=self.unique_ids)
        else:
            changed = begin(
                note,
                self._purchase(attempt),
                attempt.external_id,
                author,
                attempt=attempt.number,
                looked_up=looked_up,
                retry=retry,
                rebuy=rebuy,
            )
        if isinstance(changed, NotAllowed):
            return HistoryChanged() if note is None else self._barred(note, author)
        return changed if changed.attempt >= attempt.number else replace(changed, attempt=attempt.number)

    def _barred(self, note: Note, author: NoteAuthor) -> SendersAlive | HistoryChanged:
        living = living_senders(note, author, ())
        return SendersAlive(tuple(sender.in_words for sender in living)) if living else HistoryChanged()

    def first_look_waits(self) -> bool:
        """Return False: a bucket keeps what was written to it."""
        return False

    def may_send(self, key: str) -> bool:
        """Whether the permission is recent by both clocks, or the note is still as this store left it."""
        given, seen = self._given.get(key), self._seen.get(key)
        if given is None or seen is None or seen.note is None:
            return False
        if is_fresh(given, self.moment()):
            return True
        read_at = self.moment()
        try:
            now = self.bucket.notes.read(key).note
        except (BucketAway, AccessError):
            return False
        if now is None or now.n != seen.note.n:
            return False
        self._given[key] = read_at
        return True

    def leave(self, attempt: Attempt, *, nothing_created: bool = False) -> None:
        """Remove this store from `may`; withdraw the attempt and release its price if nothing can have been created."""
        author = self.author()
        self._given.pop(attempt.key, None)

        def out(note: Note | None) -> Note | NotAllowed:
            if note is None or note.id != attempt.external_id:
                return NotAllowed("the note has gone on")
            withdrawn = withdraw(note, author) if nothing_created else NotAllowed("it was sent")
            return leave(note, author) if isinstance(withdrawn, NotAllowed) else withdrawn

        try:
            written = self._write(attempt.key, out)
            if nothing_created and (written is None or author.store not in written.senders):
                self._free(attempt, author)
        except (BucketAway, AccessError):
            self._tell_later(attempt, NewsKind.WITHDRAWN if nothing_created else NewsKind.LEFT)

    def tell(self, attempt: Attempt) -> None:
        """Report what was heard of an attempt, or how it ended: the clip first, then the note, then the purse."""
        if attempt.state is PurchaseState.FAILED and attempt.task is None:
            self._refused(attempt)
        for news in self.news_of(attempt):
            marks = [mark for mark in (mark_of(attempt), news.clip) if mark is not None]
            try:
                if news.clip is not None and self.bucket.clips.add(news.clip, self.clips) is ClipAdded.MISSING:
                    news, marks = replace(news, kind=NewsKind.HEARD, clip=None), []  # `done` promises the clip
                note = self._write(attempt.key, partial(told, news=news, author=self.author()))
                if note is not None:
                    settle_by_notes(self.bucket.purses, [(note, self.project)])
                self.spool.keep_told(self.about, marks)
            except (BucketAway, AccessError):
                if attempt.clip is not None:
                    self.spool.add_clip(attempt.clip)
                self.spool.add_news(news)

    def _refused(self, attempt: Attempt) -> None:
        """Record that the gateway refused the request and made no task: for good, or only for now."""
        author, error = self.author(), attempt.error or AttemptError(None, "refused", final=True)

        def ended(note: Note | None) -> Note | NotAllowed:
            if note is None or note.id != attempt.external_id:
                return NotAllowed("the note has gone on")
            withdrawn = NotAllowed("it is refused") if error.final else withdraw(note, author)
            return refuse(note, error.message, author) if isinstance(withdrawn, NotAllowed) else withdrawn

        try:
            note = self._write(attempt.key, ended)
            if note is not None:
                settle_by_notes(self.bucket.purses, [(note, self.project)])
            self._free(attempt, author)
        except (BucketAway, AccessError):
            self._tell_later(attempt, NewsKind.REFUSED if error.final else NewsKind.WITHDRAWN)

    def _tell_later(self, attempt: Attempt, kind: NewsKind) -> None:
        """Put the news that this store sends no more into the spool, for the note as this store left it."""
        note = self._seen.get(attempt.key, NoteSeen(None, None)).note
        if note is None or note.id != attempt.external_id:
            return
        error = None if attempt.error is None else attempt.error.message[:200]
        wanted = self._purchase(attempt)
        self.spool.add_news(NoteNews(kind, wanted, attempt.number, attempt.external_id, error=error, joins=note.joins))

    def fetch(self, clip: str) -> Path | None:
        """Copy a clip into the store; None if the bucket has no intact one."""
        try:
            self.bucket.clips.fetch(clip, self.clips)
        except DamagedInBucket:
            return None
        return self.clips.path(clip)

    def _write(self, key: str, change: Callable[[Note | None], Note | NotAllowed]) -> Note | None:
        """Write a fact that only adds over the current note; return the note as it is then, None if there is none.

        The note that decisions are based on stays the same, unless this write directly follows it.
        """
        decided = self._seen.get(key)
        over = decided if decided is not None else self.bucket.notes.read(key)
        follows = decided is not None
        for _ in range(WRITES):
            note = change(over.note)
            if isinstance(note, NotAllowed):
                if not follows or over is not decided:
                    return over.note
                fresh = self.bucket.notes.read(key)
                if fresh.note == over.note:
                    return over.note
                over, follows = fresh, False
                continue
            written = self.bucket.notes.write(replace(note, n=new_write_id()), over)
            if not isinstance(written, NoteChanged):
                if follows:
                    self._seen[key] = written
                return written.note
            over, follows = written.now, False
        raise BucketAway(f"the note of {key[:12]} changes too often", help="run the same command again")

    def _reserve(self, attempt: Attempt, caps: tuple[Cap, ...], author: NoteAuthor) -> CapReached | None:
        """Reserve the price under the caps of the story and of the project, which all machines share."""
        shared = {_purse_cap(cap): cap for cap in caps if cap.run is None and (cap.story or cap.project) is not None}
        if not shared or attempt.reserved is None:
            return None
        entry = PurseEntry(
            self._entry(attempt, author),
            _story_name(attempt.story),
            attempt.reserved,
            author.writer.name,
            author.now,
        )
        found = self.bucket.purses.reserve(self.project, [entry], list(shared))[entry.id]
        if not isinstance(found, PurseFull):
            return None
        return CapReached(shared[found.cap], found.spent, found.price, self._held(author))

    def _held(self, author: NoteAuthor) -> tuple[str, ...]:
        """What is reserved for jobs that do not go on; looked at once in a run."""
        if self._holds is None:
            self._holds = ()
            now = moment_of(author.now)
            holds = held_prices(self.bucket.purses.read(self.project), self.bucket.notes, author.store, now)
            self._holds = tuple(each.in_words(ago(now - each.since)) for each in holds)
        return self._holds

    def _free(self, attempt: Attempt, author: NoteAuthor) -> None:
        with suppress(BucketAway, AccessError):  # it counts until then, which spends less
            self.bucket.purses.free(self.project, [self._entry(attempt, author)])

    def _entry(self, attempt: Attempt, author: NoteAuthor) -> str:
        return f"{attempt_name(attempt.key, attempt.number)}-{author.store}"

    def _purchase(self, attempt: Attempt) -> WantedPurchase:
        whose = attempt.whose
        return WantedPurchase(
            attempt.key,
            whose.provider,
            whose.base_url,
            whose.dialect,
            self.account,
            attempt.reserved,
            self.project,
            _story_name(attempt.story),
        )

    def _shared(self, note: Note) -> SharedPurchase:
        author = self.author()
        final = note.state is NoteState.REFUSED
        error = AttemptError(None, note.error or "it failed", final=final)
        return SharedPurchase(
            number=note.attempt,
            external_id=note.id,
            state=_STATES[note.state],
            others=tuple(sender.in_words for sender in living_senders(note, author, ())),
            mine=author.store in note.senders,
            only_mine=is_only_sender(note, author),
            joins=note.joins,
            begun_at=0.0 if note.begun is None else moment_of(note.begun.at),
            task=note.task,
            clip=note.clip,
            cost=note.cost,
            error=error if note.state in (NoteState.FAILED, NoteState.REFUSED) else None,
            writer=note.by.name,
            own_account=note.account == self.account,
        )


def _story_name(story: StoryRef) -> str:
    return f"{story.path} as {story.variant}" if story.variant else story.path


def _purse_cap(cap: Cap) -> PurseCap:
    return PurseCap(cap.name, cap.limit, None if cap.story is None else _story_name(cap.story))


def open_record(story: PlannedStory) -> NoteRecord:
    """Return the team's record of a story's purchases.

    Raises UsageError, PermissionNeeded, and BucketAway if this store has never seen the bucket.
    """
    project, store = story.compiled.project, story.store
    bucket, name = open_bucket(project), project_name(project)
    spool = Spool(store.folder, bucket.address)
    account_in = relabelled(store, KnownBuckets(store.folder).identity(bucket).salt)
    return NoteRecord(
        bucket=bucket,
        spool=spool,
        clips=store.clips,
        author=lambda: author_of(store),
        news_of=lambda attempt: news_of_rows([attempt], name, account_in),
        project=name,
        account=account_in(story.request.whose),
        about=story_in_spool(story.compiled),
        unique_ids=project.settings.unique_ids,
    )
