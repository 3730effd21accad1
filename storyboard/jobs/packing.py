"""Packing: divide a stretch of shots into jobs, optimally, so that an edit costs as little as possible.

The criteria, each breaking ties of those before it: fewest newly paid seconds; fewest jobs; least sum of squares of
the jobs' seconds; more shots in the first job, then in the second, and so on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from storyboard.fast_dataclasses import dataclass
from storyboard.fast_named_tuples import NamedTuple

Paid = Callable[[int, int], bool]
"""Whether the job of the shots from `start` to `end` (exclusive) exists, so that it costs nothing now."""

_Cost = tuple[int, int, int]
_UNPAID: Paid = lambda start, end: False  # noqa: E731


@dataclass(frozen=True)
class Room:
    """The limits of a job: its allowed lengths in whole seconds, and at most `max_shots` shots of at least
    `min_seconds` each."""

    allowed: frozenset[int]
    max_shots: int
    min_seconds: int = 1

    @cached_property
    def longest(self) -> int:
        """The longest job, in seconds."""
        return max(self.allowed, default=0)


class PackedShot(NamedTuple):
    """A shot as packing sees it: its whole seconds, and whether it may share a job with others."""

    seconds: int
    shares: bool = True


def pack(pieces: Sequence[PackedShot], room: Room, paid: Paid = _UNPAID) -> tuple[int, ...] | None:
    """Return how many shots each job takes, first to last; None if no jobs can hold the stretch. Linear in its
    shots."""
    best: list[tuple[_Cost, int] | None] = [None] * len(pieces) + [((0, 0, 0), 0)]
    for start in range(len(pieces) - 1, -1, -1):
        for end, seconds in windows(pieces, room, start):
            rest = best[end]
            if rest is None:
                continue
            new = 0 if paid(start, end) else seconds
            cost = (rest[0][0] + new, rest[0][1] + 1, rest[0][2] + seconds * seconds)
            here = best[start]
            if here is None or cost <= here[0]:
                best[start] = (cost, end)
    return _sizes(best)


def windows(pieces: Sequence[PackedShot], room: Room, start: int) -> Iterator[tuple[int, int]]:
    """Return the jobs that can begin at a shot, shortest first: where each ends (exclusive), and its seconds."""
    seconds = pieces[start].seconds
    if seconds in room.allowed:
        yield start + 1, seconds
    if not _joins(pieces[start], room):
        return
    for end in range(start + 2, min(start + room.max_shots, len(pieces)) + 1):
        last = pieces[end - 1]
        seconds += last.seconds
        if seconds > room.longest or not _joins(last, room):
            return
        if seconds in room.allowed:
            yield end, seconds


def _joins(piece: PackedShot, room: Room) -> bool:
    return piece.shares and piece.seconds >= room.min_seconds


def _sizes(best: Sequence[tuple[_Cost, int] | None]) -> tuple[int, ...] | None:
    sizes: list[int] = []
    at = 0
    while at < len(best) - 1:
        step = best[at]
        if step is None:
            return None
        sizes.append(step[1] - at)
        at = step[1]
    return tuple(sizes)
