"""What was moved between a store and a shared ledger."""

from __future__ import annotations

from storyboard.cluster.migration import Moved
from storyboard.money import exact_dollars
from storyboard.report.record_document_types import MigrationDocument
from storyboard.report.style import Line, counted, line

_BACK = (
    "  builds with this store now buy without `ledger`; the ledger stays closed until this store is moved into it again"
)
_OVER = "  builds now buy by the shared ledger; the store's own ledger stays this machine's journal"


def migration_report(moved: Moved, *, back: bool) -> list[Line]:
    """Return what was moved, and what decides from now on."""
    where = "into this store" if back else "into the ledger"
    there = f", {moved.there} were there" if moved.there else ""
    changed = f", {moved.changed} brought up to date" if moved.changed else ""
    return [
        line(("✓ ", "ok"), f"moved {counted(moved.added, 'attempt')} {where}{changed}{there}"),
        line(f"  both say {exact_dollars(moved.spent)}"),
        line(_BACK if back else _OVER),
    ]


def migration_document(moved: Moved, *, back: bool) -> MigrationDocument:
    """Return the document of `store migrate --json`."""
    return {
        "to": "store" if back else "ledger",
        "added": moved.added,
        "changed": moved.changed,
        "there": moved.there,
        "spent": str(moved.spent),
    }
