"""What this machine's ledger knows of purchases, as news for the notes of a team."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

from storyboard.bucket.note_changes import WantedPurchase
from storyboard.bucket.note_news import NewsKind, NoteNews
from storyboard.jobs.key import external_id
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.run.credentials import account_of, find_key
from storyboard.store import Attempt, LocalStore, Whose

Relabelled = Callable[[Whose], str]
"""A function from the account of a purchase to its fingerprint with the bucket's salt."""

NEWS_OF_STATES: Mapping[PurchaseState, NewsKind] = {
    PurchaseState.SUBMITTED: NewsKind.HEARD,
    PurchaseState.FINISHED: NewsKind.HEARD,
    PurchaseState.DONE: NewsKind.FINISHED,
    PurchaseState.FAILED: NewsKind.FAILED,
    PurchaseState.LOST: NewsKind.LOST,
    PurchaseState.TWICE: NewsKind.HEARD,
}


def news_of_rows(rows: Iterable[Attempt], project: str, account_in: Relabelled) -> Iterator[NoteNews]:
    """Yield the news of rows that have a task, attempt by attempt."""
    for row in sorted(rows, key=lambda row: (row.key, row.number)):
        kind = NEWS_OF_STATES.get(row.state)
        if kind is None or row.task is None:
            continue
        if kind is NewsKind.FAILED and row.error is not None and row.error.final:
            kind = NewsKind.REFUSED
        story = f"{row.story.path} as {row.story.variant}" if row.story.variant else row.story.path
        whose = row.whose
        wanted = WantedPurchase(
            row.key, whose.provider, whose.base_url, whose.dialect, account_in(whose), row.reserved, project, story
        )
        error = None if row.error is None else row.error.message[:200]
        number_id = external_id(row.key, row.take, row.number)
        yield NoteNews(kind, wanted, row.number, number_id, row.task, row.clip, row.charged, error)


def mark_of(row: Attempt) -> str:
    """Return what stands for a row's news in the record of what was sent."""
    return f"{row.external_id} {row.state} {row.task}"


def relabelled(store: LocalStore, salt: bytes) -> Relabelled:
    """Return a function that gives the bucket's fingerprint of the current key for what that key bought; any other
    account stays as it is."""

    @cache
    def relabel(whose: Whose) -> str:
        key = find_key(whose.base_url) if whose.account else ""
        if key and account_of(key, store.ledger.salt()) == whose.account:
            return account_of(key, salt)
        return whose.account

    return relabel
