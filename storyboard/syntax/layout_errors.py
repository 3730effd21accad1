"""Diagnostics about layout: keywords, indents, bodies, comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from storyboard.diagnostics import Diagnostic, Edit, Fix, Related
from storyboard.diagnostics.rules import pasted, reading
from storyboard.diagnostics.suggest import is_one_slip, suggest
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.source import Source, Span
from storyboard.syntax.builder import BodyParts
from storyboard.syntax.foreign_formats import NOT_IMPORTED
from storyboard.syntax.full_width import edits as full_width_edits
from storyboard.syntax.full_width import narrow, without_invisible
from storyboard.syntax.keywords import FORMS, NESTED, OTHER_WORDS, Takes
from storyboard.syntax.layout import Line
from storyboard.syntax.quoting import listed, quoted
from storyboard.syntax.settings import is_setting
from storyboard.syntax.statement_signs import has_sign
from storyboard.syntax.tree import ForDecl, LetDecl, PhraseDecl, Setting, Statement, TemplateDecl, Text

_CLOSING = {"/*": "*/", "<!--": "-->"}
"""How comments of other languages end."""
_GLUED = lazy_pattern(r"(let|param|phrase|template)([^\W\d]\w*)(?=[ \t]*[=(])")
MERGE_MARKS = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")
"""How the lines that git writes around a conflict start."""


def unknown_keyword(source: Source, line: Line, keyword: str, *, nested: bool) -> Diagnostic:
    """Report a line where a statement should begin and none does."""
    known = NESTED if nested else FORMS
    word = keyword or source.text[line.start : line.end].partition(" ")[0]
    span = Span(source, line.start, line.start + len(word))
    if keyword in FORMS:
        return reading.NOT_HERE.at(
            span,
            f"`{keyword}` is not allowed in the body of a `template` or `for`",
            help=f"move it to column 0; allowed here are {listed(NESTED)}",
        )
    narrowed = narrow(keyword)
    if narrowed != keyword and narrowed in known:
        return reading.FULL_WIDTH.at(
            span,
            f"{quoted(keyword)} is written in full-width letters",
            help=f"write `{narrowed}`",
            fix=Fix(f"write `{narrowed}`", (Edit(span, narrowed),), safe=True),
        )
    seen = re.match(r"\w+", without_invisible(source.text[line.start : line.end]))
    if seen is not None and seen[0] != keyword and seen[0] in known:
        edits = tuple(edit for edit in full_width_edits(source, line.start, line.end) if not edit.text)
        return reading.FULL_WIDTH.at(
            Span(source, line.start, line.start + max(len(word), 1)),
            f"there is a character in `{seen[0]}` that cannot be seen",
            help="delete it",
            fix=Fix("delete it", edits, safe=True),
        )
    glued = _GLUED.match(source.text, line.start, line.end)
    if glued is not None and not nested:
        right = f"{glued[1]} {glued[2]}"
        return reading.UNKNOWN_KEYWORD.at(
            span,
            f"a space is missing in {quoted(keyword)}",
            label=f"did you mean {quoted(right)}?",
            help=f"did you mean {quoted(right)}?",
            fix=Fix(f"write {quoted(right)}", (Edit(Span(source, glued.end(1), glued.end(1)), " "),), safe=True),
        )
    other = OTHER_WORDS.get(keyword.lower(), "")
    is_other = other in known and has_sign(other, source.text[line.start : line.end])
    meant = other if is_other else suggest(keyword, known)
    if meant is not None:
        return reading.UNKNOWN_KEYWORD.at(
            span,
            f"`{keyword}` is not a keyword",
            label=f"did you mean `{meant}`?",
            help=f"did you mean `{meant}`?",
            fix=Fix(
                f"write `{meant}`",
                (Edit(span, meant),),
                safe=is_one_slip(keyword, meant) or (is_other and not keyword.isascii()),
            ),
        )
    if source.text.startswith(MERGE_MARKS, line.start):
        return reading.UNKNOWN_KEYWORD.at(
            span,
            "unresolved merge conflict",
            help="keep the right lines between `<<<<<<<` and `>>>>>>>`, and remove the conflict markers",
        )
    return reading.UNKNOWN_KEYWORD.at(
        span,
        f"{quoted(word)} is not a keyword",
        help=f"indent text under its header; start a comment with `#`; keywords allowed here are {listed(known)}",
    )


def flush_text(source: Source, lines: Sequence[Line], header: Span) -> Diagnostic:
    """Report unindented text below a header that takes text."""
    edits = tuple(Edit(Span(source, line.start, line.start), "  ") for line in lines)
    more = f"and {len(lines) - 1} more below" if len(lines) > 1 else ""
    return reading.UNKNOWN_KEYWORD.at(
        Span(source, lines[0].start, lines[0].end),
        "this line is not a statement; text must be indented under its header",
        label=more,
        help=f"indent it by two spaces, to make it text of {quoted(header.text)}; a comment starts with `#`",
        fix=Fix("indent the text", edits),
        related=(Related("its header", header),),
    )


def not_a_story(span: Span, what: str) -> Diagnostic:
    """Report a file that is entirely in another format."""
    name = span.source.path.name
    help_ = f"`storyboard import {name} --out NAME.story` writes a story from it"
    if what in NOT_IMPORTED:
        help_ = (
            'a story starts with `story "Title"`; a shot is `shot name 5s`, with its text indented under it; '
            "`storyboard explain language --short` shows the rest"
        )
    return reading.NOT_A_STORY.at(span, f"this file is {what}, not a story", help=help_)


def other_comment(source: Source, line: Line, sign: str) -> Diagnostic:
    """Report a comment in the style of another language."""
    span = Span(source, line.start, line.start + len(sign))
    rule = reading.UNKNOWN_KEYWORD if sign.isascii() else reading.FULL_WIDTH
    edits = [Edit(span, "#")]
    if (last := _CLOSING.get(sign)) is not None:
        end = source.text.rfind(last, span.end, line.end)
        if end >= 0 and not source.text[end + len(last) : line.end].strip():
            edits.append(Edit(Span(source, len(source.text[:end].rstrip(" \t")), line.end), ""))
        else:
            edits = []
    fix = Fix("write `#`", tuple(edits), safe=True) if edits else None
    return rule.at(span, f"a comment starts with `#`, not with `{sign}`", help="write `#`", fix=fix)


def brace(source: Source, line: Line) -> Diagnostic:
    """Report a line that consists of braces, as other languages put them around a body."""
    span = Span(source, line.start, line.end)
    begin = line.start - line.indent
    end = min(line.end + 1, len(source.text))
    return reading.UNKNOWN_KEYWORD.at(
        span,
        "braces have no meaning around a body",
        help="delete this line: what is indented under a header belongs to it",
        fix=Fix("delete the line", (Edit(Span(source, begin, end), ""),), safe=True),
    )


def setting_goes_on(source: Source, lines: Sequence[Line], at: int) -> Diagnostic:
    """Report a line that is indented deeper than the setting above it."""
    setting, last = lines[at - 1], at
    while (
        last + 1 < len(lines)
        and lines[last + 1].indent > setting.indent
        and lines[last + 1].start < lines[last + 1].end
    ):
        last += 1
    more = [source.text[line.start : line.end] for line in lines[at : last + 1]]
    join = Edit(Span(source, setting.end, lines[last].end), " " + " ".join(more))
    return pasted.SETTING_GOES_ON.at(
        Span(source, lines[at].start, lines[at].end),
        "a setting is a single line; this line would be part of the prompt",
        help="move it to the line of the setting; or, if it is text, indent it like the setting",
        fix=Fix("join the lines", (join,)),
        related=(Related("the setting", Span(source, setting.start, setting.end)),),
    )


def commented_header(source: Source, comment: Line, body: Sequence[Line], above: Span) -> Diagnostic:
    """Report a header that is commented out while its body is not."""
    edits = tuple(Edit(Span(source, line.start - line.indent, line.start - line.indent), "# ") for line in body)
    return pasted.COMMENTED_HEADER.at(
        Span(source, comment.start, comment.end),
        f"the lines below would become part of `{above.text}`",
        help="comment them out too, or remove the `#` from the header",
        fix=Fix("comment out the lines below", edits),
        related=(Related("they would continue this", above),),
    )


def wide_indent(source: Source, line: Line, blanks: int) -> Diagnostic:
    """Report a line that is indented with other blanks than spaces and tabs."""
    span = Span(source, line.start, line.start + blanks)
    return reading.FULL_WIDTH.at(
        span,
        f"this line is indented with U+{ord(span.text[0]):04X}; use spaces or tabs",
        help="indent it with two spaces",
        fix=Fix("indent with two spaces", (Edit(span, "  "),), safe=True),
    )


def mixed_indent(source: Source, body: Sequence[Line], line: Line, *, fixable: bool) -> Diagnostic:
    """Report a body that is indented with tabs and spaces. The fix indents text and settings again, except a line
    deeper than the setting above it, whose meaning is unclear."""
    edits = tuple(
        Edit(Span(source, each.start - each.indent, each.start), "  ")
        for each in body
        if each.start < each.end and each.indent
    )
    lines = [each for each in body if each.start < each.end]
    deeper = any(
        is_setting(source.text, above) and not is_setting(source.text, below) and below.indent > above.indent
        for above, below in pairwise(lines)
    )
    return reading.MIXED_INDENT.at(
        Span(source, line.start - line.indent, line.start),
        "this body is indented with both tabs and spaces",
        help="use one of them for the whole body",
        fix=Fix("indent the body with two spaces", edits, safe=True) if fixable and not deeper else None,
    )


def uneven_indent(span: Span) -> Diagnostic:
    """Report a line in a block, left of where its statements begin."""
    return reading.UNEVEN_INDENT.at(
        span,
        "this line starts to the left of the statements above it",
        help="all statements of a block start in the same column, and their bodies are indented further",
    )


def too_deep(span: Span, deepest: int) -> Diagnostic:
    """Report a block that is nested too deeply."""
    return reading.TOO_DEEP.at(
        span,
        f"this is nested more than {deepest} levels deep",
        help="move the inner levels to a `template` and `use` it",
    )


def too_long(span: Span, longest: int) -> Diagnostic:
    """Report a header that is too long."""
    return reading.HEADER_FORM.at(
        span, f"this header is longer than {longest} characters", help="indent text under its header"
    )


def too_many(last: Diagnostic, most: int) -> Diagnostic:
    """Report a file with too many mistakes, at the one after which it is not read any further."""
    return last.rule.at(last.span, f"this file has more than {most:,} mistakes", help="fix these to see the others")


def under_nothing(span: Span, keyword: str | None) -> Diagnostic:
    """Report indented lines that belong to nothing above them."""
    if keyword is None:
        return reading.NO_BODY.at(
            span, "this indented line has no header above it", help=f"it needs one of {listed(_WITH_BODY)} above it"
        )
    way_out = "move it under the statement that it belongs to"
    if keyword == "param":
        way_out = "write its text after the `=`; for longer text that `--set` does not change, use `let`"
    return reading.NO_BODY.at(span, f"nothing can be indented under `{keyword}`", help=way_out)


def missing_body(statement: Statement, body: BodyParts) -> list[Diagnostic]:
    """Report a statement that needs a body, or has a text too many."""
    match statement:
        case LetDecl(is_param=False) if isinstance(body, Text) and statement.value is not body:
            return [_two_texts(statement)]
        case LetDecl(is_param=False) if not statement.value.raw:
            return [_no_text(statement)]
        case PhraseDecl() | TemplateDecl() | ForDecl() if not body:
            return [_empty(statement)]
    return []


def setting_not_here(source: Source, line: Line, name: str, keyword: str | None) -> Diagnostic:
    """Report a setting where none is allowed."""
    where = "here" if keyword is None else f"under `{keyword}`"
    return reading.NOT_HERE.at(
        Span(source, line.start, line.end),
        f"a setting is not allowed {where}",
        help=f'settings go under `story`, `scene` and `shot`; if this is text, write `{{{{ "{name}" }}}}`',
    )


def setting_at_column_0(source: Source, line: Line, name: str, *, fixable: bool) -> Diagnostic:
    """A setting that is not indented; `fixable` if it stands where its header's settings do."""
    return reading.NOT_HERE.at(
        Span(source, line.start, line.end),
        f"the setting `{name}` is not indented",
        help="indent it under its `story`, `scene` or `shot`, above the text",
        fix=Fix("indent it", (Edit(Span(source, line.start, line.start), "  "),), safe=True) if fixable else None,
    )


