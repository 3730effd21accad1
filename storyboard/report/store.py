"""The contents of a store, and whether clips are intact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from storyboard.jobs.purchase_state import PurchaseState
from storyboard.money import dollars, exact
from storyboard.report.record_document_types import (
    AttemptDocument,
    ReleasedPricesDocument,
    StoreDocument,
    VerifiedClipsDocument,
)
from storyboard.report.style import Line, Style, counted, line
from storyboard.report.tables import Column, table
from storyboard.run.manual_resolution import KEY_SHOWN
from storyboard.store import Attempt

STYLES: dict[PurchaseState, Style] = {
    PurchaseState.DONE: "ok",
    PurchaseState.FAILED: "error",
    PurchaseState.LOST: "error",
    PurchaseState.INTENT: "warning",
}


def store_table(attempts: Sequence[Attempt], folder: Path) -> list[Line]:
    """Return every attempt in a line, in the order in which they were started."""
    columns = [
        Column("key", "bold"),
        Column("state"),
        Column("provider"),
        Column("seconds", right=True),
        Column("cost", right=True),
        Column("begun", "dim"),
        Column("shots", most=40),
        Column("story", "place"),
    ]
    rows = [_row(attempt) for attempt in attempts]
    clips = {attempt.clip for attempt in attempts if attempt.clip}
    where = line(f"{counted(len(attempts), 'job')}, {counted(len(clips), 'clip')} in ", (str(folder), "place"))
    return [*table(columns, rows), (), where] if rows else [where]


def _row(attempt: Attempt) -> tuple[str, ...]:
    return (
        attempt.key[:KEY_SHOWN],
        str(attempt.state),
        attempt.whose.provider,
        f"{attempt.seconds} s",
        dollars(attempt.costs) if attempt.costs else "",
        _day(attempt.opened_at),
        ", ".join(attempt.addresses),
        attempt.story.path + (f" ({attempt.story.variant})" if attempt.story.variant else ""),
    )


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")


def store_document(attempts: Sequence[Attempt], folder: Path) -> StoreDocument:
    """Return the document of `store ls --json`."""
    return {"store": str(folder), "jobs": [attempt_document(attempt) for attempt in attempts]}


def attempt_document(attempt: Attempt) -> AttemptDocument:
    """Return one attempt, for scripts."""
    return {
        "key": attempt.key,
        "attempt": attempt.number,
        "state": str(attempt.state),
        "provider": attempt.whose.provider,
        "base_url": attempt.whose.base_url or None,
        "dialect": attempt.whose.dialect or None,
        "account": attempt.whose.account or None,
        "project": attempt.story.project,
        "story": attempt.story.path,
        "variant": attempt.story.variant or None,
        "shots": list(attempt.addresses),
        "seconds": attempt.seconds,
        "model": attempt.model,
        "task": attempt.task,
        "external_id": attempt.external_id,
        "clip": attempt.clip,
        "reserved": exact(attempt.reserved),
        "charged": exact(attempt.charged),
        "error": {"code": attempt.error.code, "message": attempt.error.message} if attempt.error else None,
    }


def verified(
    clips: Iterable[tuple[str, bool]], freed: Decimal | None = None
) -> tuple[list[Line], VerifiedClipsDocument]:
    """Return whether every clip is intact: for people, and for scripts.

    `freed` is what no longer counts as reserved under the shared budgets, in US dollars; None without a bucket.
    """
    found = list(clips)
    damaged = [sha256 for sha256, whole in found if not whole]
    lines = [line(("damaged", "error"), f": {sha256}, set aside") for sha256 in damaged]
    said = "none damaged" if not damaged else f"{len(damaged)} damaged: the next build fetches them again"
    lines.append(line(f"{counted(len(found), 'clip')}: {said}" if found else "there are no clips yet"))
    document: VerifiedClipsDocument = {"clips": len(found), "damaged": damaged}
    if freed is not None:
        document["freed"] = exact(freed) or "0"
    if freed:
        lines.append(line(f"{dollars(freed)} is no longer reserved under shared budgets: those jobs have ended"))
    return lines, document


def release_question(machine: str) -> str:
    """What is asked before `store release`."""
    return f"Is {machine} off for good? What it still sends would be paid outside the budget."


def released_prices(
    machine: str, freed: Decimal, kept: Sequence[str], own: Sequence[str]
) -> tuple[list[Line], ReleasedPricesDocument]:
    """Return what `store release` freed, in US dollars, and the keys of jobs whose price still counts: those that the
    machine may have sent, and those of this machine itself. For people, and for scripts."""
    lines = [line(("✓ ", "ok"), f"{dollars(freed)} that {machine} had reserved no longer counts")] if freed else []
    for key in kept:
        words = f"the job {key[:KEY_SHOWN]} still counts, because it may have been sent"
        lines.append(line(f"  {words}: storyboard resolve {key[:KEY_SHOWN]} --take-over"))
    for key in own:
        words = f"the job {key[:KEY_SHOWN]} still counts, because it is open on this machine"
        lines.append(line(f"  {words}: build it, or storyboard resolve {key[:KEY_SHOWN]} --unbilled"))
    return lines, {"machine": machine, "freed": exact(freed) or "0", "kept": [*kept, *own]}
