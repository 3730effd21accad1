"""What people do with a team's bucket by hand: test it, fetch what locks and notes name, verify it, clean it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from storyboard.bucket.bucket_clips import ListedClip
from storyboard.bucket.fitness import Tried
from storyboard.bucket.identity import store_id
from storyboard.bucket.known_bucket import KnownBuckets
from storyboard.bucket.lock_list import clips_named
from storyboard.bucket.note import NoteState
from storyboard.bucket.note_survey import survey_notes
from storyboard.bucket.purse import Purse, attempt_name
from storyboard.bucket.purse_holds import entries_of, is_fresh_entry, notes_of, released
from storyboard.bucket.purse_settlement import tidied
from storyboard.bucket.shared_bucket import SharedBucket
from storyboard.errors import StoreError, UsageError
from storyboard.fast_dataclasses import dataclass
from storyboard.jobs.lockfile import read_lock
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.project.discovery import locks_below
from storyboard.project.project import Project
from storyboard.project.shared_clips import THREADS, ClipsFetched, fetch_clips
from storyboard.project.team_bucket import open_bucket, project_name
from storyboard.project.workspace import Run
from storyboard.store import LocalStore

RECENT = 24 * 3600.0
"""Seconds for which a new clip is kept although no lock list names it yet."""


def try_out(project: Project, store: LocalStore) -> list[Tried]:
    """Test everything that purchases depend on: the bucket's promises and identity, the ledger, the store's own claims.

    Raises BucketAway or LedgerAway where one cannot be reached, AccessError where it refuses.
    """
    tried: list[Tried] = []
    if project.settings.clips is not None or project.settings.ledger is None:
        tried += KnownBuckets(store.folder).tried(open_bucket(project))
    if project.settings.ledger is not None:
        from storyboard.project.ledger_upkeep import try_ledger

        tried += try_ledger(project, store)
    unproven = store.unproven()
    holds = Tried("claims", "ok", "claims of the store hold")
    tried.append(Tried("claims", "problem", unproven) if unproven else holds)
    if project.settings.project is None:
        way_out = f'write `project = "{project.root.name or "film"}"` into storyboard.toml'
        tried.append(Tried("project", "problem", "this project has no name", way_out))
    return tried


def pull_project(run: Run, project: Project, store: LocalStore) -> ClipsFetched:
    """Fetch the clips that the project's locks name, and those that notes have for its jobs."""
    bucket = open_bucket(project)
    named = {block.clip for path in locks_below(project.root) for block in read_lock(path).blocks.values()}
    wanted = {clip for clip in named if clip is not None}
    wanted |= _clips_of_notes(bucket, _keys(run))
    return fetch_clips(bucket, store, sorted(clip for clip in wanted if not store.clips.has(clip)))


def _keys(run: Run) -> Sequence[str]:
    """Return the keys of the project's jobs with the paying provider."""
    stories = run.plan().stories
    return sorted({step.key for story in stories if story.provider.pays for step in story.plan.steps if step.job})


def _clips_of_notes(bucket: SharedBucket, keys: Sequence[str]) -> set[str]:
    with ThreadPoolExecutor(THREADS) as pool:
        notes = [seen.note for seen in pool.map(bucket.notes.read, keys)]
    return {note.clip for note in notes if note is not None and note.state is NoteState.DONE and note.clip}


def verify_bucket(project: Project, store: LocalStore) -> Iterator[tuple[str, bool]]:
    """Download every clip of the bucket and compare its bytes with its name; keep none. Yield the hash of each, and
    whether it is intact."""
    bucket = open_bucket(project)
    for clip in bucket.clips.all():
        yield clip.sha256, bucket.clips.verify(clip.sha256, store.clips)


