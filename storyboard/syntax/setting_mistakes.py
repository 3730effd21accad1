"""What authors write instead of a setting line."""

from __future__ import annotations

import re

from storyboard.diagnostics import Diagnostic, Edit, Fix, Rule
from storyboard.diagnostics.rules import reading
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.source import Source, Span
from storyboard.syntax.full_width import narrow
from storyboard.syntax.layout import Line
from storyboard.syntax.quoting import quoted

_NAME = r"\.[^\W\d]\w*+"
_JOINED = lazy_pattern(_NAME + r"([ \t]*([:=：＝﹕﹦])[ \t]*)")
_WIDE_GAP = lazy_pattern(_NAME + r"([\u00a0\u2002-\u200a\u202f\u3000]+)")
_HYPHENS = lazy_pattern(rf"({_NAME}(?>(?:-\w++)+))(?=[ \t]|$)")
_WIDE_RATIO = lazy_pattern(_NAME + r"[ \t]++([0-9０-９]{1,9}[ \t]*[：﹕∶][ \t]*[0-9０-９]{1,9})$")
_APART = lazy_pattern(r"\.([ \t]++)[^\W\d]\w*(?=[ \t]|$)")
_WIDE_DOT = lazy_pattern(r"([．。｡﹒・·])[a-z_]+(?=[\s：＝:=]|$)")
_FULL_WIDTH = "：＝﹕﹦"


def near_setting(source: Source, line: Line) -> Diagnostic | None:
    """Find a line that was certainly meant as a setting: `. mode pro`, `。mode pro`."""
    text = source.text
    if (apart := _APART.match(text, line.start, line.end)) is not None:
        message = "no space is allowed between the dot and the name of a setting"
        return _write(reading.SETTING_FORM, Span(source, *apart.span(1)), "", message)
    if (dot := _WIDE_DOT.match(text, line.start, line.end)) is not None:
        message = f"a setting starts with `.`, not with `{dot[1]}`"
        return _write(reading.FULL_WIDTH, Span(source, *dot.span(1)), ".", message)
    return None


def explain_setting(source: Source, line: Line) -> Diagnostic | None:
    """Explain a known mistake in a setting line; None if there is none."""
    text, start, end = source.text, line.start, line.end
    if (near := near_setting(source, line)) is not None:
        return near
    if (joined := _JOINED.match(text, start, end)) is not None:
        rule = reading.FULL_WIDTH if joined[2] in _FULL_WIDTH else reading.SETTING_FORM
        message = f"no `{joined[2]}` is allowed between the name and the value of a setting"
        return _write(rule, Span(source, *joined.span(1)), " ", message)
    if (wide := _WIDE_GAP.match(text, start, end)) is not None:
        message = f"U+{ord(wide[1][0]):04X} after the name of a setting is not an ordinary space"
        return _write(reading.FULL_WIDTH, Span(source, *wide.span(1)), " ", message)
    if (hyphens := _HYPHENS.match(text, start, end)) is not None:
        right = hyphens[1].replace("-", "_")
        return _write(reading.SETTING_FORM, Span(source, *hyphens.span(1)), right, "settings' names have `_`, not `-`")
    if (ratio := _WIDE_RATIO.match(text, start, end)) is not None:
        right = re.sub(r"[ \t]*[：﹕∶][ \t]*", ":", narrow(ratio[1]))
        return _write(reading.FULL_WIDTH, Span(source, *ratio.span(1)), right, "a ratio is written with `:`")
    return None


def no_setting(source: Source, line: Line, name: str) -> Diagnostic:
    """Return the general message for a line that begins like the setting `.name`, but is none."""
    rest = Span(source, line.start + len(name), line.end)
    return reading.SETTING_FORM.at(
        rest,
        f"{quoted(rest.text)} does not fit after `{name}`",
        help=f'a setting is `.name value`; if this is text, write `{{{{ "{name}" }}}}`',
    )


def _write(rule: Rule, span: Span, text: str, message: str) -> Diagnostic:
    way_out = f"write {quoted(text)}" if text.strip() else "write one space" if text else "remove it"
    return rule.at(span, message, help=way_out, fix=Fix(way_out, (Edit(span, text),), safe=True))
