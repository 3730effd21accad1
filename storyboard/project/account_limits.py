"""The limits of an account that all machines of a team keep together, in the transaction that lets one send."""

from __future__ import annotations

from contextlib import closing

from storyboard.cluster.ledger import AccountLimits
from storyboard.errors import AccessError
from storyboard.project.open_jobs import buyer
from storyboard.project.team_ledger import open_worker_ledger
from storyboard.project.workspace import Run
from storyboard.store import Whose


def account_limits(run: Run, tasks: int | None, every: float | None) -> tuple[Whose, AccountLimits]:
    """Set the limits that are given (`tasks` 0: any number) for the account of the key at hand; return all of them.

    Raises AccessError without a key, UsageError without a ledger, LedgerAway where it cannot be reached.
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
