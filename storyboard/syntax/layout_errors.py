"""Diagnostics about layout: keywords, indents, bodies, comments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
_MARKED = lazy_pattern(r"(?:[-*•+>@]|[0-9]{1,3}[.)]|#{1,6}|\*{2,3}|_{2,3})[ \t]*([a-z]+)\b.*?([*_]*)$")
"""A statement with a mark of a list or a heading before it."""
_RULE = lazy_pattern(r"(?:[-*_=~][ \t]*){3,}$|`{3}\w*$")
_CALLED = lazy_pattern(r"@?([^\W\d][\w.]*)[ \t]*\(.*\)$")
_TRANSITION = lazy_pattern(
    r"(?:(?:SMASH |MATCH |JUMP |HARD )?CUT(?: TO| BACK)?|FADE (?:IN|OUT|TO [A-Z]+)|DISSOLVE(?: TO)?|WIPE TO|THE END)"
    r"\b[.:]?$"
    r"|(?:transition|[Cc]ut to|[Ff]ade (?:in|out|to black)|[Dd]issolve(?: to)?)\b[^.!?]{0,20}[.:]?$"
)
_FROM_ELSEWHERE = lazy_pattern(
    r"\||[-*•+][ \t]|\*\*|[0-9]{1,4}[ \t]*[,;.)][ \t]*\S|[{\[]|\"[^\"]*\"[ \t]*[:,]|\.?(?:INT|EXT|I/E)[./ ]"
    r"|[A-Z][A-Z '.-]+(?:[(:].*)?$|(?:Shot|Scene|SHOT|SCENE|镜头|场景|分镜)[ \t]*#?[0-9]|\[?[0-9]{1,2}:[0-9]{2}\b"
)
"""Lines that were pasted from a table, a list, a script or a chat, rather than text that lost its indent."""
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
    written = source.text[line.start : line.end]
    is_named = not keyword.isascii() and len(written.split()) == 2
    is_other = other in known and (is_named or has_sign(other, written))
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
    return _no_statement(source, line, span, known)


def _no_statement(source: Source, line: Line, word: Span, known: Mapping[str, object]) -> Diagnostic:
    """Report a line that begins with no keyword and with nothing near one."""
    written = source.text[line.start : line.end]
    whole = Span(source, line.start, line.end)
    marked = _MARKED.match(written)
    if marked is not None and marked[1] in known and has_sign(marked[1], written):
        right = written[marked.start(1) : marked.start(2)]
        edits = [Edit(Span(source, line.start, line.start + marked.start(1)), "")]
        if marked[2]:
            edits.append(Edit(Span(source, line.start + marked.start(2), line.end), ""))
        return reading.UNKNOWN_KEYWORD.at(
            word,
            f"nothing may come before the keyword `{marked[1]}`",
            help=f"write {quoted(right)}",
            fix=Fix(f"write {quoted(right)}", tuple(edits), safe=True),
        )
    if _RULE.match(written) is not None:
        return _ruled(word)
    called = _CALLED.match(written)
    if called is not None:
        right = f"use {written.removeprefix('@')}"
        return reading.UNKNOWN_KEYWORD.at(
            word,
            f"{quoted(called[1])} is not a keyword",
            help=f"to insert the shots of a template, write {quoted(right)}; a phrase is inserted with `{{{{ }}}}`",
        )
    if _FROM_ELSEWHERE.match(written) is not None:
        return reading.UNKNOWN_KEYWORD.at(whole, _PASTED, help=_IMPORT_IT)
    if len(written.split()) > 2 and (written[-1] in ".!?," or written[0].isupper()):
        return reading.UNKNOWN_KEYWORD.at(
            whole,
            "this line is not a statement",
            help="text is indented under a header such as `shot name 5s`; a comment starts with `#`",
        )
    return reading.UNKNOWN_KEYWORD.at(
        word,
        f"{quoted(word.text)} is not a keyword",
        help=f"indent text under its header; start a comment with `#`; keywords allowed here are {listed(known)}",
    )


def _ruled(line: Span) -> Diagnostic:
    """Report a line such as `---`; at the start of a file it begins front matter."""
    if not line.source.text[: line.start].strip():
        help_ = "delete the lines above `story`; a setting is a line `.name value` under `story`"
        return reading.UNKNOWN_KEYWORD.at(line, "a story has no front matter", help=help_)
    return reading.UNKNOWN_KEYWORD.at(
        line, "a ruled line has no meaning in a story", help="delete the line; a comment starts with `#`"
    )


_PASTED = "this line looks pasted from a list, a table or a script"
_IMPORT_IT = (
    "delete it, or make it a comment with `#`; to make shots of a whole list, save it in a file of its own and run "
    "`storyboard import FILE`"
)


def flush_text(source: Source, lines: Sequence[Line], header: Span) -> Diagnostic:
    """Report unindented text below a header that takes text."""
    written = source.text[lines[0].start : lines[0].end]
    more = f"and {len(lines) - 1} more below" if len(lines) > 1 else ""
    first = Span(source, lines[0].start, lines[0].end)
    if _TRANSITION.match(written) is not None:
        return reading.UNKNOWN_KEYWORD.at(
            first,
            "a cut needs no line of its own",
            help="delete the line; for a fade, write `.transition fade 0.5s` in the shot that begins with it",
        )
    if _RULE.match(written) is not None:
        return _ruled(first)
    if _FROM_ELSEWHERE.match(written) is not None:
        return reading.UNKNOWN_KEYWORD.at(first, _PASTED, label=more, help=_IMPORT_IT)
    edits = tuple(Edit(Span(source, line.start, line.start), "  ") for line in lines)
    return reading.UNKNOWN_KEYWORD.at(
        first,
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


def indented_statements(source: Source, lines: Sequence[Line]) -> Diagnostic:
    """Report statements at the beginning of a file that are indented, together with what follows them."""
    first = lines[0]
    keyword = source.text[first.start : first.end].split(None, 1)[0]
    edits = tuple(
        Edit(Span(source, line.start - line.indent, line.start - max(line.indent - first.indent, 0)), "")
        for line in lines
        if line.start < line.end and line.indent
    )
    return reading.NO_BODY.at(
        Span(source, first.start, first.end),
        f"`{keyword}` is indented; a statement starts at column 0",
        help="move it, and the lines that are indented like it, to column 0",
        fix=Fix("move them to column 0", edits, safe=True),
    )


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
