"""The layout, before any grammar: lines with their indents, split where statements begin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from storyboard.fast_dataclasses import dataclass, field
from storyboard.fast_named_tuples import NamedTuple


class Line(NamedTuple):
    """One line: how many blanks indent it, and its content between two offsets, trailing blanks and line end left out.

    A blank line has no content (`start == end`).
    """

    indent: int
    start: int
    end: int


@dataclass(slots=True)
class Segment:
    """A statement's lines: its header and what is indented under it, comments taken out."""

    header: Line
    body: list[Line] = field(default_factory=list)
    strays: bool = False
    """Whether it contained lines that belong nowhere; they were reported already."""
    flush: list[Line] = field(default_factory=list)
    """Lines of text below it that are not indented; they were reported already."""

    @property
    def last(self) -> Line:
        """Its last line that is not blank."""
        return next((line for line in reversed(self.body) if line.start < line.end), self.header)

    @property
    def end(self) -> int:
        """Where its last line's content ends."""
        return max(self.last.end, self.flush[-1].end) if self.flush else self.last.end


def lines_of(text: str) -> list[Line]:
    """Return every line of a text, in order; only `\n` ends one."""
    lines: list[Line] = []
    begin = 0
    for line in text.split("\n") if text else ():
        content = line.lstrip(" \t")
        start = begin + len(line) - len(content)
        lines.append(Line(start - begin, start, start + len(content.rstrip(" \t\r"))))
        begin += len(line) + 1
    return lines


def depth_of(text: str, lines: Iterable[Line]) -> int:
    """Return where a block's statements begin: the indent of its first, comments aside; 0 for an empty block."""
    return next((line.indent for line in lines if line.start < line.end and text[line.start] != "#"), 0)


def trim(lines: Sequence[Line]) -> Sequence[Line]:
    """Lines without the blank ones at both ends."""
    first, last = 0, len(lines)
    while first < last and lines[first].start == lines[first].end:
        first += 1
    while last > first and lines[last - 1].start == lines[last - 1].end:
        last -= 1
    return lines[first:last]


def mixed_indent(text: str, lines: Iterable[Line]) -> Line | None:
    """Return the first line of a body that is not indented with the kind of blank that the body began with."""
    first = ""
    for line in lines:
        if line.start == line.end or not line.indent:
            continue
        indent = text[line.start - line.indent : line.start]
        first = first or indent[0]
        if indent.strip(first):
            return line
    return None
