"""What was removed from locks, and the consequences."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from storyboard.diagnostics import Diagnostic
from storyboard.fast_dataclasses import dataclass
from storyboard.jobs.lock import Block
from storyboard.money import dollars, exact
from storyboard.report.documents import diagnostics_of
from storyboard.report.record_document_types import LockEntryDocument, PrunedDocument
from storyboard.report.style import Line, counted, line, shown
from storyboard.report.tables import Column, table


@dataclass(frozen=True, slots=True)
class PrunedView:
    """The blocks that are removed from a story's lock, the unused ones that stay, and the contents whose clip is in the
    store."""

    path: Path
    blocks: Sequence[Block]
    stay: Sequence[Block]
    here: frozenset[str]


def cost_of(blocks: Sequence[Block]) -> Decimal:
    """Return what blocks have cost together, in US dollars."""
    return sum((block.cost or Decimal(0) for block in blocks), Decimal(0))


def pruned_report(views: Sequence[PrunedView], base: Path, done: bool) -> list[Line]:
    """Return each removed block, each unused one that stays, and what undoing an edit would cost."""
    lines = [each for view in views for each in _story(view, base)]
    blocks = [block for view in views for block in view.blocks]
    if not blocks:
        return [*lines, line("every lock entry is in use" if not lines else "nothing else is unused")]
    verb = "removed" if done else "would be removed"
    lines.append(line((f"{verb}: {counted(len(blocks), 'job')}, {dollars(cost_of(blocks))}", "bold"), ""))
    lines.append(line("  their cost still counts against the budgets"))
    here = sum(len(view.here) for view in views)
    if here:
        lines.append(line(f"  this store still has the clips of {here}: undoing such an edit is free while it does"))
    if here < len(blocks):
        lines.append(line(f"  this store lacks the clips of {len(blocks) - here}: undoing such an edit costs again"))
    return lines


def _story(view: PrunedView, base: Path) -> list[Line]:
    if not view.blocks and not view.stay:
        return []
    columns = [
        Column("", "bold", most=60),
        Column("", right=True),
        Column("", right=True),
        Column(""),
        Column("", "dim"),
    ]
    rows = [_row(block, "in the store" if block.content in view.here else "") for block in view.blocks]
    rows += [_row(block, "kept: it may still be charged (--force removes it)") for block in view.stay]
    return [line((shown(view.path, base), "place")), *table(columns, rows), ()]


def _row(block: Block, note: str) -> tuple[str, ...]:
    shots = ", ".join(block.shots) + (f" (take {block.take})" if block.take > 1 else "")
    return shots, f"{block.seconds} s", dollars(block.cost), block.state, note


def pruned_document(
    views: Sequence[PrunedView], diagnostics: Sequence[Diagnostic], base: Path, done: bool
) -> PrunedDocument:
    """Return the document of `lock prune --json`."""
    blocks = [block for view in views for block in view.blocks]
    return {
        "stories": [
            {
                "path": shown(view.path, base),
                "pruned": [{**_block(block), "in_store": block.content in view.here} for block in view.blocks],
                "stay": [_block(block) for block in view.stay],
            }
            for view in views
        ],
        "pruned": len(blocks),
        "cost": exact(cost_of(blocks)),
        "written": done,
        "diagnostics": diagnostics_of(diagnostics, base),
    }


def _block(block: Block) -> LockEntryDocument:
    return {
        "shots": list(block.shots),
        "content": block.content,
        "take": block.take,
        "state": block.state,
        "seconds": block.seconds,
        "cost": exact(block.cost),
    }