def setting_after_text(source: Source, line: Line, name: str, first: Line) -> Diagnostic:
    """A setting below the text of its body, which begins with the line `first`."""
    text = source.text
    begin, above = line.start - line.indent, first.start - first.indent
    end = min(line.end + 1, len(text))
    moved = Edit(Span(source, above, above), f"{text[above : first.start]}{text[line.start : line.end].rstrip()}\n")
    removed = Edit(Span(source, begin if end > line.end else begin - 1, end), "")
    return reading.SETTING_AFTER_TEXT.at(
        Span(source, line.start, line.end),
        f"the setting `{name}` comes after the text",
        help=f'move it above the text; if it is text, write `{{{{ "{name}" }}}}`',
        fix=Fix("move it above the text", (moved, removed), safe=True),
    )


def setting_twice(setting: Setting, first: Setting) -> Diagnostic:
    """A setting that its body has already."""
    return reading.SETTING_TWICE.at(
        setting.span,
        f"`.{setting.name.text}` is set twice",
        help="delete one of the two",
        related=[Related("the first", first.span)],
    )


def comment_in_text(source: Source, line: Line) -> Diagnostic:
    """A line of text that begins with `#`."""
    return reading.COMMENT_IN_TEXT.at(
        Span(source, line.start, line.end),
        "a line of text starts with `#`",
        help='to comment the line out, move the `#` to column 0; to send a `#`, write `{{ "#" }}`',
        fix=Fix("move the comment to column 0", (Edit(Span(source, line.start - line.indent, line.start), ""),)),
    )


