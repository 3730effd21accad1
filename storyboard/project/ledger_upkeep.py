"""What people do with a team's ledger by hand: test it, set an account's limits, bury a worker."""

from __future__ import annotations

from contextlib import closing

from storyboard.bucket.fitness import Tried
from storyboard.cluster.ledger import AccountLimits
from storyboard.cluster.session import OLDEST_SERVER
from storyboard.errors import AccessError, UsageError
from storyboard.project.open_jobs import buyer
from storyboard.project.project import Project
from storyboard.project.team_ledger import open_worker_ledger
from storyboard.project.workspace import Run
from storyboard.store import LocalStore, Whose


def try_ledger(project: Project, store: LocalStore) -> list[Tried]:
    """Test what purchases by the ledger depend on. Raises LedgerAway if it cannot be reached, PermissionNeeded if only
    the project's own file names it."""
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
            "ledger",
            "ok",
            f"PostgreSQL {OLDEST_SERVER // 10_000} or newer is reached directly, and keeps what it confirms",
        )
    ]
    if closed is not None:
        way_out = "when every machine has reported what it knows: storyboard resolve --rebuilt"
        found.append(Tried("open", "problem", f"the ledger is closed: {closed}", way_out))
    return found


def account_limits(run: Run, tasks: int | None, every: float | None) -> tuple[Whose, AccountLimits]:
    """Set the limits that are given, and return the account of the current key with all its limits, which all machines
    of the team share. At most `tasks` run at once, and at least `every` seconds lie between two submissions; 0 removes
    the limit.

    Raises AccessError without a key, UsageError without a ledger, LedgerAway if it cannot be reached.
    """
    project = run.project_of(run.base)
    store = run.store_of(project)
    whose = buyer(project, store)[1]
    if not whose.account:
        raise AccessError("No API key. Set STORYBOARD_API_KEY to the key of the account")
    with closing(open_worker_ledger(project, store, None, first=False)) as team:
        there = team.whose_there(whose)
        kept = team.postgres.limits(there)
        if tasks is not None or every is not None:
            slots = kept.slots if tasks is None else tasks or None
            team.postgres.set_limits(there, slots, kept.seconds_between if every is None else every)
            kept = team.postgres.limits(there)
    return there, kept


def bury(run: Run, name: str) -> int:
    """Record that all processes of this name are off for good, so that others send their jobs; return how many there
    were.

    Raises UsageError without a ledger or without such a process, LedgerAway if the ledger cannot be reached.
    """
    project = run.project_of(run.base)
    with closing(open_worker_ledger(project, run.store_of(project), None, first=False)) as team:
        return team.postgres.bury_named(name, "a person said that it is off for good")
