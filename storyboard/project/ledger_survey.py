"""What a team's ledger on PostgreSQL knows of all purchases: for `status --all` and `costs --team`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from storyboard.cluster.holders import HolderStatus, list_holders
from storyboard.cluster.ledger import PostgresLedger
from storyboard.cluster.session import Cursor
from storyboard.cluster.survey import (
    OpenAttempt,
    count_purchases,
    open_attempts,
    project_sums,
    purchase_sums,
    waiting_jobs,
)
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.report.team_costs import TeamPurchases, TeamSpending
from storyboard.report.team_status import (
    HolderState,
    TeamBudget,
    TeamHolder,
    TeamJob,
    TeamJobState,
    TeamPerson,
    TeamView,
)


def ledger_view(ledger: PostgresLedger, address: str) -> TeamView:
    """Return who uses a ledger, what runs and waits, and what was spent, all as of one moment. Raises LedgerAway."""
    closed = ledger.closed
    machines = ledger.machines() if closed is not None else ()

    def look(cursor: Cursor) -> TeamView:
        attempts = open_attempts(cursor)
        others = [each for each in list_holders(cursor) if each.id != ledger.session.holder.id]
        return TeamView(
            "ledger",
            address,
            people=_people(attempts, waiting_jobs(cursor)),
            holders=tuple(map(_holder, others)),
            jobs=tuple(sorted(map(_job, attempts), key=lambda job: (job.state, job.since))),
            budgets=tuple(
                TeamBudget(project, charged, reserved)
                for project, (charged, reserved) in sorted(project_sums(cursor).items())
            ),
            purchases=count_purchases(cursor),
            closed=closed,
            told=tuple(machine.name for machine in machines if machine.told_at is not None),
            not_told=tuple(machine.name for machine in machines if machine.told_at is None),
        )

    return ledger.session.transaction(look)


def ledger_spending(ledger: PostgresLedger, address: str) -> TeamSpending:
    """Return what everybody has spent, as recorded in a ledger. Raises LedgerAway."""
    sums = ledger.session.transaction(purchase_sums)
    return TeamSpending(
        "ledger",
        address,
        tuple(
            TeamPurchases(
                *(each.person, each.project, _story(each.path, each.variant), each.month),
                tasks=each.tasks,
                charged=each.charged,
                reserved=each.reserved,
            )
            for each in sums
        ),
    )


def _story(path: str, variant: str) -> str:
    return f"{path} as {variant}" if variant else path


def _state(attempt: OpenAttempt) -> TeamJobState:
    match attempt.state:
        case PurchaseState.LOST:
            return "lost"
        case PurchaseState.INTENT if not attempt.is_sending:
            return "unknown"
        case _:
            return "running"


def _job(attempt: OpenAttempt) -> TeamJob:
    return TeamJob(
        attempt.key,
        _state(attempt),
        attempt.project,
        _story(attempt.path, attempt.variant),
        by=attempt.worker or next(iter(attempt.may), attempt.person),
        since=attempt.since,
        task=attempt.task,
        reserved=attempt.reserved,
        may_send=attempt.may,
    )


def _people(attempts: Sequence[OpenAttempt], waiting: Mapping[str, int]) -> tuple[TeamPerson, ...]:
    counts = Counter((each.person, _state(each)) for each in attempts)
    names = {each.person for each in attempts} | set(waiting)
    return tuple(
        TeamPerson(
            name,
            counts[name, "running"],
            counts[name, "unknown"],
            counts[name, "lost"],
            waiting.get(name, 0),
        )
        for name in sorted(names)
    )


def _holder(holder: HolderStatus) -> TeamHolder:
    return TeamHolder(
        holder.name, holder.person, holder.client, holder.spoke_at.timestamp(), _holder_state(holder), holder.may_send
    )


def _holder_state(holder: HolderStatus) -> HolderState:
    if holder.dead_by is not None:
        return "dead"
    if holder.connected:
        return "connected"
    return "cut off" if holder.ended_at is None else "ended"
