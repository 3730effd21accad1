"""Settings that concern the film and no model: who says what, what a free shot is made from, what is cut."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal, NamedTuple, cast

from storyboard.source import Span
from storyboard.story.story import LocalSource, Spoken, UsedPart

_SPEAKER = re.compile(r"([^\W\d_][^:\uff1a\"\u201c\u300c,;!?]{0,39}?)[ \t]*(?::[ \t]+|\uff1a[ \t]*)(\S.*)", re.DOTALL)
_MOST_WORDS = 5
_SECONDS = r"([0-9]{1,6}(?:\.[0-9]{1,3})?)"
_FROM = re.compile(rf"(.+?)[ \t]+from[ \t]+{_SECONDS}s")
_PART = re.compile(rf"(?:{_SECONDS}s\.\.)?{_SECONDS}s")
_LOOSE_PART = re.compile(
    rf"(?:{_SECONDS}[ \t]*s?[ \t]*(?:\.{{2,3}}|[-\u2013\u2014\u2026]|to)[ \t]*)?{_SECONDS}[ \t]*s?"
)


class Misread(NamedTuple):
    """A value that is not what its setting takes: what it takes, and what was perhaps meant."""

    expected: str
    near: str | None = None


def read_spoken(text: str) -> Spoken:
    """Read `[Name:] TEXT`. A name is a few words without other punctuation."""
    match = _SPEAKER.fullmatch(text)
    if match is None or len(match[1].split()) > _MOST_WORDS:
        return Spoken("", text)
    return Spoken(match[1], match[2])


def read_local_source(kind: str, text: str, span: Span) -> LocalSource | Misread:
    """Read what `.clip`, `.still` or `.card` says."""
    known = cast(Literal["clip", "still", "card"], kind)
    if known == "card":
        return (
            Misread("no value: a card shows the text of the shot")
            if text
            else LocalSource("card", "", Decimal(0), span)
        )
    start = Decimal(0)
    if known == "clip" and (match := _FROM.fullmatch(text)):
        text, start = match[1], Decimal(match[2])
    if not text.strip():
        return Misread("a file" if known == "still" else "a file, and where to begin: `beach.mp4 from 12.5s`")
    return LocalSource(known, _unquoted(text), start, span)


def read_part(text: str, span: Span) -> UsedPart | Misread:
    """Read `3.8s` or `0.4s..3.8s`."""
    match = _PART.fullmatch(text)
    if match is None:
        loose = _LOOSE_PART.fullmatch(text)
        near = None if loose is None else f"{loose[1]}s..{loose[2]}s" if loose[1] else f"{loose[2]}s"
        return Misread("the part to use: `3.8s` from the beginning, or `0.4s..3.8s`", near)
    start, end = Decimal(match[1] or 0), Decimal(match[2])
    return UsedPart(start, end, span) if start < end else Misread("a part that ends after it begins")


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] == '"' else text
