"""Which characters a font file has a glyph for, read from its `cmap` table without loading the font."""

from __future__ import annotations

import struct
from bisect import bisect_right
from operator import le, lt
from pathlib import Path
from typing import BinaryIO

from storyboard.fast_dataclasses import dataclass

_MAX_TABLE = 8_000_000


@dataclass(frozen=True, slots=True)
class Coverage:
    """Code points as sorted, disjoint ranges: `starts[i]` to `ends[i]`, both included."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __contains__(self, code_point: int) -> bool:
        at = bisect_right(self.starts, code_point) - 1
        return at >= 0 and code_point <= self.ends[at]


NOTHING = Coverage((), ())


def read_coverage(path: Path) -> Coverage:
    """Return what a font covers (of a collection: its first face); `NOTHING` for a file that is not a readable font."""
    try:
        with path.open("rb") as file:
            table = _cmap_table(file)
        return _coverage(table)
    except (OSError, struct.error):
        return NOTHING


def _cmap_table(file: BinaryIO) -> bytes:
    head = file.read(16)
    start = struct.unpack(">I", head[12:16])[0] if head[:4] == b"ttcf" else 0
    file.seek(start)
    (count,) = struct.unpack(">4xH6x", file.read(12))
    tables = {tag: (offset, length) for tag, offset, length in struct.iter_unpack(">4s4xII", file.read(16 * count))}
    if b"cmap" not in tables or not {b"glyf", b"CFF ", b"CFF2"} & tables.keys():
        return b""  # bitmap-only colour fonts cannot be drawn at every size
    offset, length = tables[b"cmap"]
    file.seek(offset)
    return file.read(min(length, _MAX_TABLE))


def _coverage(table: bytes) -> Coverage:
    if not table:
        return NOTHING
    (count,) = struct.unpack(">2xH", table[:4])
    subtables = {}
    for platform, encoding, offset in struct.iter_unpack(">HHI", table[4 : 4 + 8 * count]):
        (form,) = struct.unpack(">H", table[offset : offset + 2])
        if platform == 0 or (platform == 3 and encoding in (1, 10)):
            subtables[form] = table[offset:]
    if 12 in subtables:
        return _format_12(subtables[12])
    return _format_4(subtables[4]) if 4 in subtables else NOTHING


def _format_12(table: bytes) -> Coverage:
    (count,) = struct.unpack(">12xI", table[:16])
    numbers = struct.unpack(f">{3 * count}I", table[16 : 16 + 12 * count])
    return _in_order(numbers[::3], numbers[1::3])


def _format_4(table: bytes) -> Coverage:
    (double_count,) = struct.unpack(">6xH", table[:8])
    count = double_count // 2
    ends = struct.unpack(f">{count}H", table[14 : 14 + double_count])
    starts = struct.unpack(f">{count}H", table[16 + double_count : 16 + 2 * double_count])
    real = count - 1 if starts[-1:] == (0xFFFF,) else count  # the last range stands for the end of the table
    return _in_order(starts[:real], ends[:real])


def _in_order(starts: tuple[int, ...], ends: tuple[int, ...]) -> Coverage:
    """Return the ranges; they are already in order in almost every font."""
    if all(map(le, starts, ends)) and all(map(lt, ends, starts[1:])):
        return Coverage(starts, ends)
    return _merged([(first, last) for first, last in zip(starts, ends, strict=True) if first <= last])


def _merged(ranges: list[tuple[int, int]]) -> Coverage:
    starts: list[int] = []
    ends: list[int] = []
    for first, last in sorted(ranges):
        if ends and first <= ends[-1] + 1:
            ends[-1] = max(ends[-1], last)
        else:
            starts.append(first)
            ends.append(last)
    return Coverage(tuple(starts), tuple(ends))