def tidy_purse(project: Project, store: LocalStore) -> Decimal:
    """Settle what has ended in a project's purse, and release what was reserved in vain; return the US dollars that no
    longer count as reserved. Raises BucketAway, AccessError."""
    bucket, name, own = open_bucket(project), project_name(project), store_id(store.folder)
    survey = survey_notes(bucket.objects)
    before = bucket.purses.read(name)
    left = before

    def change(purse: Purse) -> Purse:
        nonlocal left
        left = tidied(purse, name, survey.notes, own, lambda: _begun(store), all_known=not survey.damaged)
        return left

    bucket.purses.change(name, change)
    return before.open() - left.open()


def _begun(store: LocalStore) -> set[str]:
    """The attempts that this machine's ledger calls open."""
    open_states = (PurchaseState.INTENT, PurchaseState.SUBMITTED, PurchaseState.FINISHED)
    return {attempt_name(row.key, row.number) for row in store.ledger.in_states(*open_states)}


@dataclass(frozen=True, slots=True)
class ReleasedPrices:
    """What a machine had reserved under shared budgets: what was freed, in US dollars, and the keys of the jobs that it
    may have sent, whose prices still count; `open` are those of this machine itself that are open in its ledger."""

    machine: str
    freed: Decimal
    kept: tuple[str, ...]
    open: tuple[str, ...]


def release_prices(project: Project, store: LocalStore, machine: str) -> ReleasedPrices:
    """Free what a machine has reserved and never sent: a person says that it is off for good.

    Raises UsageError if it has nothing reserved; BucketAway, AccessError.
    """
    bucket, name = open_bucket(project), project_name(project)
    before, own, now = bucket.purses.read(name), store_id(store.folder), time.time()
    entries = [each for each in entries_of(before, machine) if each.store == own or not is_fresh_entry(each, now)]
    if not entries:
        raise UsageError(
            f"`{machine}` has nothing reserved under the budgets of {name}",
            help="storyboard status --all lists what is reserved, and by whom",
        )
    notes, left = notes_of(entries, bucket.notes), before

    def change(purse: Purse) -> Purse:
        nonlocal left
        begun = _begun(store)
        left = released(purse, [each for each in entries if each.store != own or each.attempt not in begun], notes)
        return left

    bucket.purses.change(name, change)
    kept = [each for each in entries if each.id in left.entries]
    return ReleasedPrices(
        machine,
        before.open() - left.open(),
        tuple(sorted({each.key for each in kept if each.store != own})),
        tuple(sorted({each.key for each in kept if each.store == own})),
    )


@dataclass(frozen=True, slots=True)
class BucketSurvey:
    """The clips of a bucket: those that a lock list names, those that none names, and recent ones, whose lock list may
    still be on its way."""

    address: str
    named: tuple[ListedClip, ...]
    unnamed: tuple[ListedClip, ...]
    recent: tuple[ListedClip, ...]


def survey_bucket(project: Project, now: float) -> BucketSurvey:
    """Find the clips that could be removed; `now` is in seconds since the epoch. Raises StoreError if there is no lock
    list: then nothing says which clips are needed."""
    bucket = open_bucket(project)
    clips = sorted(bucket.clips.all(), key=lambda clip: clip.sha256)
    lists = list(bucket.lock_lists.all())
    if not lists:
        raise StoreError(
            f"{bucket.address} has no lock list, so every clip may be needed",
            help="storyboard store push writes what this project's locks name",
        )
    needed = clips_named(lists)
    free = [clip for clip in clips if clip.sha256 not in needed]
    recent = [clip for clip in free if now - clip.modified < RECENT]
    return BucketSurvey(
        bucket.address,
        tuple(clip for clip in clips if clip.sha256 in needed),
        tuple(clip for clip in free if clip not in recent),
        tuple(recent),
    )


def sweep_bucket(project: Project, clips: Iterable[ListedClip]) -> int:
    """Remove those of these clips that still no lock list names; return how many."""
    bucket = open_bucket(project)
    needed = clips_named(bucket.lock_lists.all())
    going = [clip.sha256 for clip in clips if clip.sha256 not in needed]
    for sha256 in going:
        bucket.clips.remove(sha256)
    return len(going)
