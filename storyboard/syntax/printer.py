"""Format a story in its canonical layout, its text and comments unchanged.

It walks the author's lines, knows from the tree what each one is, and writes it again; what was not understood is left
byte for byte.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from enum import Enum, auto

from storyboard.fast_dataclasses import dataclass, field
from storyboard.source import Source
from storyboard.syntax.header_printer import header_of
from storyboard.syntax.layout import Line, lines_of
from storyboard.syntax.parser import parse
from storyboard.syntax.tree import (
    Body,
    ForDecl,
    ImportDecl,
    LetDecl,
    PhraseDecl,
    SceneDecl,
    ShotDecl,
    Statement,
    StoryDecl,
    StoryFile,
    TemplateDecl,
    Text,
)

INDENT = "  "
_TOGETHER = (LetDecl, ImportDecl)


def format_source(source: Source) -> str:
    """Return the text in the canonical layout: ends in LF, without a byte-order mark. It changes no prompt and no
    address.

    A text of a newer edition, of which nothing is understood, comes back as it is.
    """
    file = parse(source).value
    return source.text if file is None else _Printer(file).print()


class _Blank(Enum):
    """What happens to blank lines in a stretch; elsewhere several become one."""

    NONE = auto()
    KEPT = auto()
    RAW = auto()
    """And all other lines are left as they are."""


@dataclass(slots=True)
class _Sheet:
    """What is written so far."""

    lines: list[str] = field(default_factory=list)
    statement: Statement | None = None
    """The last at column 0, or None if it was not understood."""
    begun: bool = False
    gap: int = 0
    """How many lines were written when the last line of a statement was."""

    def leave_one_blank(self) -> None:
        """Leave a blank line before the next statement and the comments directly above it."""
        if self.begun and "" not in self.lines[self.gap :]:
            self.lines.insert(self.gap, "")


class _Printer:
    def __init__(self, file: StoryFile) -> None:
        self.text = file.source.text
        self.written: dict[int, str] = {}
        self.tops: dict[int, Statement | None] = {span.start: None for span in file.broken}
        self.stretches: list[tuple[int, int, _Blank]] = [(span.start, span.end, _Blank.RAW) for span in file.broken]
        self.behind = {comment.span.end: comment.text for comment in file.comments}
        self.indents = {line.start: line.indent for line in lines_of(self.text)}
        for comment in file.comments:
            self.written[comment.span.start] = INDENT * comment.level + comment.text
        self.comments = set(self.written)
        for statement in file.statements:
            if statement.span.start not in self.tops:
                self.tops[statement.span.start] = statement
                self._statement(statement, 0)
        self.stretches.sort()
        self.begins = [start for start, _, _ in self.stretches]

    def print(self) -> str:
        sheet = _Sheet()
        blanks: list[Line] = []
        for line in lines_of(self.text):
            if line.start == line.end:
                blanks.append(line)
                continue
            sheet.lines += self._blanks(blanks, sheet)
            blanks.clear()
            self._line(line, sheet)
        return "".join(f"{line}\n" for line in sheet.lines)

    def _line(self, line: Line, sheet: _Sheet) -> None:
        if line.start in self.tops:
            statement = self.tops[line.start]
            together = isinstance(statement, _TOGETHER) and isinstance(sheet.statement, _TOGETHER)
            if not together:
                sheet.leave_one_blank()
            sheet.statement, sheet.begun = statement, True
        raw = self._stretch(line.start) is _Blank.RAW
        written = None if raw else self.written.get(line.start)
        sheet.lines.append(self._raw(line) if written is None else written)
        if raw or line.indent or line.start not in self.comments:
            sheet.gap = len(sheet.lines)

    def _blanks(self, blanks: Sequence[Line], sheet: _Sheet) -> list[str]:
        if not blanks or not sheet.lines:
            return []
        match self._stretch(blanks[0].start):
            case _Blank.NONE:
                return []
            case _Blank.KEPT:
                return [""] * len(blanks)
            case _Blank.RAW:
                return [self._raw(line) for line in blanks]
            case None:
                return [""]

    def _stretch(self, offset: int) -> _Blank | None:
        place = bisect_right(self.begins, offset) - 1
        if place < 0 or offset > self.stretches[place][1]:
            return None
        return self.stretches[place][2]

    def _raw(self, line: Line) -> str:
        end = self.text.find("\n", line.end)
        return self.text[line.start - line.indent : end if end >= 0 else len(self.text)]

    def _statement(self, statement: Statement, level: int) -> None:
        start, end = statement.span.start, statement.span.end
        behind = next(iter(self._comment_behind(start, end)), "")
        self.written[start] = INDENT * level + header_of(statement) + behind
        match statement:
            case StoryDecl() | SceneDecl() | ShotDecl():
                self._body(start, statement.body, level + 1)
            case LetDecl() | PhraseDecl():
                value = statement.value if isinstance(statement, LetDecl) else statement.text
                if value.starts[0] > end:
                    self._body(start, Body(text=value), level + 1)
            case TemplateDecl() | ForDecl():
                for inner in statement.statements:
                    self._statement(inner, level + 1)
                if statement.statements:
                    self.stretches.append((start, statement.statements[0].span.start, _Blank.NONE))

    def _comment_behind(self, start: int, end: int) -> Iterator[str]:
        line_end = self.text.find("\n", end)
        line = self.text[start : line_end if line_end >= 0 else len(self.text)].rstrip(" \t\r")
        comment = self.behind.get(start + len(line))
        if comment is not None and len(line) > end - start:
            yield f" {comment}"

    def _body(self, start: int, body: Body, level: int) -> None:
        head_end = start
        for setting in body.settings:
            head_end = setting.span.start
            value = f" {setting.value.raw}" if setting.value.raw else ""
            self.written[head_end] = f"{INDENT * level}.{setting.name.text}{value}"
        if body.text is not None:
            head_end = self._text(body.text, level, below_setting=bool(body.settings))
        self.stretches.append((start, head_end, _Blank.NONE))

    def _text(self, text: Text, level: int, *, below_setting: bool) -> int:
        """Write a text's lines; where they begin. Right below a setting the first line is not indented deeper: that
        would look like a continuation of the setting."""
        lines = [(start, words) for start, words in zip(text.starts, text.raw.split("\n"), strict=True) if words]
        least = min(self.indents[start] for start, _ in lines)
        for start, words in lines:
            further = self.text[start - self.indents[start] + least : start].replace("\t", INDENT)
            if below_setting and start == lines[0][0]:
                further = ""
            self.written[start] = INDENT * level + further + words
        self.stretches.append((text.starts[0] + 1, text.starts[-1], _Blank.KEPT))
        return text.starts[0]
