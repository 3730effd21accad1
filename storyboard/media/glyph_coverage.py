"""Which characters a font file has a glyph for, read from its `cmap` table without loading the font."""

from __future__ import annotations

import struct
from bisect import bisect_right
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
        return _merged(_ranges(table))
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


def _ranges(table: bytes) -> list[tuple[int, int]]:
    if not table:
        return []
    (count,) = struct.unpack(">2xH", table[:4])
    subtables = {}
    for platform, encoding, offset in struct.iter_unpack(">HHI", table[4 : 4 + 8 * count]):
        (form,) = struct.unpack(">H", table[offset : offset + 2])
        if platform == 0 or (platform == 3 and encoding in (1, 10)):
            subtables[form] = table[offset:]
    if 12 in subtables:
        return _format_12(subtables[12])
    return _format_4(subtables[4]) if 4 in subtables else []


def _format_12(table: bytes) -> list[tuple[int, int]]:
    (count,) = struct.unpack(">12xI", table[:16])
    groups = table[16 : 16 + 12 * count]
    return [(first, last) for first, last, glyph in struct.iter_unpack(">III", groups) if first <= last]


def _format_4(table: bytes) -> list[tuple[int, int]]:
    (double_count,) = struct.unpack(">6xH", table[:8])
    count = double_count // 2
    ends = struct.unpack(f">{count}H", table[14 : 14 + double_count])
    starts = struct.unpack(f">{count}H", table[16 + double_count : 16 + 2 * double_count])
    return [(first, last) for first, last in zip(starts, ends, strict=True) if first <= last and first != 0xFFFF]


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
