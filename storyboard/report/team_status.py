"""What a team's bucket or ledger knows: who is there, what runs, and what was spent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

from storyboard.errors import StoryboardError
from storyboard.fast_dataclasses import dataclass
from storyboard.money import dollars, exact
from storyboard.plan.humanize import ago
from storyboard.report.record_document_types import (
    TeamBudgetDocument,
    TeamDocument,
    TeamHolderDocument,
    TeamJobDocument,
    TeamPersonDocument,
)
from storyboard.report.style import Line, Style, counted, line
from storyboard.report.tables import Column, table
from storyboard.run.manual_resolution import KEY_SHOWN

if TYPE_CHECKING:  # only a project with a bucket imports it
    from storyboard.bucket.purse_holds import HeldPrice

Record: TypeAlias = Literal["bucket", "ledger"]
TeamJobState: TypeAlias = Literal["running", "unknown", "lost"]
HolderState: TypeAlias = Literal["connected", "cut off", "dead", "ended", "not known"]
STATE_STYLES: dict[str, Style] = {
    "running": "running",
    "unknown": "warning",
    "lost": "error",
    "connected": "ok",
    "cut off": "warning",
    "dead": "dim",
}


@dataclass(frozen=True, slots=True)
class TeamJob:
    """A job that is running, lost or of unknown outcome. `by` is who wrote that, at `since` in seconds since the epoch;
    `may_send` names everybody who may still send it."""

    key: str
    state: TeamJobState
    project: str
    story: str
    by: str
    since: float
    task: str | None = None
    reserved: Decimal | None = None
    may_send: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamHolder:
    """A process at a ledger, or a store that writes to a bucket; nobody knows whether it is still alive."""

    name: str
    person: str
    version: str
    spoke_at: float
    state: HolderState
    may_send: int = 0


@dataclass(frozen=True, slots=True)
class TeamPerson:
    """A person, and how many of their jobs are open. `waiting` are queued jobs that nobody works on."""

    name: str
    running: int = 0
    unknown: int = 0
    lost: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class TeamBudget:
    """What counts against the shared budgets of a project: what is spent and what is reserved, in US dollars.

    `holds` are the part of it that is reserved for jobs which nobody goes on with.
    """

    project: str
    spent: Decimal
    reserved: Decimal
    holds: tuple[HeldPrice, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamView:
    """What a bucket or a ledger knows. With `trouble` it could not be asked. `closed` is why nothing is bought by a
    ledger; `told` are the machines that have said since what they know, `not_told` those that may know more.
    `purchases` counts all jobs ever bought."""

    record: Record
    address: str
    people: tuple[TeamPerson, ...] = ()
    holders: tuple[TeamHolder, ...] = ()
    jobs: tuple[TeamJob, ...] = ()
    budgets: tuple[TeamBudget, ...] = ()
    purchases: int = 0
    damaged: tuple[str, ...] = ()
    closed: str | None = None
    told: tuple[str, ...] = ()
    not_told: tuple[str, ...] = ()
    trouble: StoryboardError | None = None


def team_report(team: TeamView, now: float, width: int | None = None) -> list[Line]:
    """Return what the team's record knows, for a terminal of this width, if any."""
    head = line((f"{team.record} {team.address}", "bold"))
    if team.trouble is not None:
        lines = [head, line("  ", ("not reached", "error"), f": {team.trouble.message}")]
        return [*lines, *([line(("  help", "bold"), f": {team.trouble.help}")] if team.trouble.help else [])]
    counts = f"   {counted(team.purchases, 'purchase')}, {_open_jobs(team.jobs)}"
    lines = [(*head, *line((counts, "dim")))]
    if team.closed is not None:
        lines += _closed(team)
    lines += _section("people", _people(team), width)
    lines += _section("machines" if team.record == "bucket" else "processes", _holders(team, now), width)
    lines += _jobs(team, now, width)
    lines += _section("budgets", _budgets(team), width)
    for held in (held for budget in team.budgets for held in budget.holds):
        lines.append(line("    ", (held.in_words(ago(now - held.since)), STATE_STYLES["unknown"])))
    lines += [line("  ", ("damaged", "error"), f": {words}") for words in team.damaged]
    return lines


Section: TypeAlias = tuple[Sequence[Column], Sequence[Sequence[str]]]


def _section(title: str, section: Section, width: int | None) -> list[Line]:
    columns, rows = section
    return [line(("  " + title, "place")), *table(columns, rows, indent="    ", room=width)] if rows else []


def _closed(team: TeamView) -> Iterator[Line]:
    yield line("  ", ("closed", "error"), f": nothing is bought, because {team.closed}")
    told = ", ".join(team.told) if team.told else "nobody yet"
    yield line(f"    machines that have reported what they know: {told}")
    if team.not_told:
        yield line(f"    machines that have not: {', '.join(team.not_told)}; run storyboard status --all there")
    else:
        yield line("    if these are all machines that could still send: storyboard resolve --rebuilt")


