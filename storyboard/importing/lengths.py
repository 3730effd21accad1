"""Parse lengths and times in common notations: `5s`, `0:05`, `00:00:02.500`, `1m30s`, `0:08-0:15`, `3 秒`."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.syntax.full_width import in_ascii_digits
from storyboard.syntax.odd_lengths import odd_length

FRAMES_IN_A_SECOND = 25
"""Assumed frame rate if a time code counts frames and none is given."""
LONGEST = Decimal(100_000)
"""Longest length of a shot, in seconds."""

_NUMBER = lazy_pattern(r"[~≈约約]?\s*([0-9]{1,6}(?:[.,][0-9]{1,3})?)")
SECOND_WORDS = (
    r"(?:s|secs?|seconds?|segs?|segundos?|secondes?|secondi|sek|sekunden?|秒钟?|秒鐘|초|ثوان[ٍي]?|ثانية|שניות|с|сек|"
    r"секунд[аы]?|saniye|sn|giây|detik|วินาที|सेकंड|सेकेंड)"
)
"""What people write behind a number of seconds."""
_SECONDS = lazy_pattern(
    rf"([0-9]{{1,6}}(?:[.,][0-9]{{1,3}})?)\s*(?:{SECOND_WORDS}|[″\"”]|''|’’)\.?",
    re.IGNORECASE,
)
_FRAMES = lazy_pattern(r"([0-9]{1,2}):([0-9]{2}):([0-9]{2})[:;]([0-9]{2})")
_CLOCK = lazy_pattern(r"(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-9]{2})(?:[.,]([0-9]{1,3}))?")
_MOMENT = rf"(?:{_FRAMES.pattern}|{_CLOCK.pattern}|[0-9]{{1,6}}(?:[.,][0-9]{{1,3}})?)"
_RANGE = lazy_pattern(
    rf"({_MOMENT})\s*{SECOND_WORDS}?\s*(?:-->|->|→|[-–—~〜～至到]|\bto\b)\s*({_MOMENT})\s*(?:{SECOND_WORDS}|″)?\.?",
    re.IGNORECASE,
)
_UNIT = lazy_pattern(rf"[0-9]\s*(?:{SECOND_WORDS}|[″\"”]|''|’’)(?!\w)|秒|초|ث", re.IGNORECASE)
_BRACKETS = lazy_pattern(r"[(\[{（【〔［](.*)[)\]}）】〕］]", re.DOTALL)


class TimeRange(NamedTuple):
    """From when to when, in seconds."""

    start: Decimal
    end: Decimal


def read_length(text: str) -> Decimal | None:
    """Return the seconds of a length, such as `5`, `5s`, `0:05`, `1m30s` or `0:08-0:15`; None for anything else."""
    plain = _bare(text)
    if (number := _NUMBER.fullmatch(plain) or _SECONDS.fullmatch(plain)) is not None:
        return _positive(_decimal(number[1]))
    if (frames := _FRAMES.fullmatch(plain)) is not None:
        return _positive(_from_frames(frames))
    odd = odd_length(f"shot x {plain}")
    return _positive(odd.seconds) if odd is not None and odd.seconds is not None and odd.start == 7 else None


def read_moment(text: str) -> Decimal | None:
    """Return the seconds of a point in time, `0:00` too; None for anything else."""
    plain = _bare(text)
    if (frames := _FRAMES.fullmatch(plain)) is not None:
        return _from_frames(frames)
    if (clock := _CLOCK.fullmatch(plain)) is not None:
        return _from_clock(clock)
    number = _NUMBER.fullmatch(plain) or _SECONDS.fullmatch(plain)
    return _decimal(number[1]) if number is not None else None


def says_its_unit(text: str) -> bool:
    """Whether a time can only be a length or a range: it names seconds, as `5s`, `5"` and `0-3s` do."""
    return _UNIT.search(in_ascii_digits(text)) is not None


def counts_frames(text: str) -> bool:
    """Whether a time is a time code that counts frames, which `FRAMES_IN_A_SECOND` turns into seconds."""
    return _FRAMES.search(in_ascii_digits(text)) is not None


def read_range(text: str) -> TimeRange | None:
    """Parse a range of times, such as `0:08-0:15`, `[00:00 - 00:05]` or `0-3s`; None for anything else."""
    found = _RANGE.fullmatch(_bare(text))
    if found is None:
        return None
    start, end = read_moment(found[1]), read_moment(found[_SECOND_MOMENT])
    return TimeRange(start, end) if start is not None and end is not None and start < end else None


_SECOND_MOMENT = 2 + _FRAMES.groups + _CLOCK.groups


def length_in_milliseconds(text: str) -> Decimal | None:
    """Return the seconds of a number of milliseconds."""
    number = read_length(text)
    return None if number is None else number / 1000


def _bare(text: str) -> str:
    plain = in_ascii_digits(text).strip()
    inside = _BRACKETS.fullmatch(plain)
    return (inside[1] if inside else plain).strip().strip("*_` ")


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        return Decimal(0)


def _positive(seconds: Decimal | None) -> Decimal | None:
    return seconds if seconds is not None and 0 < seconds < LONGEST else None


def _from_frames(found: re.Match[str]) -> Decimal:
    hours, minutes, seconds, frames = (int(part) for part in found.groups())
    return Decimal(hours * 3600 + minutes * 60 + seconds) + (Decimal(frames) / FRAMES_IN_A_SECOND)


def _from_clock(found: re.Match[str]) -> Decimal:
    hours, minutes, seconds, fraction = found.groups()
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return Decimal(f"{whole}.{fraction or 0}")
