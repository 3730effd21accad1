"""Setting lines: `.name value`, and what authors write instead."""

from __future__ import annotations

import re

from lark import Token

from storyboard.diagnostics import Diagnostic, Edit, Fix, Rule
from storyboard.diagnostics.rules import reading
from storyboard.source import Source, Span
from storyboard.syntax.full_width import narrow
from storyboard.syntax.grammar import mended_setting, parse_setting
from storyboard.syntax.layout import Line
from storyboard.syntax.quoting import quoted
from storyboard.syntax.repair import Repair, repair
from storyboard.syntax.tree import Name, Setting, Text

_SETTING = re.compile(r"\.[^\W\d]\w*+")
_JOINED = re.compile(r"\.[^\W\d]\w*+([ \t]*([:=：＝﹕﹦])[ \t]*)")
_WIDE_GAP = re.compile(r"\.[^\W\d]\w*+([\u00a0\u2002-\u200a\u202f\u3000]+)")
_HYPHENS = re.compile(r"(\.[^\W\d]\w*+(?:-\w++)++)(?=[ \t]|$)")
_APART = re.compile(r"\.([ \t]++)[^\W\d]\w*(?=[ \t]|$)")
_WIDE_DOT = re.compile(r"([．。｡﹒・·])[a-z_]+(?=[ \t：＝:=]|$)")
_WIDE_RATIO = re.compile(r"\.[^\W\d]\w*+[ \t]++([0-9０-９]{1,9}[ \t]*[：﹕∶][ \t]*[0-9０-９]{1,9})$")
_FULL_WIDTH = "：＝﹕﹦"


def is_setting(text: str, line: Line) -> bool:
    """Whether a line begins with a dot and a name."""
    return _SETTING.match(text, line.start) is not None


def name_of(text: str, line: Line) -> str:
    """The `.name` that a line begins with."""
    match = _SETTING.match(text, line.start, line.end)
    return match[0] if match else "."


def read_setting(source: Source, line: Line, found: list[Diagnostic]) -> Setting | None:
    """The setting that a line is, or surely was meant to be; what is wrong with it goes to `found`."""
    mistake = near_setting(source, line) or _mistake(source, line)
    if mistake is not None:
        found.append(mistake)
        mended = repair(source.text, line.start, line.end, mistake.fix.edits) if mistake.fix else None
        return None if mended is None else _mended(source, line, mended)
    parsed = parse_setting(source.text, line.start, line.end)
    if parsed is None:
        found.append(_no_setting(source, line))
        return None
    return _setting(source, line, *parsed)


def near_setting(source: Source, line: Line) -> Diagnostic | None:
    """A line that is no setting and was surely meant as one: `. mode pro`, `。mode pro`."""
    text = source.text
    if (apart := _APART.match(text, line.start, line.end)) is not None:
        return _write(
            reading.SETTING_FORM,
            Span(source, *apart.span(1)),
            "",
            "no space stands between a setting's dot and its name",
        )
    if (dot := _WIDE_DOT.match(text, line.start, line.end)) is not None:
        return _write(
            reading.FULL_WIDTH, Span(source, *dot.span(1)), ".", f"a setting begins with `.`, not with `{dot[1]}`"
        )
    return None


def _mistake(source: Source, line: Line) -> Diagnostic | None:
    text, start, end = source.text, line.start, line.end
    if (joined := _JOINED.match(text, start, end)) is not None:
        rule = reading.FULL_WIDTH if joined[2] in _FULL_WIDTH else reading.SETTING_FORM
        message = f"no `{joined[2]}` stands between a setting's name and its value"
        return _write(rule, Span(source, *joined.span(1)), " ", message)
    if (wide := _WIDE_GAP.match(text, start, end)) is not None:
        message = f"U+{ord(wide[1][0]):04X} is not the space that stands behind a setting's name"
        return _write(reading.FULL_WIDTH, Span(source, *wide.span(1)), " ", message)
    if (hyphens := _HYPHENS.match(text, start, end)) is not None:
        right = hyphens[1].replace("-", "_")
        return _write(reading.SETTING_FORM, Span(source, *hyphens.span(1)), right, "settings' names have `_`, not `-`")
    if (ratio := _WIDE_RATIO.match(text, start, end)) is not None:
        right = re.sub(r"[ \t]*[：﹕∶][ \t]*", ":", narrow(ratio[1]))
        return _write(reading.FULL_WIDTH, Span(source, *ratio.span(1)), right, "a ratio is written with `:`")
    return None


def _write(rule: Rule, span: Span, text: str, message: str) -> Diagnostic:
    way_out = f"write {quoted(text)}" if text.strip() else "write one space" if text else "take it out"
    return rule.at(span, message, help=way_out, fix=Fix(way_out, (Edit(span, text),)))


def _no_setting(source: Source, line: Line) -> Diagnostic:
    name = name_of(source.text, line)
    rest = Span(source, line.start + len(name), line.end)
    return reading.SETTING_FORM.at(
        rest,
        f"{quoted(rest.text)} does not fit behind `{name}`",
        help=f'a setting is `.name value`; as text, write `{{{{ "{name}" }}}}`',
    )


def _mended(source: Source, line: Line, mended: Repair) -> Setting | None:
    parsed = mended_setting(mended)
    return None if parsed is None else _setting(source, line, *parsed)


def _setting(source: Source, line: Line, name: Token, value: Token | None) -> Setting:
    named = Name(name[1:], Span(source, line.start, name.end_pos or 0))
    text = Text(source, "", (line.end,)) if value is None else Text(source, str(value), (value.start_pos or 0,))
    return Setting(named, text, Span(source, line.start, line.end))