def _people(team: TeamView) -> Section:
    columns = [Column("", "bold", most=30), *(Column("", right=True) for _ in range(4))]
    rows = [
        (each.name, *(f"{count} {word}" if count else "" for word, count in _counts(each)))
        for each in team.people
        if any(count for _, count in _counts(each))
    ]
    return columns, rows


def _counts(person: TeamPerson) -> tuple[tuple[str, int], ...]:
    return (
        ("running", person.running),
        ("unknown", person.unknown),
        ("lost", person.lost),
        ("waiting", person.waiting),
    )


def _holders(team: TeamView, now: float) -> Section:
    columns = [
        Column("", "bold", most=30),
        Column("", most=20),
        Column(""),
        Column("", "dim"),
        Column("", "dim"),
        Column(""),
    ]
    spoke = "wrote" if team.record == "bucket" else "spoke"
    rows = [
        (
            each.name,
            each.person,
            "" if each.state == "not known" else each.state,
            f"{spoke} {ago(now - each.spoke_at)}",
            f"storyboard {each.version}" if each.version else "",
            f"may still send {counted(each.may_send, 'job')}" if each.may_send else "",
        )
        for each in team.holders
    ]
    return columns, rows


def way_out_of(team: TeamView) -> str:
    """Return the command with which a person says that a machine is off for good."""
    return "storyboard resolve KEY --take-over" if team.record == "bucket" else "storyboard worker bury NAME"


def _jobs(team: TeamView, now: float, width: int | None) -> Iterator[Line]:
    jobs = team.jobs
    if not jobs:
        return
    yield line(("  jobs", "place"))
    columns = [
        Column("", "bold"),
        Column(""),
        Column("", most=40),
        Column("", most=30),
        Column("", "dim"),
        Column("", right=True),
    ]
    rows = [
        (
            job.key[:KEY_SHOWN],
            job.state,
            f"{job.project} {job.story}",
            job.by,
            ago(now - job.since),
            f"{dollars(job.reserved)} reserved" if job.reserved is not None else "",
        )
        for job in jobs
    ]
    for job, row in zip(jobs, table(columns, rows, indent="    ", room=width), strict=True):
        yield row
        if job.state == "unknown" and job.may_send:
            yield line((f"        may still be sent by {', '.join(job.may_send)}", STATE_STYLES["unknown"]))
    if any(job.state == "unknown" for job in jobs):
        yield line((f"    if such a machine is off for good: {way_out_of(team)}", "dim"))


def _budgets(team: TeamView) -> Section:
    columns = [Column("", "bold", most=40), Column("", right=True), Column("", right=True)]
    rows = [
        (each.project, f"{dollars(each.spent)} spent", f"{dollars(each.reserved)} reserved" if each.reserved else "")
        for each in team.budgets
    ]
    return columns, rows


def _open_jobs(jobs: Sequence[TeamJob]) -> str:
    states = [state for state in ("running", "unknown", "lost") if any(job.state == state for job in jobs)]
    return ", ".join(f"{sum(job.state == state for job in jobs)} {state}" for state in states) or "none open"


def team_document(team: TeamView) -> TeamDocument:
    """Return a team for the document of `status --all --json`."""
    return {
        "record": team.record,
        "address": team.address,
        "trouble": None if team.trouble is None else team.trouble.message,
        "closed": team.closed,
        "told": list(team.told),
        "not_told": list(team.not_told),
        "purchases": team.purchases,
        "people": [_person_document(each) for each in team.people],
        "holders": [_holder_document(each) for each in team.holders],
        "jobs": [_job_document(each) for each in team.jobs],
        "budgets": [_budget_document(each) for each in team.budgets],
        "damaged": list(team.damaged),
    }


def _person_document(person: TeamPerson) -> TeamPersonDocument:
    return {
        "name": person.name,
        "running": person.running,
        "unknown": person.unknown,
        "lost": person.lost,
        "waiting": person.waiting,
    }


def _holder_document(holder: TeamHolder) -> TeamHolderDocument:
    return {
        "name": holder.name,
        "person": holder.person,
        "version": holder.version,
        "spoke_at": _time(holder.spoke_at),
        "state": holder.state,
        "may_send": holder.may_send,
    }


def _job_document(job: TeamJob) -> TeamJobDocument:
    return {
        "key": job.key,
        "state": job.state,
        "project": job.project,
        "story": job.story,
        "by": job.by,
        "since": _time(job.since),
        "task": job.task,
        "reserved": exact(job.reserved),
        "may_send": list(job.may_send),
    }


def _budget_document(budget: TeamBudget) -> TeamBudgetDocument:
    return {
        "project": budget.project,
        "spent": exact(budget.spent),
        "reserved": exact(budget.reserved),
        "holds": [
            {
                "by": held.by,
                "since": _time(held.since),
                "amount": exact(held.amount),
                "keys": list(held.keys),
                "sent": held.sent,
                "help": held.way_out,
            }
            for held in budget.holds
        ],
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
