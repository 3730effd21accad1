"""What this machine knows of a purchase and the note may not: told when the bucket can be reached, in whatever order.

News never begins a purchase. It adds what was heard, found or charged, and says that this store sends no more.
"""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from enum import StrEnum
from typing import Any

from storyboard.bucket.note import (
    UNKNOWN_TIME,
    DamagedNote,
    Note,
    NoteState,
    PastAttempt,
    Sender,
    amount_text,
    is_short_name,
    is_short_or_empty,
    new_write_id,
    optional,
    take,
    take_amount,
)
from storyboard.bucket.note_book import NoteBook, NoteChanged
from storyboard.bucket.note_changes import (
    NotAllowed,
    NoteAuthor,
    WantedPurchase,
    end,
    end_past,
    ended_past,
    finish,
    hear,
    leave,
    new_intent,
    refuse,
    withdraw,
)
from storyboard.bucket.object_store import BucketAway
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.forms import is_base_url, is_count, is_name, is_sha256, is_text

WRITES = 20
"""How often news is told anew because another machine was quicker."""
UNKNOWN_STORE = Sender("?", "another machine", UNKNOWN_TIME)
"""Who may still send a job that a lock calls open, where nobody knows whose it is."""


class NewsKind(StrEnum):
    """What happened to an attempt."""

    HEARD = "heard"
    """The gateway named a task."""
    FINISHED = "finished"
    """The clip is here, and in the bucket."""
    FAILED = "failed"
    REFUSED = "refused"
    LOST = "lost"
    LEFT = "left"
    """This store sends no more under the id."""
    WITHDRAWN = "withdrawn"
    """The same, and nothing can have been created."""
    OPEN = "open"
    """It may have been sent by another machine: a lock says so."""


_ENDS = {
    NewsKind.FAILED: NoteState.FAILED,
    NewsKind.REFUSED: NoteState.REFUSED,
    NewsKind.LOST: NoteState.LOST,
}
_ENDS_OF_PAST = {NewsKind.FINISHED: NoteState.DONE, **_ENDS}
_OF_SENDERS = (NewsKind.LEFT, NewsKind.WITHDRAWN, NewsKind.REFUSED)
_OVER = (NoteState.FAILED, NoteState.REFUSED, NoteState.LOST, NoteState.WITHDRAWN, NoteState.ABANDONED)


@dataclass(frozen=True, slots=True)
class NoteNews:
    """What happened to an attempt. `wanted` lets a note be written again that the bucket has lost.

    News of a sender, which names no task, is of its latest join: `joins` as in the note then. It is void once the note
    has more.
    """

    kind: NewsKind
    wanted: WantedPurchase
    attempt: int
    external_id: str
    task: str | None = None
    clip: str | None = None
    cost: Decimal | None = None
    error: str | None = None
    joins: int | None = None

    @property
    def key(self) -> str:
        """The job's key."""
        return self.wanted.key

    @property
    def is_of_sender(self) -> bool:
        """Whether it says only that this store will send no more."""
        return self.kind in _OF_SENDERS and self.task is None


def told(note: Note | None, news: NoteNews, author: NoteAuthor) -> Note | NotAllowed:
    """Return the note with the news; NotAllowed if it adds nothing."""
    if news.is_of_sender:
        return _of_sender(note, news, author)
    if note is None or (news.attempt > note.attempt and note.state in _OVER and not note.may):
        base = _rebuilt(note, news, author)
        added = _added(base, news, author)
        return base if isinstance(added, NotAllowed) else added
    return _added(note, news, author)


def _of_sender(note: Note | None, news: NoteNews, author: NoteAuthor) -> Note | NotAllowed:
    """Apply news of a sender, unless it has joined again since and may be sending now."""
    if note is None or (note.attempt, note.id, note.joins) != (news.attempt, news.external_id, news.joins):
        return NotAllowed("the note has gone on")
    changed: Note | NotAllowed = NotAllowed("it may have been sent")
    if news.kind is NewsKind.REFUSED:
        changed = refuse(note, news.error or "refused", author)
    elif news.kind is NewsKind.WITHDRAWN:
        changed = withdraw(note, author)
    return leave(note, author) if isinstance(changed, NotAllowed) else changed


