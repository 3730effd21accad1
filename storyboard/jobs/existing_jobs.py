"""The lock as packing sees it: which jobs exist, and which take of each was chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from storyboard.jobs.key import base_of, content_of
from storyboard.jobs.lock import Lock
from storyboard.jobs.packable_run import PackableRun
from storyboard.jobs.packing import PackedShot, windows
from storyboard.jobs.request_texts import RequestTexts
from storyboard.story.story import Shot


class Reuse:
    """A lock, indexed for packing."""

    def __init__(self, lock: Lock) -> None:
        self._takes = {base: choice.take for base, choice in lock.choices.items()}
        existing = [block for block in lock.blocks.values() if block.exists]
        self._contents = {block.content for block in existing}
        self._bases = {block.base for block in existing}
        self._lengths = {block.seconds for block in existing}

    def take(self, shots: Sequence[Shot], base: str) -> int:
        """Return a job's take: the highest of its shots, else the one chosen for its base, else 1."""
        own = [shot.take for shot in shots if shot.take is not None]
        return max(own) if own else self._takes.get(base, 1)

    def exists(self, content: str) -> bool:
        """Whether a job of that content exists, so that it costs nothing now."""
        return content in self._contents

    def windows(
        self, stretch: PackableRun, pieces: Sequence[PackedShot], texts: RequestTexts
    ) -> frozenset[tuple[int, int]]:
        """Return which runs of a stretch's shots, from start to end (exclusive), are existing jobs."""
        return frozenset(self._windows(stretch, pieces, texts)) if self._contents else frozenset()

    def _windows(
        self, stretch: PackableRun, pieces: Sequence[PackedShot], texts: RequestTexts
    ) -> Iterator[tuple[int, int]]:
        room = stretch.room
        for start in range(len(pieces)):
            for end, seconds in windows(pieces, room, start):
                if seconds not in self._lengths:
                    continue
                text = texts.of(start, end)
                base = base_of(text)
                take = self.take(stretch.shots[start:end], base)
                if base in self._bases and content_of(text, take) in self._contents:
                    yield start, end
