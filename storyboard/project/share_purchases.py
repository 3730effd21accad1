"""Share what this machine knows of a project's purchases with its team's bucket: clips, news for notes, lock lists.

Everything is put into the store's spool first, and sent from there: a bucket that is out of reach gets it later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256 as hash_of
from pathlib import Path
from threading import Event, Thread

from storyboard.bucket.known_bucket import KnownBuckets
from storyboard.bucket.lock_list import LockList
from storyboard.bucket.note_changes import WantedPurchase
from storyboard.bucket.note_news import NewsKind, NoteNews
from storyboard.bucket.object_store import BucketAway
from storyboard.bucket.shared_bucket import SharedBucket
from storyboard.bucket.spool import SEND_EVERY, Spool, SpoolSent
from storyboard.errors import AccessError, PermissionNeeded, StoryboardError, UsageError
from storyboard.fast_dataclasses import dataclass
from storyboard.jobs.key import external_id
from storyboard.jobs.lock import Block, Lock
from storyboard.jobs.lockfile import lock_path, read_lock
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.project.compile import CompiledStory
from storyboard.project.discovery import LOCK_SUFFIX, locks_below
from storyboard.project.plan import PlannedStory
from storyboard.project.project import Project
from storyboard.project.purchase_news import NEWS_OF_STATES, mark_of, news_of_rows, relabelled
from storyboard.project.shared_clips import author_of
from storyboard.project.team_bucket import open_bucket, project_name
from storyboard.store import Attempt, LocalStore


@dataclass(frozen=True, slots=True)
class Pushed:
    """What was put into the spool, and what became of it."""

    address: str
    clips: int
    notes: int
    locks: int
    sent: SpoolSent


def push_project(project: Project, store: LocalStore) -> Pushed:
    """Send what the ledger and the locks of a project know to its bucket.

    Raises UsageError if the project has no name or no bucket, StoreError if the store cannot be used.
    """
    name = project_name(project)
    bucket = open_bucket(project)
    spool = Spool(store.folder, bucket.address)
    salt = KnownBuckets(store.folder).identity(bucket).salt
    locks = {path: read_lock(path) for path in locks_below(project.root)}
    rows = [row for row in store.ledger.all() if row.whose.base_url and row.story.project in (name, str(project.root))]
    news = [*news_of_rows(rows, name, relabelled(store, salt)), *_news_of_locks(locks, rows, name, project.root)]
    named = {block.clip for lock in locks.values() for block in lock.blocks.values() if block.clip}
    clips = {clip for clip in named | {row.clip for row in rows} if clip and store.clips.has(clip)}
    for clip in sorted(clips):
        spool.add_clip(clip)
    for each in news:
        spool.add_news(each)
    for path, lock in locks.items():
        spool.add_lock_list(_lock_list(path, lock, name, project.root))
    sent = spool.send(bucket, store.clips, author_of(store))
    return Pushed(bucket.address, len(clips), len(news), len(locks), sent)


@contextmanager
def sharing(stories: Sequence[PlannedStory], tell: Callable[[SpoolSent], None]) -> Iterator[None]:
    """Share what the stories' builds buy while they run, every 30 seconds, and at their end.

    What an interrupted build bought is kept in the spool and sent by a later command. `tell` is called with what could
    not be sent at the end.
    """
    team = [story for story in stories if _can_share(story)]
    if not team:
        yield
        return
    ended = Event()
    sender = Thread(target=_share_now_and_then, args=(team, ended), daemon=True)
    sender.start()
    try:
        yield
    except BaseException:
        ended.set()  # do not wait for the sender: the user wants to stop
        for story in team:
            _spool_story(story)
        raise
    ended.set()
    sender.join()
    tell(share_stories(team))


def _can_share(story: PlannedStory) -> bool:
    """Whether a story's purchases go to a bucket. Where they cannot, nothing is bought, so nothing is left out."""
    project = story.compiled.project
    if not story.provider.pays or story.store.is_read_only or project.settings.project is None:
        return False
    try:
        return project.settings.clips is not None and bool(open_bucket(project))
    except (PermissionNeeded, UsageError):
        return False


