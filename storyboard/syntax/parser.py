"""`parse`: from text to the story as written. A mistake costs its own statement, or its own line, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from lark import Token, Tree, UnexpectedInput, UnexpectedToken

from storyboard.diagnostics import Diagnostic, Outcome, sort_by_place
from storyboard.source import Source, Span
from storyboard.syntax import mistakes, placement
from storyboard.syntax.bodies import is_setting, read_body, read_text, setting_not_here
from storyboard.syntax.builder import BodyParts, Builder
from storyboard.syntax.forms import FORMS, NESTED, Takes
from storyboard.syntax.grammar import parse_header
from storyboard.syntax.layout import Line, Segment, depth_of, lines_of, mixed_indent, trim
from storyboard.syntax.tree import Comment, Lost, RunStatement, Statement, StoryFile

DEEPEST = 32
"""How deep statements may be nested."""

_KEYWORD = re.compile(r"\w+(?:[-.]\w+)*")
_SECOND_WORD = re.compile(r"\w+[ \t]+([^\W\d][\w-]*)")


def parse(source: Source) -> Outcome[StoryFile]:
    """The file's statements, with every mistake of its syntax. It raises on no text.

    The value is None only for a file of a newer edition, in which nothing can be understood.
    """
    reader = Reader(source)
    statements = tuple(reader.statements(list(lines_of(source.text)), 0))
    refused, misplaced = placement.judge(statements, reader.lost)
    if refused is not None:
        return Outcome(None, (refused,))
    comments = tuple(sorted(reader.comments, key=lambda comment: comment.span.start))
    file = StoryFile(source, statements, comments, tuple(reader.broken), tuple(reader.lost))
    return Outcome(file, sort_by_place((*reader.found, *misplaced)))


class Reader:
    """Reads one source once; what it finds on the way is collected in its lists."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tabs = "\t" in source.text
        self.found: list[Diagnostic] = []
        self.comments: list[Comment] = []
        self.broken: list[Span] = []
        self.lost: list[Lost] = []

    def statements(self, lines: Sequence[Line], level: int) -> list[Statement]:
        """The statements of a block, cut where its lines begin. `level` counts the blocks around it."""
        depth = depth_of(self.source.text, lines) if level else 0
        read = [self.statement(segment, level) for segment in self.cut(lines, depth)]
        return [statement for statement in read if statement is not None]

    def cut(self, lines: Sequence[Line], depth: int) -> list[Segment]:
        """Segments of a block whose statements begin at `depth`; comments are taken out and kept."""
        text = self.source.text
        segments: list[Segment] = []
        orphans: list[Line] = []
        body = orphans
        for line in lines:
            if line.indent > depth or line.start == line.end:
                body.append(line)
            elif text[line.start] == "#":
                self.comments.append(Comment(self._span(line), text[line.start : line.end]))
            elif text[line.start] == "." and is_setting(text, line):
                self.found.append(setting_not_here(self.source, line, None))
            else:
                segments.append(Segment(line))
                body = segments[-1].body
        self._nothing_in(orphans, None)
        return segments

    def statement(self, segment: Segment, level: int) -> Statement | None:
        """The statement of a segment; a header that is not understood is exactly one finding."""
        before = len(self.found)
        statement = self._read(segment, level)
        if len(self.found) > before and not level:
            self.broken.append(Span(self.source, segment.header.start, segment.end))
        return statement

    def _read(self, segment: Segment, level: int) -> Statement | None:
        keyword = self._keyword(segment.header)
        if keyword not in (NESTED if level else FORMS):
            self._lose(segment, None, mistakes.unknown_keyword(self.source, segment.header, keyword, nested=level > 0))
            return None
        before = len(self.found)
        tree = self._header(segment.header, keyword)
        if isinstance(tree, Diagnostic):
            return self._rescue(segment, keyword, before, tree)
        body = self._body(segment, keyword, level)
        builder = Builder(self.source, self._header_span(segment.header, tree), body)
        statement, comment = builder.build(tree)
        if builder.found:
            return self._rescue(segment, keyword, before, builder.found[0])
        if comment is not None:
            self.comments.append(Comment(Span(self.source, comment.start_pos or 0, segment.header.end), str(comment)))
        self.found.extend(mistakes.missing_body(statement, body, lost=len(self.found) > before))
        return statement

    def _keyword(self, header: Line) -> str:
        word = _KEYWORD.match(self.source.text, header.start, header.end)
        return word[0] if word else ""

    def _header(self, header: Line, keyword: str) -> Tree[Token] | Diagnostic:
        try:
            return parse_header(self.source, header)
        except UnexpectedInput as trouble:
            offset = header.end if _at_end(trouble) else cast("int", trouble.pos_in_stream)
            return mistakes.broken_header(self.source, header, keyword, offset)

    def _header_span(self, header: Line, tree: Tree[Token]) -> Span:
        last = tree.children[-1] if tree.children else None
        end = header.end
        if isinstance(last, Token) and last.type == "COMMENT":
            end = header.start + len(self.source.text[header.start : last.start_pos].rstrip(" \t"))
        return Span(self.source, header.start, end)

    def _body(self, segment: Segment, keyword: str, level: int) -> BodyParts:
        takes = FORMS[keyword].takes
        body = segment.body
        if self.tabs and not level and (mixed := mixed_indent(self.source.text, body)) is not None:
            self.found.append(mistakes.mixed_indent(self.source, body, mixed, fixable=takes is not Takes.STATEMENTS))
            if takes is Takes.STATEMENTS:
                return None
        match takes:
            case Takes.SETTINGS:
                return read_body(self.source, body, self.found)
            case Takes.TEXT:
                return read_text(self.source, body, keyword, self.found)
            case Takes.STATEMENTS:
                return self._nested(segment, level)
        self._nothing_in(body, keyword)
        return None

    def _nested(self, segment: Segment, level: int) -> tuple[RunStatement, ...]:
        if level == DEEPEST:
            self.found.append(mistakes.too_deep(self._span(segment.header), DEEPEST))
            return ()
        return tuple(self.statements(segment.body, level + 1))  # type: ignore[arg-type]

    def _nothing_in(self, lines: Sequence[Line], keyword: str | None) -> None:
        """Every line here is one too many; together they are one mistake."""
        kept = trim(lines)
        if kept:
            self.found.append(mistakes.under_nothing(self._span(kept[0]), keyword))

    def _rescue(self, segment: Segment, keyword: str, before: int, diagnostic: Diagnostic) -> Statement | None:
        """The one finding of a header, and what of its statement others rest on."""
        del self.found[before:]
        self._lose(segment, keyword, diagnostic)
        if keyword not in ("story", "scene"):
            return None
        body = read_body(self.source, segment.body, [])
        return mistakes.stand_in(self._span(segment.header), keyword, self.lost[-1].name, body)

    def _lose(self, segment: Segment, keyword: str | None, diagnostic: Diagnostic) -> None:
        self.found.append(diagnostic)
        second = _SECOND_WORD.match(self.source.text, segment.header.start, segment.header.end)
        self.lost.append(Lost(self._span(segment.header), keyword, second[1] if second else None))

    def _span(self, line: Line) -> Span:
        return Span(self.source, line.start, line.end)


def _at_end(trouble: UnexpectedInput) -> bool:
    """Whether the line was too short; lark has no place for its end."""
    return isinstance(trouble, UnexpectedToken) and trouble.token.type == "$END"
