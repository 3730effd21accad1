"""What is indented under a header: settings and text, read line by line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lark import UnexpectedInput

from storyboard.diagnostics import Diagnostic, Edit, Fix, Related
from storyboard.diagnostics.rules import reading
from storyboard.source import Source, Span
from storyboard.syntax import mistakes
from storyboard.syntax.grammar import parse_setting
from storyboard.syntax.layout import Line, trim
from storyboard.syntax.tree import Body, Name, Setting, Text

_SETTING = re.compile(r"\.[^\W\d]")
_REPEATABLE = "negative"


def is_setting(text: str, line: Line) -> bool:
    """Whether a line begins with a dot and a name."""
    return _SETTING.match(text, line.start) is not None


def read_body(source: Source, lines: Sequence[Line], found: list[Diagnostic]) -> Body:
    """Settings, then text; a line that is neither in its place is an error for itself."""
    text = source.text
    settings: dict[int, Setting] = {}
    words: list[Line] = []
    for line in trim(lines):
        sign = text[line.start : line.start + 1]
        if not sign:
            words.append(line)
        elif sign == "#":
            found.append(_comment_in_text(source, line))
        elif sign == "." and is_setting(text, line):
            if _begun(words):
                found.append(_setting_after_text(source, line))
            setting = read_setting(source, line, found)
            if setting is not None:
                settings[line.start] = setting
        elif not _begun(words) and (mistake := mistakes.near_setting(source, line)) is not None:
            found.append(mistake)
        else:
            words.append(line)
    return Body(_once_each(settings.values(), found), text_of(source, words))


def read_text(source: Source, lines: Sequence[Line], keyword: str, found: list[Diagnostic]) -> Text | None:
    """A body that is text alone."""
    text = source.text
    words: list[Line] = []
    for line in lines:
        sign = text[line.start : line.start + 1]
        if sign == "#":
            found.append(_comment_in_text(source, line))
        elif sign == "." and is_setting(text, line):
            found.append(setting_not_here(source, line, keyword))
        else:
            words.append(line)
    return text_of(source, words)


def read_setting(source: Source, line: Line, found: list[Diagnostic]) -> Setting | None:
    """The setting that a line is; None, and a finding, where it is none."""
    try:
        token, value = parse_setting(source, line)
    except UnexpectedInput:
        diagnostic, repaired = mistakes.broken_setting(source, line)
        found.append(diagnostic)
        return repaired
    name = Name(token[1:], Span(source, line.start, line.start + len(token)))
    if value is None:
        return Setting(name, Text(source, "", (line.end,)), Span(source, line.start, line.end))
    if (mistake := mistakes.value_of_setting(source, line, value.start_pos or 0)) is not None:
        found.append(mistake[0])
        return mistake[1]
    return Setting(name, Text(source, str(value), (value.start_pos or 0,)), Span(source, line.start, line.end))


def text_of(source: Source, lines: Sequence[Line]) -> Text | None:
    """Lines as one text, without the blank ones at its ends; None where nothing is left."""
    kept = trim(lines)
    if not kept:
        return None
    whole = source.text
    raw = "\n".join([whole[line.start : line.end] for line in kept])
    return Text(source, raw, tuple([line.start for line in kept]))


def setting_not_here(source: Source, line: Line, keyword: str | None) -> Diagnostic:
    """A setting under a keyword, or at a place, that takes none."""
    where = "here" if keyword is None else f"under `{keyword}`"
    name = mistakes.setting_word(source, line)
    return reading.NOT_HERE.at(
        Span(source, line.start, line.end),
        f"no setting can stand {where}",
        help=f'settings stand under `story`, `scene` and `shot`; as text, write `{{{{ "{name}" }}}}`',
    )


def _begun(words: Sequence[Line]) -> bool:
    return any(line.start < line.end for line in words)


def _once_each(settings: Iterable[Setting], found: list[Diagnostic]) -> tuple[Setting, ...]:
    first: dict[str, Setting] = {}
    kept = []
    for setting in settings:
        name = setting.name.text
        if name == _REPEATABLE or first.setdefault(name, setting) is setting:
            kept.append(setting)
        else:
            found.append(_setting_twice(setting, first[name]))
    return tuple(kept)


def _setting_twice(setting: Setting, first: Setting) -> Diagnostic:
    return reading.SETTING_TWICE.at(
        setting.span,
        f"`.{setting.name.text}` stands here a second time",
        help="delete one of the two",
        related=[Related("the first", first.span)],
    )


def _setting_after_text(source: Source, line: Line) -> Diagnostic:
    name = mistakes.setting_word(source, line)
    return reading.SETTING_AFTER_TEXT.at(
        Span(source, line.start, line.end),
        f"the setting `{name}` stands after the text",
        help=f'move it above the text; as text, write `{{{{ "{name}" }}}}`',
    )


def _comment_in_text(source: Source, line: Line) -> Diagnostic:
    start = line.start - line.indent
    return reading.COMMENT_IN_TEXT.at(
        Span(source, line.start, line.end),
        "a line of text begins with `#`",
        help='move the `#` to column 0 to comment the line out; to say it, write `{{ "#" }}`',
        fix=Fix("move the comment to column 0", (Edit(Span(source, start, line.start), ""),)),
    )