def _share_now_and_then(stories: Sequence[PlannedStory], ended: Event) -> None:
    while not ended.wait(SEND_EVERY):
        with suppress(StoryboardError):  # it is tried again, and said at the end
            share_stories(stories)


def share_stories(stories: Sequence[PlannedStory]) -> SpoolSent:
    """Send what is known of the stories' purchases and was not sent before."""
    done = SpoolSent()
    for story in stories:
        bucket, store = open_bucket(story.compiled.project), story.store
        trouble = _spool_story(story, bucket)
        done.add(Spool(store.folder, bucket.address).send(bucket, store.clips, author_of(store)))
        done.trouble = done.trouble or trouble
    return done


def story_in_spool(compiled: CompiledStory) -> str:
    """Return the name under which the spool records what was sent about a story."""
    project = compiled.project
    return f"{project_name(project)}/{_story_name(lock_path(compiled.path, compiled.variant), project.root)}"


def _spool_story(story: PlannedStory, bucket: SharedBucket | None = None) -> str | None:
    """Put what is new about a story's purchases into the spool; return why news could not be written, None if they
    were."""
    compiled, store = story.compiled, story.store
    project, name = compiled.project, project_name(compiled.project)
    bucket = bucket or open_bucket(project)
    spool, path = Spool(store.folder, bucket.address), lock_path(compiled.path, compiled.variant)
    lock, listed = read_lock(path), story_in_spool(compiled)
    said = spool.said(listed)
    rows = [row for row in store.ledger.of_story(story.request.story) if row.whose.base_url]
    named = _lock_list(path, lock, name, project.root)
    clips = {clip for clip in {*named.clips, *(row.clip for row in rows)} if clip and store.clips.has(clip)}
    for clip in sorted(clips - said):
        spool.add_clip(clip)
    mark = f"lock {hash_of(' '.join(sorted(named.clips)).encode()).hexdigest()}"
    if named.clips and mark not in said:
        spool.add_lock_list(named)
    has_notes = project.settings.ledger is None  # where a ledger decides, nobody reads notes
    fresh = {mark_of(row): row for row in rows if has_notes and mark_of(row) not in said}
    trouble = None
    if fresh:
        try:
            salt = KnownBuckets(store.folder).identity(bucket).salt
            for each in news_of_rows(fresh.values(), name, relabelled(store, salt)):
                spool.add_news(each)
        except (BucketAway, AccessError) as away:
            trouble, fresh = away.message, {}
    marks = {*clips, mark, *fresh, *(mark_of(row) for row in rows if mark_of(row) in said)}
    if marks != said:
        spool.keep_said(listed, marks)
    return trouble


def _news_of_locks(locks: Mapping[Path, Lock], rows: Iterable[Attempt], project: str, root: Path) -> Iterator[NoteNews]:
    """Yield the news of what only a lock knows: purchases on another machine before there was a bucket."""
    known = {(row.key, row.number) for row in rows}
    for path, lock in locks.items():
        for block in lock.blocks.values():
            kind = NewsKind.OPEN if block.state is PurchaseState.INTENT else NEWS_OF_STATES.get(block.state)
            if not block.key or kind is None or (block.key, block.attempt) in known or not block.base_url:
                continue
            if block.task is None and kind is not NewsKind.OPEN:
                continue
            yield _news_of_block(block, kind, project, _story_name(path, root))


def _news_of_block(block: Block, kind: NewsKind, project: str, story: str) -> NoteNews:
    wanted = WantedPurchase(block.key, block.provider, block.base_url, block.dialect, "", None, project, story)
    number_id = external_id(block.key, block.take, block.attempt)
    return NoteNews(kind, wanted, block.attempt, number_id, block.task, block.clip, block.cost)


def _lock_list(path: Path, lock: Lock, project: str, root: Path) -> LockList:
    clips = frozenset(block.clip for block in lock.blocks.values() if block.clip)
    return LockList(project, _story_name(path, root), "", clips)


def _story_name(lock: Path, root: Path) -> str:
    """Return a lock's path in its project, without its suffix; with a variant, as in `film.winter`."""
    inside = lock.relative_to(root) if lock.is_relative_to(root) else lock
    return inside.as_posix().removesuffix(LOCK_SUFFIX).encode(errors="replace").decode()
