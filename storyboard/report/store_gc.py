"""What was removed from a store, and what stays."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from storyboard.byte_size import byte_size
from storyboard.money import dollars, exact
from storyboard.report.record_document_types import StoredClipDocument, SweepDocument
from storyboard.report.style import Line, counted, line, shown
from storyboard.store.gc import Kept, Need, StoreSurvey

_STAYS = {
    Need.FREE: "rendered here for free",
    Need.UNNAMED: "bought, but not named by any known lock: --paid removes them",
    Need.UNSURE: "may be named by a lock that is missing or unreadable: only --force removes them, "
    "or --paid --forget LOCK if the lock is gone for good",
    Need.NAMED: "named by a lock: only --force removes them",
}


def cost_of(clips: Sequence[Kept]) -> Decimal:
    """Return what clips cost together, in US dollars."""
    return sum((clip.cost for clip in clips), Decimal(0))


def size_of(clips: Sequence[Kept]) -> int:
    """Return the total size of clips in bytes."""
    return sum(clip.size for clip in clips)


def sweep_report(found: StoreSurvey, going: Sequence[Kept], base: Path, done: bool) -> list[Line]:
    """Return what is removed, what stays and why, and which locks could not be read."""
    verb = "removed" if done else "would be removed"
    lines = [line((f"{verb}: {_amount(going)}" if going else "nothing to remove", "bold"))]
    gone = {clip.sha256 for clip in going}
    for need in Need:
        stays = [clip for clip in found.clips if clip.need is need and clip.sha256 not in gone]
        if stays:
            lines.append(line(f"  kept: {_amount(stays)}, {_STAYS[need]}"))
    word = "forgotten" if done else "would be forgotten"
    lines += [line(f"  {word}: ", (shown(lock, base), "place")) for lock in found.forgotten]
    lines += [line("  missing or unreadable: ", (shown(lock, base), "place")) for lock in found.unread]
    return lines


def _amount(clips: Sequence[Kept]) -> str:
    cost = cost_of(clips)
    return (
        f"{counted(len(clips), 'clip')}, {byte_size(size_of(clips))}{f', which cost {dollars(cost)}' if cost else ''}"
    )


def question(going: Sequence[Kept]) -> str:
    """Return the question before bought clips are removed."""
    return f"Remove {_amount(going)}? They can be fetched again only while the gateway keeps them."


def sweep_document(found: StoreSurvey, going: Sequence[Kept], base: Path, done: bool) -> SweepDocument:
    """Return the document of `store gc --json`."""
    gone = {clip.sha256 for clip in going}
    return {
        "removed": [_clip(clip) for clip in going],
        "bytes": size_of(going),
        "cost": exact(cost_of(going)),
        "stay": [_clip(clip) for clip in found.clips if clip.sha256 not in gone],
        "unread_locks": [shown(lock, base) for lock in found.unread],
        "forgotten_locks": [shown(lock, base) for lock in found.forgotten],
        "written": done,
    }


def _clip(clip: Kept) -> StoredClipDocument:
    return {"clip": clip.sha256, "bytes": clip.size, "cost": exact(clip.cost), "need": str(clip.need)}
