"""Try out a team's ledger: whether its server can keep purchases, and whether it is open."""

from __future__ import annotations

from contextlib import closing

from storyboard.bucket.fitness import Tried
from storyboard.cluster.session import OLDEST_SERVER
from storyboard.errors import AccessError, UsageError
from storyboard.project.project import Project
from storyboard.project.team_ledger import open_worker_ledger
from storyboard.store import LocalStore


def try_ledger(project: Project, store: LocalStore) -> list[Tried]:
    """Try what purchases by the ledger rest on. Raises LedgerAway where it cannot be reached, PermissionNeeded where
    only the project's own file names it."""
    try:
        team = open_worker_ledger(project, store, None, first=False)
    except AccessError:
        raise
    except UsageError as unfit:
        return [Tried("ledger", "problem", unfit.message, unfit.help or "")]
    with closing(team):
        closed = team.postgres.closed
    found = [
        Tried(
            "ledger", "ok", f"PostgreSQL {OLDEST_SERVER // 10_000} or newer answers itself, and keeps what it confirms"
        )
    ]
    if closed is not None:
        way_out = "when every machine has told what it knows: storyboard resolve --rebuilt"
        found.append(Tried("open", "problem", f"the ledger is closed: {closed}", way_out))
    return found
