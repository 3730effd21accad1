"""What came from a team's bucket, what went there, and what waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from storyboard.byte_size import byte_size
from storyboard.report.style import Line, counted, line


class FromBucket(Protocol):
    """What came out of a bucket."""

    address: str
    clips: int
    bytes: int
    missing: list[str]
    damaged: list[str]
    away: str | None


class ToBucket(Protocol):
    """What was sent to a bucket, and what waits."""

    sent: int
    left: int
    trouble: str | None
    damaged: list[str]


def fetched_report(done: FromBucket) -> list[Line]:
    """What came out of a bucket, and what did not and why."""
    lines = []
    if done.clips:
        came = f"fetched {counted(done.clips, 'clip')}, {byte_size(done.bytes)}, from "
        lines.append(line(came, (done.address, "place")))
    if done.missing:
        lines.append(line(f"{counted(len(done.missing), 'clip')} not in ", (done.address, "place")))
    if done.damaged:
        lines.append(
            line(("warning", "warning"), f": {counted(len(done.damaged), 'clip')} damaged in {done.address}, not used")
        )
    if done.away:
        lines.append(line(("warning", "warning"), f": {done.away}; no clips are fetched from it"))
    return lines


def fetched_document(done: FromBucket) -> dict[str, Any]:
    """`store pull --json` from a bucket."""
    return {
        "bucket": done.address,
        "clips": done.clips,
        "bytes": done.bytes,
        "missing": done.missing,
        "damaged": done.damaged,
        "away": done.away,
    }


def left_report(sent: ToBucket) -> list[Line]:
    """What could not be sent."""
    lines = []
    if sent.left:
        why = f": {sent.trouble}" if sent.trouble else ""
        lines.append(
            line(
                ("warning", "warning"),
                f": {counted(sent.left, 'message')} for the bucket not sent yet{why}; a later command sends them",
            )
        )
    elif sent.trouble:
        lines.append(line(("warning", "warning"), f": {sent.trouble}"))
    lines += [line(("warning", "warning"), f": not sent to the bucket: {each}") for each in sent.damaged]
    return lines


def listed(hashes: Sequence[str]) -> list[Line]:
    """Clips, a line each."""
    return [line(f"  {sha256}") for sha256 in hashes]
