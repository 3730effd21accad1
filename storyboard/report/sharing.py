"""What came from a team's bucket, what went there, and what waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from storyboard.byte_size import byte_size
from storyboard.report.record_document_types import (
    BucketClipDocument,
    BucketSweepDocument,
    FetchedClipsDocument,
    PushedClipsDocument,
)
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
    """Return what came out of a bucket, what did not, and why."""
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


def fetched_document(done: FromBucket) -> FetchedClipsDocument:
    """Return the document of `store pull --json` from a bucket."""
    return {
        "bucket": done.address,
        "clips": done.clips,
        "bytes": done.bytes,
        "missing": done.missing,
        "damaged": done.damaged,
        "away": done.away,
    }


def left_report(sent: ToBucket) -> list[Line]:
    """Return what could not be sent."""
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


class PushedToBucket(Protocol):
    """What was put into the spool for a bucket, and what became of it."""

    @property
    def address(self) -> str: ...
    @property
    def clips(self) -> int: ...
    @property
    def notes(self) -> int: ...
    @property
    def locks(self) -> int: ...
    @property
    def sent(self) -> ToBucket: ...


def pulled_report(done: FromBucket) -> list[Line]:
    """Return what `store pull` from a bucket reports."""
    return fetched_report(done) or [line("nothing to fetch from ", (done.address, "place"))]


def pushed_report(done: PushedToBucket) -> list[Line]:
    """Return what `store push` to a bucket reports."""
    what = f"{counted(done.clips, 'clip')}, {counted(done.notes, 'note')} and {counted(done.locks, 'lock')}"
    if done.sent.left:
        return left_report(done.sent)
    return [line(f"the bucket has {what}: ", (done.address, "place")), *left_report(done.sent)]


def pushed_document(done: PushedToBucket) -> PushedClipsDocument:
    """Return the document of `store push --json` to a bucket."""
    return {
        "bucket": done.address,
        "clips": done.clips,
        "notes": done.notes,
        "locks": done.locks,
        "left": done.sent.left,
        "trouble": done.sent.trouble,
        "damaged": done.sent.damaged,
    }


class ClipInBucket(Protocol):
    """A clip of a bucket, with its size in bytes."""

    @property
    def sha256(self) -> str: ...
    @property
    def size(self) -> int: ...


class ClipsOfBucket(Protocol):
    """The clips of a bucket, by whether a lock list names them."""

    @property
    def address(self) -> str: ...
    @property
    def named(self) -> Sequence[ClipInBucket]: ...
    @property
    def unnamed(self) -> Sequence[ClipInBucket]: ...
    @property
    def recent(self) -> Sequence[ClipInBucket]: ...


def bucket_question(found: ClipsOfBucket) -> str:
    """Return the question before a team's clips are removed."""
    return f"Remove {_amount(found.unnamed)} from {found.address} for the whole team?"


def bucket_sweep_report(found: ClipsOfBucket, removed: int, *, done: bool, paid: bool) -> list[Line]:
    """Return what was removed from a bucket, what stays, and why."""
    if done:
        lines = [line((f"removed: {counted(removed, 'clip')}", "bold"))]
    elif paid:
        lines = [line((f"would be removed: {_amount(found.unnamed)}", "bold"))]
    else:
        lines = [line(("nothing to remove", "bold"))]
        if found.unnamed:
            lines.append(line(f"  kept: {_amount(found.unnamed)}, named by no lock list: --paid removes them"))
    if found.recent:
        lines.append(line(f"  kept: {_amount(found.recent)}, younger than a day"))
    return [*lines, line(f"  kept: {_amount(found.named)}, named by a lock list")]


def bucket_sweep_document(found: ClipsOfBucket, removed: int, *, done: bool) -> BucketSweepDocument:
    """Return the document of `store gc --bucket --json`."""
    return {
        "bucket": found.address,
        "unnamed": _clips(found.unnamed),
        "recent": _clips(found.recent),
        "named": _clips(found.named),
        "removed": removed,
        "written": done,
    }


def _clips(clips: Sequence[ClipInBucket]) -> list[BucketClipDocument]:
    return [{"clip": clip.sha256, "bytes": clip.size} for clip in clips]


def _amount(clips: Sequence[ClipInBucket]) -> str:
    return f"{counted(len(clips), 'clip')}, {byte_size(sum(clip.size for clip in clips))}"
