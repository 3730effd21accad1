"""A project's bucket and its name in a team, and what must be true before anything is bought with them."""

from __future__ import annotations

from storyboard.bucket.known_bucket import KnownBuckets
from storyboard.bucket.shared_bucket import SharedBucket
from storyboard.errors import UsageError
from storyboard.jobs.lock import TeamRecord
from storyboard.project.project import Project
from storyboard.project.trust import bucket_address
from storyboard.store import LocalStore


def open_bucket(project: Project) -> SharedBucket:
    """Return a project's bucket; raises UsageError if it has none, PermissionNeeded if only the project's own file
    names it."""
    address = bucket_address(project)
    if address is None:
        raise UsageError(
            "this project has no bucket",
            help="set `clips` or STORYBOARD_CLIPS, such as STORYBOARD_CLIPS=s3://films/team",
        )
    return SharedBucket(address)


def project_name(project: Project) -> str:
    """Return the name that a project has on every machine; raises UsageError if it has none."""
    if project.settings.project is None:
        raise UsageError(
            "this project shares its purchases and has no name, so other machines would not know them",
            help=f'write `project = "{project.root.name or "film"}"` into its storyboard.toml',
        )
    return project.settings.project


def check_bucket(project: Project, store: LocalStore, ledger: str | None = None) -> None:
    """Check before something is bought: raise UsageError, AccessError or StoreError if the bucket cannot be relied on
    now.

    `ledger` is the id of the ledger that decides on purchases, None if the bucket's notes do.
    """
    project_name(project)
    KnownBuckets(store.folder).check(open_bucket(project), ledger)


def check_worker_bucket(project: Project, store: LocalStore, ledger: str) -> None:
    """Check as `check_bucket` does before a worker begins; a worker has no project."""
    KnownBuckets(store.folder).check(open_bucket(project), ledger)


def team_record(project: Project, store: LocalStore, ledger: str = "") -> TeamRecord:
    """Return what locks say about where a project's purchases are recorded: its bucket, and the ledger with that id, if
    one decides. Raises what `open_bucket` raises, and BucketAway if this store has never seen the bucket."""
    return TeamRecord(KnownBuckets(store.folder).identity(open_bucket(project)).id, ledger)
