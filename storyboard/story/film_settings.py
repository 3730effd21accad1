"""Settings about the film and not the model: speech, sources of free shots, cuts, transitions and music."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal, cast

from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.source import Span
from storyboard.story.story import LocalSource, Music, Spoken, Transition, UsedPart

_SPEAKER = lazy_pattern(r"([^\W\d_][^:\uff1a\"\u201c\u300c,;!?]{0,39}?)[ \t]*(?::[ \t]+|\uff1a[ \t]*)(\S.*)", re.DOTALL)
_MOST_WORDS = 5
_SECONDS = r"([0-9]{1,6}(?:\.[0-9]{1,3})?)"
_FROM = lazy_pattern(rf"(.+?)[ \t]+from[ \t]+{_SECONDS}s")
_PART = lazy_pattern(rf"(?:{_SECONDS}s\.\.)?{_SECONDS}s")
_LOOSE_PART = lazy_pattern(
    rf"(?:{_SECONDS}[ \t]*s?[ \t]*(?:\.{{2,3}}|[-\u2013\u2014\u2026]|to)[ \t]*)?{_SECONDS}[ \t]*s?"
)

_TRANSITION = lazy_pattern(rf"(fade|dissolve)[ \t]+{_SECONDS}s")
_LOOSE_LENGTH = lazy_pattern(rf"(?<![0-9.]){_SECONDS}(?![0-9.])")
_OTHER_TRANSITIONS = {
    "fade": ("fade", "dip", "black"),
    "dissolve": ("dissolve", "cross", "mix", "xfade", "blend"),
}
"""Other words for transitions, from the vaguest to the most specific."""
LONGEST_TRANSITION = 10
"""Seconds."""
_USUAL_TRANSITION = "0.5"
_CLOCK = r"(?:([0-9]{1,3}):)?([0-9]{1,6}(?:\.[0-9]{1,3})?)"
_MUSIC = lazy_pattern(rf"(.+?)(?:[ \t]+from[ \t]+(?:{_CLOCK}(s?)))?(?:[ \t]+([+-]?[0-9]{{1,3}}(?:\.[0-9]{{1,2}})?)dB)?")
_LOOSE_MUSIC = lazy_pattern(
    rf"(.+?)(?:[ \t]+(?:from|at|@)[ \t]+{_CLOCK}[ \t]*(?:s|sec|seconds)?)?"
    r"(?:[ \t]+([+\-\u2212\u2013]?)[ \t]*([0-9]{1,3}(?:\.[0-9]{1,2})?)[ \t]*db)?",
    re.IGNORECASE,
)
QUIETEST, LOUDEST = Decimal(-60), Decimal(12)
"""The decibels by which music can be made quieter and louder."""


class Misread(NamedTuple):
    """A value that its setting does not accept: what it accepts, and what may have been meant."""

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


def read_transition(text: str, span: Span) -> Transition | Misread:
    """Read `cut`, `fade 0.5s` or `dissolve 0.5s`."""
    if text == "cut":
        return Transition("cut", Decimal(0), span)
    match = _TRANSITION.fullmatch(text)
    if match is None:
        return Misread("`cut`, `fade 0.5s` or `dissolve 0.5s`", _near_transition(text))
    kind, seconds = cast(Literal["fade", "dissolve"], match[1]), Decimal(match[2])
    if not 0 < seconds <= LONGEST_TRANSITION:
        return Misread(f"a length of more than 0 s and at most {LONGEST_TRANSITION} s")
    return Transition(kind, seconds, span)


def _near_transition(text: str) -> str | None:
    words = text.lower()
    kinds = [kind for kind, names in _OTHER_TRANSITIONS.items() if any(name in words for name in names)]
    if not kinds:
        return "cut" if "cut" in words else None
    length = _LOOSE_LENGTH.search(text)
    return f"{kinds[-1]} {length[1] if length else _USUAL_TRANSITION}s"


def read_music(text: str, span: Span) -> Music | Misread:
    """Read `FILE [from 0:30] [-12dB]`."""
    match = _MUSIC.fullmatch(text)
    loose = _LOOSE_MUSIC.fullmatch(text)
    if match is None or (match[3] and not match[2] and not match[4]) or (loose and loose[1] != match[1]):
        return Misread("a file, where to begin and how loud: `theme.mp3 from 0:30 -12dB`", _near_music(loose))
    minutes, seconds = Decimal(match[2] or 0), Decimal(match[3] or 0)
    if match[2] and seconds >= 60:
        return Misread("a time such as `0:30` or `30s`")
    gain = Decimal(match[5] or 0)
    if not QUIETEST <= gain <= LOUDEST:
        return Misread(f"from {QUIETEST}dB to +{LOUDEST}dB")
    return Music(_unquoted(match[1]), minutes * 60 + seconds, gain, span)


def _near_music(loose: re.Match[str] | None) -> str | None:
    if loose is None:
        return None
    file, minutes, seconds, sign, decibels = loose.groups()
    start = f" from {minutes}:{seconds}" if minutes else f" from {seconds}s" if seconds else ""
    minus = "-" if sign and sign != "+" else sign or ""
    return f"{file}{start}" + (f" {minus}{decibels}dB" if decibels else "")


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] == '"' else text
