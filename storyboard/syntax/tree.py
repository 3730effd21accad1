"""The story as written: one frozen type per statement, with its places. Nothing here has been checked.

Every `span` is a stretch of the author's file, also inside the bodies of templates and loops.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

from storyboard.fast_named_tuples import NamedTuple
from storyboard.source import Source, Span


@lru_cache(maxsize=8)
def _line_begins(raw: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", raw))]


class Text(NamedTuple):
    """The author's text, unfilled: a body's lines without their indents and trailing blanks, a setting's value, a
    string's inside.

    `raw` holds its lines joined by `\\n` (never `\\r`); comments inside a body are gone from it. `starts[i]` is the
    offset in `source` at which line `i` of `raw` begins, so that a place in `raw` is a place in the file.
    """

    source: Source
    raw: str
    starts: tuple[int, ...]

    def offset(self, index: int) -> int:
        """Return the offset in the file of a place in `raw`."""
        if len(self.starts) == 1:
            return self.starts[0] + index
        begins = _line_begins(self.raw)
        line = bisect_right(begins, index) - 1
        return self.starts[line] + index - begins[line]

    def span(self, start: int, end: int) -> Span:
        """Return the file's stretch for a stretch of `raw`."""
        return Span(self.source, self.offset(start), self.offset(end))

    @property
    def whole(self) -> Span:
        """All of it."""
        return self.span(0, len(self.raw))


class Name(NamedTuple):
    """A name as written, in NFC; dotted where a name of an import may stand (`house.clean`)."""

    text: str
    span: Span


class StringValue(NamedTuple):
    """A quoted string. `value` has its escapes resolved; `text` is the same for filling in (`{{ }}`) with its places.

    Where escapes shorten it, places inside `text` may be off by the escape's length, never out of the string.
    """

    value: str
    text: Text
    span: Span


class NumberValue(NamedTuple):
    """A number, and how it was written."""

    value: Decimal
    written: str
    span: Span


class DurationValue(NamedTuple):
    """A duration in seconds, and how it was written (`4s`, `2.5s`)."""

    seconds: Decimal
    written: str
    span: Span


class NameValue(NamedTuple):
    """A name that stands for a value."""

    name: Name

    @property
    def span(self) -> Span:
        """Its place."""
        return self.name.span


class WordsValue(NamedTuple):
    """Bare words of a `for` list, up to the comma; one word may turn out to be a name."""

    words: str
    span: Span


class RangeValue(NamedTuple):
    """`1..3`; both ends are included."""

    first: int
    last: int
    span: Span


Argument: TypeAlias = StringValue | NumberValue | DurationValue | NameValue
LoopValue: TypeAlias = StringValue | NumberValue | DurationValue | WordsValue | RangeValue


class Parameter(NamedTuple):
    """A parameter of a phrase or template."""

    name: Name
    default: Argument | None


class Given(NamedTuple):
    """An argument as given, by place (`name` is None) or by name."""

    name: Name | None
    value: Argument
    span: Span


class Setting(NamedTuple):
    """`.name value`; `value.raw` is "" when nothing follows. `span` is the line without its indent and line end."""

    name: Name
    value: Text
    span: Span


class Body(NamedTuple):
    """What is indented under a header that takes settings and text. `text` is None when there is none."""

    settings: tuple[Setting, ...] = ()
    text: Text | None = None


class EditionDecl(NamedTuple):
    span: Span
    number: NumberValue


class StoryDecl(NamedTuple):
    span: Span
    title: StringValue
    promise: DurationValue | None
    body: Body


class ImportDecl(NamedTuple):
    span: Span
    path: StringValue
    alias: Name | None


class LetDecl(NamedTuple):
    """A `let` or, where `is_param`, a `param`. `value.raw` is "" for an empty param.

    `choices` are the only values that a param may have, the first being its value; none where it may have any.
    """

    span: Span
    name: Name
    value: Text
    is_param: bool
    choices: tuple[LoopValue, ...] = ()


class PhraseDecl(NamedTuple):
    span: Span
    name: Name
    parameters: tuple[Parameter, ...]
    text: Text


class TemplateDecl(NamedTuple):
    span: Span
    name: Name
    parameters: tuple[Parameter, ...]
    statements: tuple[RunStatement, ...]


class UseDecl(NamedTuple):
    span: Span
    template: Name
    arguments: tuple[Given, ...]
    label: Name | None


class ForDecl(NamedTuple):
    span: Span
    variable: Name
    values: tuple[LoopValue, ...]
    statements: tuple[RunStatement, ...]


class SceneDecl(NamedTuple):
    span: Span
    name: Name
    title: StringValue | None
    promise: DurationValue | None
    body: Body


class ShotDecl(NamedTuple):
    span: Span
    name: Name
    length: DurationValue | NameValue
    body: Body


class SplitDecl(NamedTuple):
    span: Span


RunStatement: TypeAlias = ShotDecl | UseDecl | ForDecl | SplitDecl
Statement: TypeAlias = (
    EditionDecl | StoryDecl | ImportDecl | LetDecl | PhraseDecl | TemplateDecl | SceneDecl | RunStatement
)
"""`span` of every statement is its header: the line without indent, trailing comment and line end."""


class Comment(NamedTuple):
    """A comment, `#` included, without trailing blanks. `level` counts the blocks around one on a line of its own; 0 is
    column 0."""

    span: Span
    text: str
    level: int = 0


class Lost(NamedTuple):
    """What a statement that was not understood would have declared, as far as known, so that no follow-up errors are
    reported: an unknown name that it would have declared, a promise that lacks its seconds."""

    span: Span
    keyword: str | None = None
    name: str | None = None


class StoryFile(NamedTuple):
    """One file's statements in order. `broken` are the segments that were not understood, whole; `comments` is the side
    table that lets the printer lose none. `lost` are the statements that are missing from `statements`, nested ones
    too; a `story` or `scene` line that was not understood stands in `statements` as far as it could be read."""

    source: Source
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...] = ()
    broken: tuple[Span, ...] = ()
    lost: tuple[Lost, ...] = ()

    def is_broken(self, header: Span) -> bool:
        """Whether the statement that begins there, at column 0, had a mistake, even if it was fixed."""
        place = bisect_right(self.broken, header.start, key=lambda span: span.start)
        return place > 0 and self.broken[place - 1].start == header.start

    @property
    def story(self) -> StoryDecl | None:
        """Its `story` statement; None makes it a library."""
        return next((s for s in self.statements if isinstance(s, StoryDecl)), None)


class Unit(NamedTuple):
    """A file with the files it imports, loaded. `imports` has one entry for each `ImportDecl` of `file` that could be
    loaded (shared, not copied, where two files import the same third)."""

    file: StoryFile
    imports: tuple[tuple[ImportDecl, Unit], ...] = ()
