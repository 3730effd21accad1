"""Open jobs: their state in plain words, and what to do."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby

from storyboard.fast_dataclasses import dataclass
from storyboard.fast_named_tuples import NamedTuple
from storyboard.jobs.lock import Block
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.money import dollars, exact
from storyboard.plan.humanize import ago
from storyboard.report.record_document_types import (
    OpenJobDocument,
    SentElsewhereDocument,
    StatusDocument,
    WantedAccountDocument,
)
from storyboard.report.store import attempt_document
from storyboard.report.style import Line, Style, counted, line
from storyboard.report.tables import Column, table
from storyboard.report.team_status import TeamView, team_document, team_report
from storyboard.run.manual_resolution import KEY_SHOWN
from storyboard.store import Attempt

STYLES: dict[str, Style] = {"running": "running", "finished": "running", "unknown": "warning", "held": "warning"}
STATES = {
    PurchaseState.INTENT: "unknown",
    PurchaseState.SUBMITTED: "running",
    PurchaseState.FINISHED: "finished",
    PurchaseState.LOST: "lost",
    PurchaseState.FAILED: "failed",
}
REBUILT = (
    "the ledger was damaged and set aside. Nothing is bought until you have checked the locks and the gateway's "
    "bill for running jobs, and then run: storyboard resolve --rebuilt"
)
ELSEWHERE = (
    "sent by another machine, but never answered: every build looks it up again; "
    "to resolve it by hand, run storyboard status on that machine, then commit its lock"
)


@dataclass(frozen=True, slots=True)
class Open:
    """An open attempt. `busy` says that a build is working on it now. `build` is the command that continues it."""

    attempt: Attempt
    held: bool
    busy: bool
    path: str
    build: str

    @property
    def state(self) -> str:
        """Its state, in the words of a plan."""
        if self.held:
            return "held"
        return "billed-failure" if self.attempt.billed_failure else STATES[self.attempt.state]


@dataclass(frozen=True, slots=True)
class Sent:
    """A job that another machine has sent without an answer, by the lock at `path`."""

    block: Block
    path: str


@dataclass(frozen=True, slots=True)
class OpenView:
    """The open jobs, how many more there are in other stories, and whether the ledger replaced a damaged one; `now` is
    the time in seconds since the epoch. `sent` are jobs known only from locks; `waiting` counts what is yet to be sent
    to the bucket; `teams` is what buckets and ledgers know; `team_not_asked` says that there is a shared ledger that
    was not asked."""

    jobs: tuple[Open, ...]
    others: int
    rebuilt: bool
    now: float
    sent: tuple[Sent, ...] = ()
    waiting: int = 0
    teams: tuple[TeamView, ...] = ()
    team_not_asked: bool = False


class Way(NamedTuple):
    """A command, and what it does."""

    command: str
    does: str


def status_report(view: OpenView, width: int | None = None) -> list[Line]:
    """Return each story's open jobs, then what to do about each state; for a terminal of this width, if any."""
    lines = [line(("warning", "warning"), f": {REBUILT}"), ()] if view.rebuilt else []
    for path, jobs in groupby(sorted(view.jobs, key=lambda job: job.path), key=lambda job: job.path):
        lines += [line((path, "place")), *_rows(list(jobs), view.now, width), ()]
    for job in view.sent:
        lines += [*_sent(job), ()]
    lines += _ways_out(view.jobs)
    if view.jobs or not view.sent:
        lines.append(line(_total(view.jobs)))
    if view.others:
        lines.append(line(f"{counted(view.others, 'more job')} of other stories: storyboard status --all"))
    if view.team_not_asked:
        lines.append(line("this machine only; what waits for workers, and the whole team: storyboard status --all"))
    for team in view.teams:
        lines += [(), *team_report(team, view.now, width)]
    if view.waiting:
        lines.append(line(f"{counted(view.waiting, 'message')} for the bucket not sent yet: storyboard store push"))
    return lines


def status_document(view: OpenView) -> StatusDocument:
    """Return the document of `status --json`."""
    return {
        "jobs": [_document(job) for job in view.jobs],
        "others": view.others,
        "elsewhere": [_sent_document(job) for job in view.sent],
        "rebuilt": view.rebuilt,
        "waiting": view.waiting,
        "teams": [team_document(team) for team in view.teams],
        "diagnostics": [],
    }


def _sent(job: Sent) -> list[Line]:
    block = job.block
    price = f"  {dollars(block.cost)} reserved" if block.cost else ""
    head = line("  ", (block.key[:KEY_SHOWN], "bold"), ("  unknown  ", "warning"), ", ".join(block.shots), price)
    return [line((job.path, "place")), head, line((f"      {ELSEWHERE}", "warning"))]


def ways_of(job: Open, several: bool = False) -> list[Way]:
    """Return what the user can do about a job, the most likely first; for `several` similar jobs, without this one's
    names."""
    attempt = job.attempt
    key = "KEY" if several else attempt.key[:KEY_SHOWN]
    address = "ADDRESS" if several else shlex.quote(next(iter(attempt.addresses), key))
    return list(_ways(job, f"storyboard resolve {key}", address))


