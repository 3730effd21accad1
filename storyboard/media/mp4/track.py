"""A track of a film that is laid out before it is written: the contents of all its boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, chain, groupby

from storyboard.fast_dataclasses import dataclass
from storyboard.media.mp4.boxes import Edit, packed, with_number
from storyboard.media.mp4.sample_tables import Packets, without_bitrate


@dataclass(frozen=True, slots=True)
class TrackLayout:
    """The packets of a track, those of each clip in one chunk."""

    chunks: Sequence[Packets]

    def lengths(self) -> list[int]:
        """Return the bytes of each chunk."""
        return [sum(chunk.sizes) for chunk in self.chunks]

    def edits(self, shown: int) -> Mapping[bytes, Edit]:
        """Return the edits that turn the boxes of a template track into this track's, shown for `shown` ticks of the
        film. Tables that the template does not have are not added."""
        sizes = list(chain.from_iterable(chunk.sizes for chunk in self.chunks))
        return {
            b"tkhd": lambda old: with_number(old, 20, shown),
            b"elst": lambda old: with_number(old, 8, shown),
            b"mdhd": lambda old: with_number(old, 16, sum(chunk.ticks for chunk in self.chunks)),
            b"stsd": without_bitrate,
            b"stts": lambda old: _table(old, self._runs(), 2),
            b"stss": lambda old: _table(old, self._keys()),
            b"stsc": lambda old: _table(old, self._steps(), 3),
            b"stsz": lambda old: old[:4] + packed((0, len(sizes), *sizes)),
            b"sbgp": lambda old: with_number(old, 12, len(sizes)),
            **self.placed([0] * len(self.chunks)),
        }

    def placed(self, offsets: Sequence[int]) -> Mapping[bytes, Edit]:
        """Return the edit that writes where in the file each chunk begins."""
        there = [at for at, chunk in zip(offsets, self.chunks, strict=True) if chunk.sizes]
        return {b"stco": lambda old: _table(old, there)}

    def _runs(self) -> list[int]:
        runs: list[int] = []
        for ticks, group in groupby(chain.from_iterable(chunk.runs for chunk in self.chunks), lambda run: run[1]):
            runs += [sum(count for count, _ in group), ticks]
        return runs

    def _keys(self) -> list[int]:
        before = accumulate((len(chunk.sizes) for chunk in self.chunks), initial=0)
        return [at + key for at, chunk in zip(before, self.chunks, strict=False) for key in chunk.keys or ()]

    def _steps(self) -> list[int]:
        """Runs of chunks with the same number of packets, all with the first sample description."""
        steps: list[int] = []
        at = 1
        for count, group in groupby(len(chunk.sizes) for chunk in self.chunks if chunk.sizes):
            steps += [at, count, 1]
            at += len(list(group))
        return steps


def _table(old: bytes, rows: Sequence[int], width: int = 1) -> bytes:
    return old[:4] + packed((len(rows) // width, *rows))
