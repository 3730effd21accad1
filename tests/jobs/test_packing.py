"""Packing is exact: what it finds is what trying every cut would find, also with jobs that exist."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyboard.jobs.packing import PackedShot, Paid, Room, pack

KIRIN = Room(frozenset(range(3, 16)), 6)


def pieces(*seconds: int) -> list[PackedShot]:
    return [PackedShot(each) for each in seconds]


def cuts(count: int) -> Iterator[tuple[int, ...]]:
    if count == 0:
        yield ()
    for first in range(1, count + 1):
        for rest in cuts(count - first):
            yield (first, *rest)


def by_trying_all(shots: Sequence[PackedShot], room: Room, paid: Paid) -> tuple[int, ...] | None:
    """The definition, word for word: the best of all cuts by the four aims in their order."""
    best: tuple[tuple[int, int, int, tuple[int, ...]], tuple[int, ...]] | None = None
    for sizes in cuts(len(shots)):
        new = squares = start = 0
        for size in sizes:
            job = shots[start : start + size]
            seconds = sum(piece.seconds for piece in job)
            alone = size == 1
            fits = alone or all(piece.shares and piece.seconds >= room.min_seconds for piece in job)
            if seconds not in room.allowed or size > room.max_shots or not fits:
                break
            new += 0 if paid(start, start + size) else seconds
            squares += seconds * seconds
            start += size
        else:
            rank = (new, len(sizes), squares, tuple(-size for size in sizes))
            if best is None or rank < best[0]:
                best = (rank, sizes)
    return best[1] if best else None


PIECES = st.lists(st.builds(PackedShot, st.integers(0, 16), st.sampled_from([True, True, True, False])), max_size=9)
ROOMS = st.builds(Room, st.frozensets(st.integers(1, 18), min_size=1), st.integers(1, 7), st.integers(1, 3)) | st.just(
    KIRIN
)


@settings(max_examples=250, deadline=None)
@given(PIECES, ROOMS, st.frozensets(st.tuples(st.integers(0, 9), st.integers(0, 9))))
def test_packing_is_optimal(shots: list[PackedShot], room: Room, exist: frozenset[tuple[int, int]]) -> None:
    def paid(start: int, end: int) -> bool:
        return (start, end) in exist

    assert pack(shots, room, paid) == by_trying_all(shots, room, paid)


@pytest.mark.parametrize(
    ("seconds", "sizes"),
    [
        ((), ()),
        ((5,), (1,)),
        ((5, 4, 3), (3,)),
        ((2,), None),
        ((2, 1), (2,)),
        ((16,), None),
        ((14, 2, 14), None),
        ((1, 1, 1, 1, 1, 1), (6,)),
        ((2, 2, 2, 2, 2, 2, 2), (4, 3)),
        ((5, 5, 5, 5), (2, 2)),
        ((5, 5, 5, 5, 5), (3, 2)),
        ((8, 8, 8), (1, 1, 1)),
    ],
)
def test_cuts_without_a_lock(seconds: tuple[int, ...], sizes: tuple[int, ...] | None) -> None:
    assert pack(pieces(*seconds), KIRIN) == sizes


def test_an_inserted_shot_leaves_the_jobs_behind_it_alone() -> None:
    shots = pieces(4, 5, 5, 5, 5, 5, 5)
    greedy_before = {(1, 4), (4, 7)}
    assert pack(shots, KIRIN, lambda start, end: (start, end) in greedy_before) == (1, 3, 3)


def test_ten_thousand_shots_are_packed_at_once() -> None:
    sizes = pack(pieces(*[3, 4, 2, 5, 1] * 2000), KIRIN)
    assert sizes is not None
    assert sum(sizes) == 10_000
