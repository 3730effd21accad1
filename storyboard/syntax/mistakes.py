"""Explain why a header is wrong: the grammar only says that it is; the first matching entry of the table says why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from storyboard.diagnostics import Diagnostic, Edit, Fix
from storyboard.diagnostics.rules import reading
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.source import Source, Span
from storyboard.syntax import full_width
from storyboard.syntax.applied_fix import MOST_EDITS
from storyboard.syntax.keywords import FORMS, form_of
from storyboard.syntax.layout import Line
from storyboard.syntax.mistake_table import TABLE, Mistake
from storyboard.syntax.odd_lengths import odd_length, written
from storyboard.syntax.quoting import LONGEST_QUOTE, quoted

_WITH_LENGTH = ("story", "scene", "shot")

LONGEST_EXPLAINED = 1000
"""A longer header is not explained."""

_NO_NAME = lazy_pattern(r"\W+")
_ODD_GAP = lazy_pattern(r"[ \t]{30}")

_CODE = lazy_pattern(r'(?:[^"#]|"(?:[^"\\]|\\.)*"?|(?<![ \t])#)*')

_BY_KEYWORD = {keyword: [entry for entry in TABLE if keyword in entry.keywords.split()] for keyword in FORMS}


class Explanation(NamedTuple):
    """Why a header is wrong. The fix, if there is one, is not yet verified."""

    mistake: Diagnostic
    certain: bool = False
    """Whether the header can be read as if it were fixed."""
    like_prose: bool = False
    """Whether an ordinary sentence may look like it."""


def explain(source: Source, line: Line, keyword: str, offset: int) -> Explanation:
    """Say why a header is none; `offset` is where the grammar gave up."""
    if line.end - line.start > LONGEST_EXPLAINED:
        return Explanation(_by_form(source, line, keyword, offset))
    if keyword in _WITH_LENGTH and (odd := _odd_length(source, line, offset)) is not None:
        return odd
    wide = full_width.edits(source, line.start, line.end)
    if any(edit.span.start >= offset for edit in wide) or full_width.sign_at(source.text, offset):
        return Explanation(_wide(source, offset, wide), certain=True)
    header = source.text[line.start : line.end]
    if _ODD_GAP.search(header):
        return Explanation(_by_form(source, line, keyword, offset))
    code = _code(header)
    for entry in _BY_KEYWORD[keyword]:
        found = list(entry.pattern.finditer(header if "#" in entry.wrong else code))
        if found:
            used = found if entry.every else found[:1]
            mistake = _explained(entry, source, line.start, used, keyword)
            return Explanation(mistake, entry.certain, keyword in entry.like_prose.split())
    return Explanation(_by_form(source, line, keyword, offset))


def _wide(source: Source, offset: int, edits: tuple[Edit, ...]) -> Diagnostic:
    first = next((edit for edit in edits if edit.span.start >= offset), edits[0])
    sign = first.span.text
    meant = first.text.strip()
    shown = f"`{sign}`" if sign.isprintable() and sign.strip() else f"U+{ord(sign):04X}"
    way_out = f"write `{meant}`" if meant else "write a space" if first.text else "delete it: it cannot be seen"
    return reading.FULL_WIDTH.at(
        first.span,
        f"{shown} has no meaning in a header",
        help=way_out,
        fix=Fix("write the punctuation of the header in ASCII", edits),
    )


def _odd_length(source: Source, line: Line, offset: int) -> Explanation | None:
    """Explain the length at the end of a header, where it is written in another way and stops the grammar."""
    odd = odd_length(_code(source.text[line.start : line.end]))
    if odd is None or line.start + odd.start > offset:
        return None
    span = Span(source, line.start + odd.start, line.start + odd.end)
    if odd.choices is not None:
        first, last = map(written, odd.choices)
        between = written(odd.choices[1] - odd.choices[0])
        message = f"{quoted(span.text)} is not one length"
        help_ = f"choose a length from `{first}` to `{last}`; if these are times in the film, it is `{between}`"
        fix = Fix(f"write `{between}`", (Edit(span, between),))
        return Explanation(reading.DURATION_FORM.at(span, message, help=help_, fix=fix))
    assert odd.seconds is not None
    right = written(odd.seconds)
    fix = Fix(f"write `{right}`", (Edit(span, right),))
    message = "a duration is a number followed by `s`"
    return Explanation(reading.DURATION_FORM.at(span, message, help=f"write `{right}`", fix=fix), certain=True)


def _explained(entry: Mistake, source: Source, start: int, found: list[re.Match[str]], keyword: str) -> Diagnostic:
    edits = tuple(islice(_edits(entry, source, start, found), MOST_EDITS + 1))
    groups = {name: text[:LONGEST_QUOTE] for name, text in _groups(found[0]).items()}
    first, last = found[0].span("at")
    return entry.rule.at(
        Span(source, start + first, start + last),
        entry.message.format(**groups),
        help=entry.help.format(**groups) if entry.help else form_of(keyword),
        fix=Fix("write it so", edits) if edits else None,
    )


def _edits(entry: Mistake, source: Source, start: int, found: list[re.Match[str]]) -> Iterator[Edit]:
    for match in found:
        groups = _groups(match)
        for group, text in entry.write.items():
            first, last = match.span(group)
            yield Edit(Span(source, start + first, start + last), text.format(**groups))


def _groups(match: re.Match[str]) -> dict[str, str]:
    """Return the groups of a pattern, each also in lower case and as a name."""
    groups = {name: text or "" for name, text in match.groupdict().items()}
    names = {f"{name}_name": _NO_NAME.sub("-", text.lower()).strip("-_") for name, text in groups.items()}
    return groups | {f"{name}_lower": text.lower() for name, text in groups.items()} | names


def _by_form(source: Source, line: Line, keyword: str, offset: int) -> Diagnostic:
    """Return the general explanation: where the header stops making sense, and the right form."""
    rest = source.text[offset : line.end]
    message = f"{quoted(rest)} does not fit here" if rest else f"this `{keyword}` line is incomplete"
    return reading.HEADER_FORM.at(Span(source, offset, line.end), message, help=form_of(keyword))


def _code(header: str) -> str:
    """Return a header without the comment after it."""
    match = _CODE.match(header)
    return (match[0] if match else header).rstrip(" \t")
