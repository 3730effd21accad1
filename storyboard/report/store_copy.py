"""What was copied between two stores."""

from __future__ import annotations

from pathlib import Path

from storyboard.byte_size import byte_size
from storyboard.report.record_document_types import StoreCopyDocument
from storyboard.report.style import Line, counted, line
from storyboard.store.transfer import Transfer


def transfer_report(done: Transfer, receiver: Path) -> list[Line]:
    """Return what was copied, what was not, and why."""
    copied = f"{counted(done.clips, 'clip')}, {byte_size(done.bytes)}"
    lines = [line(f"copied {copied}, {counted(done.rows, 'line')} of the ledger into ", (str(receiver), "place"))]
    if done.there:
        lines.append(line(f"  {counted(done.there, 'job')} had nothing to copy"))
    if done.missing:
        lines.append(
            line(
                f"  {counted(done.missing, 'clip')} not copied because they are missing or damaged; a build with the "
                "other store fetches them again"
            )
        )
    if done.busy:
        lines.append(
            line(
                f"  {counted(done.busy, 'job')} skipped because a build is working on them; run the same command later"
            )
        )
    return lines


def transfer_document(done: Transfer, receiver: Path) -> StoreCopyDocument:
    """Return the document of `store pull --json` and `store push --json` with another store on this machine."""
    return {
        "store": str(receiver),
        "clips": done.clips,
        "bytes": done.bytes,
        "rows": done.rows,
        "there": done.there,
        "missing": done.missing,
        "busy": done.busy,
    }
