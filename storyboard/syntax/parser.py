"""Parse text into the story as written. A mistake costs its own statement, or its own line, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice, takewhile
from typing import cast

from storyboard.diagnostics import Diagnostic, Outcome, sort_by_place
from storyboard.diagnostics.limits import DEEPEST_BLOCK, LONGEST_HEADER, MOST_MISTAKES
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.source import Source, Span
from storyboard.syntax import layout_errors, statement_order
from storyboard.syntax.bodies import read_body, read_text
from storyboard.syntax.builder import BodyParts, plain_shot
from storyboard.syntax.header_parser import Header, build, is_misspelt_statement, keyword_of, understand
from storyboard.syntax.keywords import FORMS, Takes
from storyboard.syntax.layout import Line, Segment, depth_of, lines_of, mixed_indent, trim
from storyboard.syntax.settings import is_setting, name_of
from storyboard.syntax.tree import (
    Body,
    Comment,
    ForDecl,
    LetDecl,
    Lost,
    Name,
    PhraseDecl,
    RunStatement,
    SceneDecl,
    ShotDecl,
    Statement,
    StoryDecl,
    StoryFile,
    StringValue,
    TemplateDecl,
    Text,
)

_NAME_IN = lazy_pattern(r"\w+[ \t]+([^\W\d][\w-]*)")
_NAMES_IN = {
    "import": lazy_pattern(r"import.*[ \t]as[ \t]+([^\W\d]\w*)"),
    **dict.fromkeys(("phrase", "template"), lazy_pattern(r"\w+[ \t]+([^\W\d]\w*)[ \t]*\(")),
}
_HEADER_IN_COMMENT = lazy_pattern(
    r"##|#[ \t]*(?:(?:shot|scene)[ \t]+\S+(?:[ \t]+[0-9.]+[ \t]?\w*)?$|scene[ \t]+\S+[ \t]+\"|story[ \t]+\"|"
    r"use[ \t]+\w+\(|for[ \t]+\w+[ \t]+in\b|template[ \t]+\w+\(|phrase[ \t]+\w+\(|let[ \t]+\w+)",
    re.IGNORECASE,
)
"""A comment that was a header, or is a title."""
_HAS_ITS_TEXT = lazy_pattern(r"let[ \t][^=\n]*=[ \t]*[^ \t\n]")
_OTHER_BLANKS = lazy_pattern("[ \t\u00a0\u2000-\u200b\u202f\u205f\u3000\ufeff]+")
_OTHER_COMMENT = lazy_pattern(r"//|＃|﹟|/\*|<!--|(?:--|;+|%+)(?=[ \t])")
_BRACES = lazy_pattern(r"[{}][{} \t;,]*")
"""A line of nothing but braces."""


def parse(source: Source) -> Outcome[StoryFile]:
    """Parse a file into statements, and report every mistake in its syntax. Never raises.

    The value is None only for a file of a newer edition, in which nothing can be understood, and for one with more
    mistakes than are reported.
    """
    reader = Reader(source)
    try:
        statements = tuple(reader.statements(lines_of(source.text), 0))
    except _TooMany:
        *told, last = reader.found
        foreign = _foreign(source, reader, ())
        return Outcome(
            None, (foreign,) if foreign else sort_by_place((*told, layout_errors.too_many(last, MOST_MISTAKES)))
        )
    if reader.found and (foreign := _foreign(source, reader, statements)) is not None:
        return Outcome(None, (foreign,))
    refused, misplaced = statement_order.judge(statements, reader.lost)
    if refused is not None:
        return Outcome(None, (refused,))
    comments = tuple(sorted(reader.comments, key=lambda comment: comment.span.start))
    file = StoryFile(source, statements, comments, tuple(reader.broken), tuple(reader.lost))
    return Outcome(file, sort_by_place((*reader.found, *misplaced)))


def _foreign(source: Source, reader: Reader, statements: Sequence[Statement]) -> Diagnostic | None:
    """Report a file in another format; a file whose first statement is understood is a story."""
    from storyboard.syntax.foreign_formats import foreign_format, has_story_block, is_fenced

    first = next((line for line in lines_of(source.text) if line.start < line.end), None)
    if first is None:
        return None
    broken = {span.start for span in reader.broken}
    is_story = any(statement.span.start not in broken for statement in statements)
    if is_story and not is_fenced(source.text[first.start : first.end]) and not has_story_block(source.text):
        return None
    what = foreign_format(source.text)
    return None if what is None else layout_errors.not_a_story(Span(source, first.start, first.end), what)


class _TooMany(Exception):
    """A file has more mistakes than are reported."""


class _Found(list[Diagnostic]):
    """The findings in a file; one too many ends the parse."""

    def append(self, found: Diagnostic) -> None:
        super().append(found)
        if len(self) > MOST_MISTAKES:
            raise _TooMany


class Reader:
    """Reads one source once; what it finds on the way is collected in its lists."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tabs = "\t" in source.text
        self.found: list[Diagnostic] = _Found()
        self.comments: list[Comment] = []
        self.broken: list[Span] = []
        self.lost: list[Lost] = []

    def statements(self, lines: Sequence[Line], level: int) -> list[Statement]:
        """Parse the statements of a block. `level` counts the blocks around it."""
        depth = depth_of(self.source.text, lines) if level else 0
        read = [self.statement(segment, level) for segment in self.cut(lines, depth, level)]
        return [statement for statement in read if statement is not None]

    def cut(self, lines: Sequence[Line], depth: int, level: int) -> list[Segment]:
        """Segments of a block whose statements begin at `depth`; comments are taken out and kept.

        What is certainly no attempt at a statement (a setting that is not indented) stays in the body above it.
        """
        text = self.source.text
        orphans = Segment(Line(depth, 0, 0))
        segments = [orphans]
        uneven: set[int] = set()
        comments: list[Line] = []
        is_title = False
        for at, line in enumerate(lines):
            sign = text[line.start] if line.start < line.end else ""
            if sign == "#" and line.indent <= depth:
                is_title = is_title if comments else not at or lines[at - 1].start == lines[at - 1].end
                comments.append(line)
            elif comments and sign:
                if line.indent > depth:
                    self._hidden_header(comments, lines, at, segments[-1], is_title=is_title)
                comments.clear()
            if not sign or (line.indent > depth and not (sign == "#" and len(segments) == 1)):
                segments[-1].body.append(line)
            elif sign == "#":
                self._comment(line, depth, level)
            elif line.indent > segments[-1].header.indent and keyword_of(text, line) not in FORMS:
                segments[-1].body.append(line)  # of a statement that begins too far left
            elif line.indent < depth and not self._uneven(line, uneven):
                segments[-1].body.append(line)
            elif not sign.isalpha() and self._stray(line, segments[-1]):
                pass
            elif self._is_flush_text(lines, at, segments[-1], nested=level > 0):
                segments[-1].flush.append(line)
            else:
                segments.append(Segment(line))
        for segment in segments:
            self._flush_text(segment)
        self._nothing_in(orphans.body, None)
        return segments[1:]

    def _uneven(self, line: Line, known: set[int]) -> bool:
        """Report, once per column, lines left of a block's statements. Return whether this one is a statement
        itself."""
        if line.indent not in known:
            known.add(line.indent)
            self.found.append(layout_errors.uneven_indent(self._span(line)))
        return keyword_of(self.source.text, line) in FORMS

    def statement(self, segment: Segment, level: int) -> Statement | None:
        """Parse the statement of a segment; a header that is not understood is exactly one finding."""
        before = len(self.found)
        statement = self._read(segment, level)
        if (len(self.found) > before or segment.strays) and not level:
            self.broken.append(Span(self.source, segment.header.start, segment.end))
        return statement

    def _comment(self, line: Line, depth: int, level: int) -> None:
        if line.indent in (0, depth):
            text = self.source.text[line.start : line.end]
            self.comments.append(Comment(self._span(line), text, level if line.indent else 0))
        else:
            self.found.append(layout_errors.comment_out_of_place(self.source, line))

    def _hidden_header(
        self, comments: Sequence[Line], lines: Sequence[Line], first: int, above: Segment, *, is_title: bool
    ) -> None:
        """Report a header that is commented out while the body below it is not: that would join the body above.

        The body begins with line `first`. A title (`## …`, `# Shot 3`) is only one behind a blank line; a header of the
        language is one anywhere.
        """
        text, takes = self.source.text, self._takes(above)
        if not above.body or takes in (Takes.NOTHING, Takes.STATEMENTS):
            return
        hidden = [each for each in comments if _hides_header(text, each, is_title=is_title)]
        if hidden:
            indent = comments[0].indent
            body = takewhile(lambda line: line.start == line.end or line.indent > indent, islice(lines, first, None))
            told = [line for line in body if line.start < line.end]
            span = self._span(above.header)
            self.found.append(layout_errors.commented_header(self.source, hidden[-1], told, span))

    def _stray(self, line: Line, above: Segment) -> bool:
        """Whether a line where statements begin is certainly something else; it is reported and stays in the body."""
        text = self.source.text
        if (sign := _OTHER_COMMENT.match(text, line.start)) is not None:
            self.found.append(layout_errors.other_comment(self.source, line, sign[0]))
            above.strays = True
            return True
        if _BRACES.fullmatch(text, line.start, line.end) is not None:
            self.found.append(layout_errors.brace(self.source, line))
            above.strays = True
            return True
        takes = self._takes(above)
        if is_setting(text, line):
            last = above.last
            fits = takes is Takes.SETTINGS and (last is above.header or text.startswith(".", last.start))
            name = name_of(text, line)
            self.found.append(
                layout_errors.setting_at_column_0(
                    self.source, line, name, fixable=fits and not line.indent and not above.flush
                )
            )
            if fits:
                above.body.append(line)
        elif (blanks := _OTHER_BLANKS.match(text, line.start)) is not None and blanks[0].strip("\u200b\ufeff"):
            width = len(blanks[0])
            self.found.append(layout_errors.wide_indent(self.source, line, width))
            if takes is not Takes.NOTHING:
                above.body.append(Line(line.indent + width, line.start + width, line.end))
        else:
            return False
        above.strays = True
        return True

    def _is_flush_text(self, lines: Sequence[Line], at: int, above: Segment, *, nested: bool) -> bool:
        """Whether a line where statements begin is text that lost its indent."""
        text, line, header = self.source.text, lines[at], above.header
        if header.end == 0 or keyword_of(text, line) in FORMS or text.startswith(layout_errors.MERGE_MARKS, line.start):
            return False
        form = FORMS.get(keyword_of(text, header))
        if form is not None and (
            form.takes not in (Takes.SETTINGS, Takes.TEXT) or _HAS_ITS_TEXT.match(text, header.start)
        ):
            return False
        below = next((each for each in islice(lines, at + 1, None) if each.start < each.end), None)
        is_header = below is not None and below.indent > line.indent and text[below.start] != "#"
        if is_header and (above.body or keyword_of(text, header) != "shot"):
            return False
        return not is_misspelt_statement(self.source, line, nested=nested)

    def _flush_text(self, segment: Segment) -> None:
        """Report unindented text once; not below a line that was itself reported."""
        if segment.flush and keyword_of(self.source.text, segment.header) in FORMS:
            self.found.append(layout_errors.flush_text(self.source, segment.flush, self._span(segment.header)))
            segment.strays = True

    def _takes(self, segment: Segment) -> Takes:
        form = FORMS.get(keyword_of(self.source.text, segment.header))
        return Takes.NOTHING if form is None else form.takes

    def _read(self, segment: Segment, level: int) -> Statement | None:
        shot = None if self.tabs else plain_shot(self.source, segment.header.start, segment.header.end)
        if shot is not None:
            return ShotDecl(self._span(segment.header), *shot, read_body(self.source, segment.body, self.found))
        header = understand(self.source, segment.header, segment.body, nested=level > 0)
        if header.guess is not None or header.keyword is None:
            return self._lose(segment, header, None)
        before = len(self.found)
        body = self._body(segment, header.keyword, level)
        if header.mistake is not None and FORMS[header.keyword].takes in (Takes.STATEMENTS, Takes.NOTHING):
            del self.found[before:]  # where a header goes on in the next lines, these are no statements
        if header.tree is None:
            return self._lose(segment, header, body)
        statement, comment, judged = build(self.source, segment.header, header.tree, body)
        header = header._replace(mistake=header.mistake or judged)
        if statement is None or (segment.flush and not body and isinstance(statement, LetDecl | PhraseDecl)):
            return self._lose(segment, header, body)  # its text is told of, and what uses it is not
        if comment is not None:
            self.comments.append(Comment(Span(self.source, comment.start, segment.header.end), comment.text))
        if header.mistake is not None:
            self.found.append(header.mistake)
        elif len(self.found) == before and not segment.strays:
            for missing in layout_errors.missing_body(statement, body):
                self.found.append(missing)
                self.lost += _names_without_body(statement)
        return statement

    def _body(self, segment: Segment, keyword: str, level: int) -> BodyParts:
        takes = FORMS[keyword].takes
        body = segment.body
        if self.tabs and not level and (mixed := mixed_indent(self.source.text, body)) is not None:
            self.found.append(
                layout_errors.mixed_indent(self.source, body, mixed, fixable=takes is not Takes.STATEMENTS)
            )
            if takes is Takes.STATEMENTS:
                self.lost.append(self._lost(segment.header, keyword))
                return None
        match takes:
            case Takes.SETTINGS:
                return read_body(self.source, body, self.found)
            case Takes.TEXT:
                return read_text(self.source, body, keyword, self.found)
            case Takes.STATEMENTS:
                return self._nested(segment, level)
            case Takes.NOTHING:
                self._nothing_in(body, keyword)
                return None

    def _nested(self, segment: Segment, level: int) -> tuple[RunStatement, ...]:
        if level == DEEPEST_BLOCK:
            self.found.append(layout_errors.too_deep(self._span(segment.header), DEEPEST_BLOCK))
            self.lost.append(self._lost(segment.header, "for"))
            return ()
        return cast("tuple[RunStatement, ...]", tuple(self.statements(segment.body, level + 1)))

    def _nothing_in(self, lines: Sequence[Line], keyword: str | None) -> None:
        """Report lines that do not belong here, together as one mistake."""
        kept = trim(lines)
        if kept and self.source.text[kept[0].start] == "#":
            self.found.append(layout_errors.comment_out_of_place(self.source, kept[0]))
        elif kept and keyword is None and keyword_of(self.source.text, kept[0]) in FORMS:
            self.found.append(layout_errors.indented_statements(self.source, kept))
        elif kept:
            self.found.append(layout_errors.under_nothing(self._span(kept[0]), keyword))

    def _lose(self, segment: Segment, header: Header, body: BodyParts) -> Statement | None:
        """Keep what others depend on of a statement whose header was not understood."""
        if header.mistake is not None:
            self.found.append(header.mistake)
        lost = self._lost(segment.header, header.keyword, header.guess)
        self.lost.append(lost)
        if header.keyword not in ("story", "scene"):
            return None
        kept = body if isinstance(body, Body) else read_body(self.source, segment.body, [])
        return _stand_in(lost, len(self.lost), kept)

    def _lost(self, header: Line, keyword: str | None, guess: str | None = None) -> Lost:
        shape = _NAMES_IN.get(keyword or "", _NAME_IN)
        name = shape.match(guess or self.source.text[header.start : header.start + LONGEST_HEADER])
        return Lost(self._span(header), keyword, name[1] if name else None)

    def _span(self, line: Line) -> Span:
        return Span(self.source, line.start, line.end)


