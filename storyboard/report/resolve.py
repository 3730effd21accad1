"""The result of `resolve`, in one line, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from storyboard.jobs.purchase_state import PurchaseState
from storyboard.money import dollars
from storyboard.report.record_document_types import ResolvedDocument, TakenOverDocument
from storyboard.report.store import attempt_document
from storyboard.report.style import Line, counted, line
from storyboard.run.manual_resolution import KEY_SHOWN
from storyboard.store import Attempt

TRUSTED = "the ledger is trusted again: builds may buy"
WHOLE = "the ledger was not rebuilt: builds may buy already"


def adopted(now: Attempt, build: str) -> list[Line]:
    """Return what `resolve --adopt` reports."""
    return _said(now, f"its task is {now.task}", f"fetches it: {build}")


def accepted(now: Attempt, build: str) -> list[Line]:
    """Return what `resolve --accept` reports."""
    return _said(now, "its clip is in the store", f"uses it: {build}")


def corrected(before: Attempt, now: Attempt) -> list[Line]:
    """Return what `costs --correct` reports."""
    return _said(now, f"{dollars(now.costs)} charged, where {dollars(before.costs)} was counted", None)


def abandoned(now: Attempt, build: str) -> list[Line]:
    """Return what `resolve --abandon` reports."""
    counts = f", and its {dollars(now.costs)} counts as spent" if now.costs else ""
    way = f"storyboard resolve {now.key[:KEY_SHOWN]} --unbilled"
    follows = [line("  if it is not on the bill: ", (way, "bold"))] if now.costs else []
    return [*_said(now, f"given up{counts}", f"would buy it again: {build}"), *follows]


def unbilled(before: Attempt, now: Attempt, build: str) -> list[Line]:
    """Return what `resolve --unbilled` reports."""
    free = f", {dollars(before.costs)} is free again" if before.costs else ""
    if now.state is PurchaseState.FAILED:
        return _said(now, f"not billed{free}; it stays failed", None)
    return _said(now, f"not billed{free}", f"would buy it again: {build}")


def taken_over(rows: list[tuple[Attempt, str]], held: int) -> list[Line]:
    """Return what `resolve --same-account` reports: the rows that now belong to the new key, with the commands that
    continue them, and how many are still held."""
    lines = [part for row, _ in rows for part in _said(row, "found with this key and moved to its account", None)]
    if held:
        what = f"{counted(held, 'job is', 'jobs are')} still held: this key does not find "
        lines.append(line(("held", "warning"), f": {what}{'it' if held == 1 else 'them'}. Look: storyboard status"))
    elif not rows:
        lines.append(line("no job is held for another account"))
    return [*lines, *(line("  the same build goes on: ", (build, "bold")) for build in _builds(rows))]


_NOBODY_KNOWS = "1970-01-01"
"""The day that stands for an unknown time."""


def take_over_question(job: str, who: Sequence[tuple[str, str]]) -> str:
    """Return the question that `resolve --take-over` asks. `who` are names of machines, each with when it said that it
    would send the job."""
    listed = ", ".join(name if at.startswith(_NOBODY_KNOWS) else f"{name} (since {at})" for name, at in who)
    are = "is this machine" if len(who) == 1 else "are these machines"
    return f"{job} may still be sent by {listed}; if it is, it may be bought twice. {are.capitalize()} off for good?"


def reopen_question(why: str, machines: Sequence[tuple[str, datetime, datetime | None]]) -> str:
    """Return the question that `resolve --rebuilt` asks before it reopens a shared ledger. `machines` are their names,
    each with when it last spoke, and when it reported what it knows (None: it has not)."""
    told = ", ".join(name for name, _, when in machines if when is not None) or "none"
    silent = ", ".join(f"{name} (last seen {at:%Y-%m-%d %H:%M} UTC)" for name, at, when in machines if when is None)
    waits = f" Not yet: {silent}." if silent else ""
    return (
        f"the ledger is closed: {why}. Machines that have reported what they know: {told}.{waits} What no machine has "
        "reported could be bought again. Has every machine that may have bought something reported?"
    )


def team_took_over(job: str, who: Sequence[tuple[str, str]]) -> list[Line]:
    """Return what `resolve --take-over` reports."""
    listed = ", ".join(name for name, _ in who)
    head = line(("✓ ", "ok"), (job, "bold"), f": taken over from {listed}")
    return [
        head,
        line("  the next build looks it up, and sends it again under the same id where the look-up can be trusted"),
    ]


def take_over_document(job: str, key: str, who: Sequence[tuple[str, str]]) -> TakenOverDocument:
    """Return the document of `resolve --take-over --json`."""
    return {"done": "take-over", "job": job, "key": key, "from": [{"name": name, "since": at} for name, at in who]}


def settled_document(what: str, rows: list[Attempt], held: int = 0) -> ResolvedDocument:
    """Return the document of `resolve --json`."""
    return {"done": what, "jobs": [attempt_document(row) for row in rows], "held": held, "diagnostics": []}


def _builds(rows: list[tuple[Attempt, str]]) -> list[str]:
    return list(dict.fromkeys(build for _, build in rows))


def _said(attempt: Attempt, what: str, follows: str | None) -> list[Line]:
    names = ", ".join(attempt.addresses)
    head = line(("✓ ", "ok"), (names, "bold"), f" ({attempt.key[:KEY_SHOWN]}): {what}")
    return [head] if follows is None else [head, line(f"  the same build {follows}")]