def _added(note: Note, news: NoteNews, author: NoteAuthor) -> Note | NotAllowed:
    if news.kind is NewsKind.OPEN:
        return NotAllowed("the note says how it stands")
    if news.task is None:
        return NotAllowed("no task")
    heard = hear(note, news.attempt, news.task, author, cost=news.cost)
    known = note if isinstance(heard, NotAllowed) else heard
    ended: Note | NotAllowed = NotAllowed("it goes on")
    if news.attempt != known.attempt:
        if news.kind in _ENDS_OF_PAST:
            end_of_past = PastAttempt(news.attempt, _ENDS_OF_PAST[news.kind], news.task, news.cost)
            ended = end_past(known, end_of_past, author)
    elif news.kind is NewsKind.FINISHED and news.clip is not None:
        ended = finish(known, news.task, news.clip, news.cost, author)
    elif news.kind in _ENDS:
        ended = end(known, news.task, _ENDS[news.kind], author, error=news.error, cost=news.cost)
    return heard if isinstance(ended, NotAllowed) else ended


def _rebuilt(before: Note | None, news: NoteNews, author: NoteAuthor) -> Note:
    """Return a note for an attempt that the bucket does not have. Its sender has an answer, or the outcome is
    unknown."""
    past = ended_past(before) if before else ()
    may = (UNKNOWN_STORE,) if news.kind is NewsKind.OPEN else ()
    return new_intent(news.wanted, news.attempt, news.external_id, may=may, begun=None, past=past, author=author)


def tell(notes: NoteBook, news: NoteNews, author: NoteAuthor) -> Note | None:
    """Write the news into the note; the note as it is now. Raises BucketAway, DamagedNote."""
    seen = notes.read(news.key)
    for _ in range(WRITES):
        note = told(seen.note, news, author)
        if isinstance(note, NotAllowed):
            return seen.note
        written = notes.write(replace(note, n=new_write_id()), seen)
        if not isinstance(written, NoteChanged):
            return written.note
        seen = written.now
    raise BucketAway(f"the note of {news.key[:12]} changes too often", help="run the same command again")


def news_document(news: NoteNews) -> dict[str, Any]:
    """Return the news as JSON, for the spool."""
    document = asdict(news)
    wanted = document.pop("wanted")
    wanted["reserved"] = amount_text(news.wanted.reserved)
    return {**document, "kind": news.kind.value, "cost": amount_text(news.cost), "wanted": wanted}


def read_news(document: Any) -> NoteNews:
    """Return the news that a JSON value states; raises DamagedNote for anything else."""
    try:
        wanted = take(document, "wanted", lambda value: isinstance(value, dict))
        return NoteNews(
            NewsKind(take(document, "kind", is_text)),
            WantedPurchase(
                take(wanted, "key", is_sha256),
                take(wanted, "provider", is_short_name),
                take(wanted, "base_url", lambda value: value == "" or is_base_url(value)),
                take(wanted, "dialect", is_short_or_empty),
                take(wanted, "account", is_short_or_empty),
                take_amount(wanted, "reserved"),
                take(wanted, "project", is_short_or_empty),
                take(wanted, "story", is_text),
            ),
            take(document, "attempt", lambda value: is_count(value, 1)),
            take(document, "external_id", is_short_name),
            take(document, "task", optional(is_name)),
            take(document, "clip", optional(is_sha256)),
            take_amount(document, "cost"),
            take(document, "error", optional(is_text)),
            take(document, "joins", optional(lambda value: is_count(value, 1))),
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise DamagedNote(f"what was kept for the bucket cannot be read: {error}") from error
