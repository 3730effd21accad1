"""Where text comes from: sources, spans in them, and positions as people count them."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from pathlib import Path

from storyboard.fast_dataclasses import dataclass
from storyboard.fast_named_tuples import NamedTuple


class Position(NamedTuple):
    """A place in a source; line and column count from 1, columns in Unicode code points."""

    line: int
    column: int


@dataclass(frozen=True, eq=False)
class Source:
    """One text, decoded, without its byte-order mark, line ends as written (LF or CRLF).

    `path` is where it was read from, absolute and with links resolved (standard input: `Path("-")`).
    Two sources are the same only if they are the same object.
    """

    path: Path
    text: str

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset at which each line begins."""
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    def position(self, offset: int) -> Position:
        """The line and column of a code-point offset."""
        line = bisect_right(self.line_starts, offset)
        return Position(line, offset - self.line_starts[line - 1] + 1)

    def line_text(self, line: int) -> str:
        """A line by its number, without its line end."""
        start = self.line_starts[line - 1]
        end = self.line_starts[line] if line < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")


class Span(NamedTuple):
    """A stretch of a source, offsets in code points, end exclusive."""

    source: Source
    start: int
    end: int

    @property
    def position(self) -> Position:
        """Where it begins."""
        return self.source.position(self.start)

    @property
    def end_position(self) -> Position:
        """Where it ends, exclusive."""
        return self.source.position(self.end)

    @property
    def text(self) -> str:
        """The characters it covers."""
        return self.source.text[self.start : self.end]
