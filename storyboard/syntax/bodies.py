"""Read what is indented under a header, settings and text, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from storyboard.diagnostics import Diagnostic
from storyboard.source import Source
from storyboard.syntax import layout_errors
from storyboard.syntax.layout import Line, trim
from storyboard.syntax.settings import is_setting, name_of, read_setting
from storyboard.syntax.tree import Body, Setting, Text

_REPEATABLE = frozenset(["negative", "say", "caption", "note"])
_MAYBE_SETTING = frozenset(".．。｡﹒・·")


def read_body(source: Source, lines: Sequence[Line], found: list[Diagnostic]) -> Body:
    """Read settings, then text; every line that does not fit is an error of its own."""
    text = source.text
    settings: list[Setting] = []
    words: list[Line] = []
    above: Line | None = None  # the setting right above
    kept = trim(lines)
    for at, line in enumerate(kept):
        sign = text[line.start] if line.start < line.end else ""
        if above is not None and sign and line.indent > above.indent > 0 and not _is_setting_line(line, text):
            if kept[at - 1] is above:
                found.append(layout_errors.setting_goes_on(source, kept, at))
            continue
        above = line if not words and sign and _is_setting_line(line, text) else None
        if sign == "#" and _is_comment(line, text):
            found.append(layout_errors.comment_in_text(source, line))
        elif sign in _MAYBE_SETTING and _stands_for_setting(source, line, begun=bool(words)):
            if words:
                found.append(layout_errors.setting_after_text(source, line, name_of(text, line), words[0]))
            setting = read_setting(source, line, [] if words else found)
            if setting is not None:
                settings.append(setting)
        elif sign or words:
            words.append(line)
    return Body(_once_each(settings, found), text_of(source, words))


def read_text(source: Source, lines: Sequence[Line], keyword: str, found: list[Diagnostic]) -> Text | None:
    """Read a body that is only text."""
    text = source.text
    words: list[Line] = []
    for line in lines:
        sign = text[line.start : line.start + 1]
        if sign == "#" and _is_comment(line, text):
            found.append(layout_errors.comment_in_text(source, line))
        elif sign == "." and is_setting(text, line):
            found.append(layout_errors.setting_not_here(source, line, name_of(text, line), keyword))
        else:
            words.append(line)
    return text_of(source, words)


def text_of(source: Source, lines: Sequence[Line]) -> Text | None:
    """Join lines into one text without blank lines at its ends; None if nothing is left."""
    kept = trim(lines)
    if not kept:
        return None
    whole = source.text
    raw = "\n".join([whole[line.start : line.end] for line in kept])
    return Text(source, raw, tuple([line.start for line in kept]))


def _is_comment(line: Line, text: str) -> bool:
    """Whether a text line was meant as a comment; a colour (`#1a1a1a`) and a tag (`#sunset`) are text."""
    return text[line.start + 1 : line.start + 2] in ("", " ", "\t", "#") or line.start + 1 == line.end


def _is_setting_line(line: Line, text: str) -> bool:
    return text.startswith(".", line.start) and is_setting(text, line)


def _stands_for_setting(source: Source, line: Line, *, begun: bool) -> bool:
    if is_setting(source.text, line):
        return True
    if begun:
        return False
    from storyboard.syntax.setting_mistakes import near_setting

    return near_setting(source, line) is not None


def _once_each(settings: Iterable[Setting], found: list[Diagnostic]) -> tuple[Setting, ...]:
    first: dict[str, Setting] = {}
    kept = []
    for setting in settings:
        name = setting.name.text
        if name in _REPEATABLE or first.setdefault(name, setting) is setting:
            kept.append(setting)
        else:
            found.append(layout_errors.setting_twice(setting, first[name]))
    return tuple(kept)
