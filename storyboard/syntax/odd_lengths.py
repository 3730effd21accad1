"""Lengths as other tools and other languages write them: time codes, ranges of them, minutes, other digits."""

from __future__ import annotations

from decimal import Decimal

from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.syntax.full_width import in_ascii_digits

_DURATION = lazy_pattern(r"[0-9]+(?:\.[0-9]+)?s")
_COMMA_NUMBER = lazy_pattern(r"[0-9]*[.,][0-9]+[ \t]*s?")
"""A decimal comma, or nothing after it: a mistake of its own."""
_CLOCK = r"(?:[0-9]{1,2}:)?[0-9]{1,3}:[0-9]{2}(?:[.,][0-9]{1,3})?"
_TO = r"[ \t]*(?:-->|->|→|[-–—~〜～至到]|\bto\b|\buntil\b)[ \t]*"
_SECONDS = (
    r"(?:seconds?|secs?|s|S|ｓ|Ｓ|SEC|″|''|秒钟?|秒鐘|초|ثوانٍ?|ثواني|ثانية|ث|שניות|שנ׳?|सेकंड|सेकेंड|"
    r"сек(?:унды?|унд)?|segundos?|sekunden?)"
)
_MINUTES = r"(?:minutes?|mins?|m|′|'|分钟?|分鐘|분|دقائق|دقيقة|דקות|मिनट|мин(?:уты?|ут)?|minutos?|minuten?)"
_NUMBER = r"[0-9]{1,6}(?:[.,][0-9]{1,3})?"
_ABOUT = r"(?:[~≈∼～約约]|ca\.?|c\.|approx\.?|about|around)?[ \t]*"

_IN_WORDS = {
    word: number
    for number, word in enumerate(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
        ],
        1,
    )
}
"""Lengths that people spell out."""

_BRACKETS = lazy_pattern(r"[(\[{（【〔［](.*)[)\]}）】〕］]")
_BETWEEN = lazy_pattern(rf"({_CLOCK}){_TO}({_CLOCK})(?:[ \t]*{_SECONDS})?")
_MOMENT = lazy_pattern(rf"({_CLOCK})(?:[ \t]*{_SECONDS})?")
_WHOLE = lazy_pattern(rf"{_ABOUT}(?:({_NUMBER})[ \t]*{_MINUTES}[ \t]*)?(?:({_NUMBER})[ \t]*{_SECONDS}\.?)?")
_FROM_TO = lazy_pattern(rf"{_ABOUT}({_NUMBER})(?:[ \t]*{_SECONDS})?{_TO}({_NUMBER})[ \t]*{_SECONDS}?\.?")
_BARE = lazy_pattern(rf"{_ABOUT}({_NUMBER})")

_AT_END = lazy_pattern(
    r"[ \t](?P<at>[(\[{（【〔［][^()\[\]{}（）【】〔〕［］]{1,40}[)\]}）】〕］]"
    rf"|{_CLOCK}{_TO}{_CLOCK}(?:[ \t]*{_SECONDS})?"
    rf"|{_ABOUT}{_NUMBER}(?:[ \t]*{_SECONDS})?{_TO}{_NUMBER}[ \t]*{_SECONDS}?\.?"
    rf"|(?:{_ABOUT}{_NUMBER}[ \t]*{_MINUTES}[ \t]*)(?:{_NUMBER}[ \t]*{_SECONDS}\.?)?"
    rf"|{_ABOUT}{_NUMBER}[ \t]*{_SECONDS}\.?"
    rf"|[~≈∼～約约][ \t]*{_NUMBER}"
    rf"|(?:{'|'.join(_IN_WORDS)})[ \t]+{_SECONDS}"
    rf"|{_CLOCK}(?:[ \t]*{_SECONDS})?)$"
)


class OddLength(NamedTuple):
    """A length at the end of a header in another notation, and its place in the header. `seconds` is None if it is
    ambiguous; `choices` are then the two possible lengths.
    """

    start: int
    end: int
    seconds: Decimal | None
    choices: tuple[Decimal, Decimal] | None = None


def odd_length(header: str) -> OddLength | None:
    """Find the length that a header ends with, where it is written in another way than `5s`; None if it has none."""
    plain = in_ascii_digits(header)
    found = _AT_END.search(plain)
    if found is None:
        return None
    start, end = found.span("at")
    if _DURATION.fullmatch(header, start, end) is not None or _COMMA_NUMBER.fullmatch(header, start, end) is not None:
        return None
    read = _read(found["at"].strip())
    if read is None:
        return None
    seconds, choices = read
    return OddLength(start, end, seconds, choices)


def written(seconds: Decimal) -> str:
    """Return a length as a header has it: `7s`."""
    plain = f"{seconds:f}"
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain) + "s"


def _read(text: str) -> tuple[Decimal | None, tuple[Decimal, Decimal] | None] | None:
    """Return the seconds of an odd length, or the two that it leaves to choose from; None if it is no length."""
    inside = _BRACKETS.fullmatch(text)
    if inside is not None:
        text = inside[1].strip()
    if (times := _BETWEEN.fullmatch(text)) is not None:
        first, last = _clock(times[1]), _clock(times[2])
        return (last - first, None) if last > first else None
    if (moment := _MOMENT.fullmatch(text)) is not None:
        return (_clock(moment[1]), None) if _clock(moment[1]) else None
    if (span := _FROM_TO.fullmatch(text)) is not None:
        first, last = _number(span[1]), _number(span[2])
        return (None, (first, last)) if 0 < first < last else None
    if (whole := _WHOLE.fullmatch(text)) is not None and (whole[1] or whole[2]):
        seconds = 60 * _number(whole[1] or "0") + _number(whole[2] or "0")
        return (seconds, None) if seconds else None
    if (spelled := _IN_WORDS.get(text.partition(" ")[0])) is not None:
        return Decimal(spelled), None
    bare = _BARE.fullmatch(text)
    return (_number(bare[1]), None) if bare is not None and _number(bare[1]) else None


def _clock(text: str) -> Decimal:
    seconds = Decimal(0)
    for part in text.split(":"):
        seconds = seconds * 60 + _number(part)
    return seconds


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))