def _ways(job: Open, resolve: str, address: str) -> Iterator[Way]:
    match job.state:
        case "held":
            yield Way(f"{resolve} --same-account", "it is your account and only the key is new")
        case "running":
            yield Way(job.build, "downloads it, if the story still uses it")
            if job.attempt.said is not None:
                yield Way(f"{resolve} --accept FILE", "uses a clip that you downloaded yourself")
        case "finished":
            yield Way(job.build, "asks for its clip again")
            yield Way(f"{resolve} --accept FILE", "uses a clip that you downloaded yourself")
        case "unknown":
            yield Way(job.build, "looks it up again")
            yield Way(f"{resolve} --adopt TASK_ID", "if the gateway lists its task under this id")
            free = "only if it is not on the bill: its price is released, and a build may buy it again"
            yield Way(f"{resolve} --unbilled", free)
            yield Way(f"{resolve} --abandon", "gives it up: it still counts as spent, and a build may buy it again")
        case "lost":
            yield Way(job.build, "looks it up again")
            yield Way(f"{job.build} --rebuy {address}", "buys it again, for its full price")
        case _:
            yield from _after_failure(job, resolve, address)


def _after_failure(job: Open, resolve: str, address: str) -> Iterator[Way]:
    error = job.attempt.error
    if job.attempt.billed_failure:
        yield Way(f"{job.build} --retry {address}", "buys it again, for its full price; or change its text instead")
    elif error is not None and error.final:
        yield Way(f"{job.build} --retry {address}", "sends it again; or change its text instead")
    else:
        yield Way(job.build, "tries it again")
    if job.attempt.charged is None and job.attempt.costs:
        yield Way(f"{resolve} --unbilled", "if it is not on the bill: it no longer counts as spent")


def words_of(job: Open) -> str:
    """Return the state of a job, in plain words."""
    attempt, whose = job.attempt, job.attempt.whose
    if job.busy:
        return "a build is working on it"
    match job.state:
        case "held":
            what = "of unknown outcome" if attempt.state is PurchaseState.INTENT else STATES[attempt.state]
            return f"{what}; needs the key of account {whose.account} at {whose.base_url} ({whose.dialect})"
        case "finished":
            return "finished and charged; its clip has not been downloaded yet"
        case "billed-failure":
            return f"failed and charged: {attempt.error.message if attempt.error else 'no reason was given'}"
        case "running" if attempt.said is not None:
            return f"the gateway reports an unknown status: {attempt.said[:200]}"
        case "running":
            return "rendering at the gateway when last checked"
        case "unknown":
            return "the gateway never answered; it may be rendering and billed, so it is not sent again"
        case "lost":
            return "the gateway no longer has its task or file"
        case _:
            return attempt.error.message if attempt.error else "failed"


def _rows(jobs: Sequence[Open], now: float, width: int | None) -> Iterator[Line]:
    columns = [Column("", "bold"), Column(""), Column("", most=34), Column("", "dim"), Column("", right=True)]
    cells = [
        (
            job.attempt.key[:KEY_SHOWN],
            job.state,
            ", ".join(job.attempt.addresses),
            _since(job.attempt, now),
            _price(job.attempt),
        )
        for job in jobs
    ]
    for job, row in zip(jobs, table(columns, cells, room=width), strict=True):
        task = f"   task {job.attempt.task}" if job.attempt.task else ""
        yield row
        yield line(("      " + words_of(job), STYLES.get(job.state, "error")), (task, "dim"))


def _since(attempt: Attempt, now: float) -> str:
    return ago(now - _moment(attempt)) if _moment(attempt) else ""


def _moment(attempt: Attempt) -> float:
    return attempt.ended_at or attempt.submitted_at or attempt.opened_at


def _price(attempt: Attempt) -> str:
    if attempt.charged is not None:
        return f"{dollars(attempt.charged)} charged"
    return f"{dollars(attempt.reserved)} reserved" if attempt.reserved else ""


def _ways_out(jobs: Sequence[Open]) -> list[Line]:
    """Return what to do, once for each state."""
    lines: list[Line] = []
    for state in dict.fromkeys(job.state for job in jobs):
        alike = [job for job in jobs if job.state == state]
        ways = dict.fromkeys(way for job in alike for way in ways_of(job, len(alike) > 1))
        lines += [line((f"{state}:", STYLES.get(state, "error"))), *table([Column(""), Column("", "dim")], ways), ()]
    return lines


def _total(jobs: Sequence[Open]) -> str:
    if not jobs:
        return "no open jobs"
    counts = [f"{len([job for job in jobs if job.state == state])} {state}" for state in _states(jobs)]
    reserved = sum((job.attempt.reserved or Decimal(0) for job in jobs if job.attempt.charged is None), Decimal(0))
    return ", ".join(counts) + (f"      {dollars(reserved)} reserved" if reserved else "")


def _states(jobs: Sequence[Open]) -> list[str]:
    return list(dict.fromkeys(job.state for job in jobs))


def _document(job: Open) -> OpenJobDocument:
    attempt = job.attempt
    whose = attempt.whose
    wanted: WantedAccountDocument = {"account": whose.account, "base_url": whose.base_url, "dialect": whose.dialect}
    return {
        **attempt_document(attempt),
        "path": job.path,
        "state": job.state,
        "reason": words_of(job),
        "busy": job.busy,
        "since": datetime.fromtimestamp(_moment(attempt), UTC).isoformat(timespec="seconds"),
        "costs": exact(attempt.costs),
        "wants": wanted if job.held else None,
        "ways_out": [{"command": way.command, "does": way.does} for way in ways_of(job)],
    }


def _sent_document(job: Sent) -> SentElsewhereDocument:
    block = job.block
    return {
        "path": job.path,
        "key": block.key,
        "state": "unknown",
        "reason": ELSEWHERE,
        "shots": list(block.shots),
        "costs": exact(block.cost),
    }