def comment_out_of_place(source: Source, line: Line) -> Diagnostic:
    """A comment in a block, left of where its statements begin."""
    return reading.COMMENT_IN_TEXT.at(
        Span(source, line.start, line.end),
        "a comment must start at column 0 or in the column of the statements around it",
        help="move the `#` to column 0",
        fix=Fix(
            "move the comment to column 0", (Edit(Span(source, line.start - line.indent, line.start), ""),), safe=True
        ),
    )


_WITH_BODY = [keyword for keyword, form in FORMS.items() if form.takes is not Takes.NOTHING]


def _two_texts(statement: LetDecl) -> Diagnostic:
    return reading.LET_TEXT.at(
        statement.span,
        f"`{statement.name.text}` has one text after its `=` and another one under it",
        help="keep one of the two",
    )


def _no_text(statement: LetDecl) -> Diagnostic:
    name = statement.name.text
    return reading.LET_TEXT.at(
        statement.span,
        f"`{name}` has no text",
        help=f"write `let {name} = text`, or indent its text under it; to allow empty text, write `param {name} =`",
    )


def _empty(statement: Statement) -> Diagnostic:
    keyword = statement.span.text.split(None, 1)[0]
    what = "text" if keyword == "phrase" else "statements"
    return reading.BODY_MISSING.at(
        statement.span, f"this `{keyword}` has no {what}", help=f"indent its {what} under it by two spaces"
    )