def _hides_header(text: str, comment: Line, *, is_title: bool) -> bool:
    """Whether a comment was a header, or, where it can be a title, names a shot or scene by its number."""
    found = _HEADER_IN_COMMENT.match(text, comment.start, comment.end)
    if found is not None and (is_title or not text.startswith("##", comment.start)):
        return True
    if not is_title:
        return False
    from storyboard.syntax.shot_numbers import names_numbered_shot

    return names_numbered_shot(text[comment.start : comment.end])


def _names_without_body(statement: Statement) -> list[Lost]:
    """Return the names that a statement without a body declares: the statements below are probably meant as its
    body."""
    match statement:
        case TemplateDecl():
            names = [parameter.name for parameter in statement.parameters]
        case ForDecl():
            names = [statement.variable]
        case _:
            names = []
    return [Lost(statement.span, "template", name.text) for name in names]


def _stand_in(lost: Lost, number: int, body: Body) -> Statement:
    """Return a replacement for a `story` or `scene` line that was not understood, for the lines after it."""
    span = lost.span
    if lost.keyword == "story":
        title = StringValue("", Text(span.source, "", (span.end,)), Span(span.source, span.end, span.end))
        return StoryDecl(span, title, None, body)
    return SceneDecl(span, Name(lost.name or f"?{number}", span), None, None, body)
