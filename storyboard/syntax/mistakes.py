"""Syntax mistakes taught by example: a header or setting that the grammar refuses, explained in the author's words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from storyboard.diagnostics import Diagnostic, Edit, Fix
from storyboard.diagnostics.rules import reading
from storyboard.diagnostics.suggest import suggest
from storyboard.source import Source, Span
from storyboard.syntax.builder import BodyParts
from storyboard.syntax.forms import FORMS, NESTED
from storyboard.syntax.layout import Line
from storyboard.syntax.tree import (
    Body,
    ForDecl,
    LetDecl,
    Name,
    PhraseDecl,
    SceneDecl,
    Setting,
    Statement,
    StoryDecl,
    StringValue,
    TemplateDecl,
    Text,
)

_SETTING_WORD = re.compile(r"\.[^\W\d]\w*")


def setting_word(source: Source, line: Line) -> str:
    """The `.name` that a line begins with."""
    match = _SETTING_WORD.match(source.text, line.start)
    return match[0] if match else "."


def near_setting(source: Source, line: Line) -> Diagnostic | None:
    """A line before any text that was surely meant as a setting."""
    return None


def broken_setting(source: Source, line: Line) -> tuple[Diagnostic, Setting | None]:
    """Why a line that begins with a dot and a name is no setting, and the one that was surely meant."""
    name = setting_word(source, line)
    return (
        reading.SETTING_FORM.at(Span(source, line.start, line.end), f"`{name}` is not followed by a space and a value"),
        None,
    )


def value_of_setting(source: Source, line: Line, start: int) -> tuple[Diagnostic, Setting | None] | None:
    """A value that shows a slip in the setting's form."""
    return None


def broken_header(source: Source, line: Line, keyword: str, offset: int) -> Diagnostic:
    """Why a header is none: `offset` is where the grammar gave up."""
    return reading.HEADER_FORM.at(
        Span(source, offset, max(offset, line.end)),
        f"this does not belong into a `{keyword}` line"
        if offset < line.end
        else f"the `{keyword}` line ends too early",
        help=f"its form: `{FORMS[keyword].example}`",
    )


def unknown_keyword(source: Source, line: Line, keyword: str, *, nested: bool) -> Diagnostic:
    """A line where a statement should begin and none does."""
    known = NESTED if nested else FORMS
    span = Span(source, line.start, line.start + (len(keyword) or 1))
    if keyword in FORMS:
        return reading.NOT_HERE.at(
            span,
            f"`{keyword}` cannot stand in the body of a `template` or `for`",
            help="move it to column 0; here stand `shot`, `use`, `for` and `split`",
        )
    meant = suggest(keyword, known)
    if meant is None:
        return reading.UNKNOWN_KEYWORD.at(
            span,
            f"`{span.text}` is no keyword",
            help="text is indented under its header; a comment begins with `#`; keywords are "
            + ", ".join(f"`{word}`" for word in known),
        )
    return reading.UNKNOWN_KEYWORD.at(
        span,
        f"`{keyword}` is no keyword",
        label=f"did you mean `{meant}`?",
        help=f"did you mean `{meant}`?",
        fix=Fix(f"write `{meant}`", (Edit(span, meant),)),
    )


def mixed_indent(source: Source, body: Sequence[Line], line: Line, *, fixable: bool) -> Diagnostic:
    """A body that is indented with tabs and spaces; text and settings are moved without harm."""
    edits = tuple(
        Edit(Span(source, line.start - line.indent, line.start), "  ")
        for line in body
        if line.start < line.end and line.indent
    )
    return reading.MIXED_INDENT.at(
        Span(source, line.start - line.indent, line.start),
        "this body is indented with tabs and spaces",
        help="use one of them for the whole body",
        fix=Fix("indent the body with two spaces", edits) if fixable else None,
    )


def too_deep(span: Span, deepest: int) -> Diagnostic:
    """A block in a block in a block."""
    return reading.TOO_DEEP.at(
        span, f"this stands more than {deepest} blocks deep", help="give the inner ones to a `template`, and `use` it"
    )


def under_nothing(span: Span, keyword: str | None) -> Diagnostic:
    """Indented lines that nothing above them can hold."""
    if keyword is None:
        return reading.NO_BODY.at(
            span, "an indented line needs a header above it", help="begin with a keyword at column 0"
        )
    return reading.NO_BODY.at(
        span, f"nothing can be indented under `{keyword}`", help="move it under the statement that it belongs to"
    )


def missing_body(statement: Statement, body: BodyParts, *, lost: bool) -> list[Diagnostic]:
    """A statement that is nothing without what is indented under it; `lost` if something was, but not understood."""
    if lost:
        return []
    match statement:
        case LetDecl(is_param=False) if isinstance(body, Text) != (not _inline(statement)):
            return [_let_text(statement, both=isinstance(body, Text))]
        case PhraseDecl() | TemplateDecl() | ForDecl() if not body:
            keyword = statement.span.text.split(None, 1)[0]
            what = "text" if keyword == "phrase" else "statements"
            return [
                reading.BODY_MISSING.at(
                    statement.span, f"this `{keyword}` has no {what}", help=f"indent its {what} under it, by two spaces"
                )
            ]
    return []


def _inline(statement: LetDecl) -> bool:
    """Whether text stands behind the `=` of a `let`."""
    return bool(statement.span.text.partition("=")[2].strip())


def _let_text(statement: LetDecl, *, both: bool) -> Diagnostic:
    name = statement.name.text
    if both:
        return reading.LET_TEXT.at(
            statement.span,
            f"`{name}` has a text behind its `=` and another one under it",
            help="keep one of the two",
        )
    return reading.LET_TEXT.at(
        statement.span,
        f"`{name}` has no text",
        help=f"write `let {name} = text`, or indent its text under it; `param {name} =` may be empty",
    )


def stand_in(span: Span, keyword: str, name: str | None, body: Body) -> Statement:
    """What a broken `story` or `scene` line still is to the lines behind it."""
    nowhere = Span(span.source, span.end, span.end)
    if keyword == "story":
        return StoryDecl(span, StringValue("", Text(span.source, "", (span.end,)), nowhere), None, body)
    return SceneDecl(span, Name(name or f"?{span.position.line}", span), None, None, body)
