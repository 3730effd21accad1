"""Setting lines: `.name value`."""

from __future__ import annotations

from storyboard.diagnostics import Diagnostic
from storyboard.source import Source, Span
from storyboard.syntax.applied_fix import repair
from storyboard.syntax.grammar import SettingParts, mended_setting, parse_setting
from storyboard.syntax.layout import Line
from storyboard.syntax.tree import Name, Setting, Text

_ODD_STARTS = frozenset("=:＝：﹕﹦")


def is_setting(text: str, line: Line) -> bool:
    """Whether a line begins with a dot and a name."""
    second = text[line.start + 1 : line.start + 2]
    return text.startswith(".", line.start) and (second.isalpha() or second == "_" or second.isidentifier())


def name_of(text: str, line: Line) -> str:
    """Return the `.name` that a line begins with."""
    end = line.start + 2
    while end < line.end and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return text[line.start : end]


def read_setting(source: Source, line: Line, found: list[Diagnostic]) -> Setting | None:
    """Parse the setting that a line is, or was certainly meant to be; mistakes go to `found`."""
    parsed = parse_setting(source.text, line.start, line.end)
    if parsed is not None and not _is_odd(parsed.value):
        return _setting(source, line, parsed)
    from storyboard.syntax.setting_mistakes import explain_setting, no_setting

    mistake = explain_setting(source, line)
    if mistake is None and parsed is not None:
        return _setting(source, line, parsed)
    mistake = mistake or no_setting(source, line, name_of(source.text, line))
    found.append(mistake)
    mended = repair(source.text, line.start, line.end, mistake.fix.edits) if mistake.fix else None
    meant = None if mended is None else mended_setting(mended, line.end)
    return None if meant is None else _setting(source, line, meant)


def _is_odd(value: str) -> bool:
    """Whether a value shows a known mistake: a foreign sign before it, or a ratio with a full-width colon."""
    return value[:1] in _ODD_STARTS or (len(value) < 20 and "：" in value)


def _setting(source: Source, line: Line, parts: SettingParts) -> Setting:
    name = Name(parts.name, Span(source, line.start, parts.name_end))
    return Setting(name, Text(source, parts.value, (parts.value_start,)), Span(source, line.start, line.end))
