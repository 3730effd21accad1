"""Positions of the language server protocol: lines from 0, columns in the units that client and server agreed
on (UTF-8, UTF-16 or UTF-32)."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

from lsprotocol import types

from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.source import Span

_LINE_END = lazy_pattern(r"\r\n|\r|\n")
_BYTES = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
_CODECS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}


@lru_cache(maxsize=64)
def line_starts(text: str) -> tuple[int, ...]:
    """Return the offset at which each line begins; a lone carriage return ends a line too, as the protocol says."""
    return (0, *(found.end() for found in _LINE_END.finditer(text)))


class PositionCodec:
    """Converts between offsets in code points and the client's positions."""

    def __init__(self, encoding: str = "utf-16") -> None:
        self._unit = _BYTES[encoding]
        self._codec = _CODECS[encoding]

    def position(self, text: str, offset: int) -> types.Position:
        """Return the client's position of an offset."""
        starts = line_starts(text)
        line = bisect_right(starts, offset) - 1
        return types.Position(line, self._units(text[starts[line] : offset]))

    def offset(self, text: str, position: types.Position) -> int:
        """Return the offset of a client's position; one after the end of its line, or of the text, is moved there."""
        starts = line_starts(text)
        if position.line >= len(starts):
            return len(text)
        start = starts[position.line]
        end = starts[position.line + 1] if position.line + 1 < len(starts) else len(text)
        line = text[start:end].rstrip("\r\n")
        if line.isascii() or self._unit == 4:
            return start + min(position.character, len(line))
        units = 0
        for at, character in enumerate(line):
            units += self._units(character)
            if units > position.character:
                return start + at
        return start + len(line)

    def range(self, span: Span) -> types.Range:
        """Return the client's range of a span."""
        text = span.source.text
        return types.Range(self.position(text, span.start), self.position(text, max(span.start, span.end)))

    def range_in(self, text: str, start: int, end: int) -> types.Range:
        """Return the client's range between two offsets."""
        return types.Range(self.position(text, start), self.position(text, end))

    def _units(self, text: str) -> int:
        return len(text) if text.isascii() else len(text.encode(self._codec, "surrogatepass")) // self._unit
