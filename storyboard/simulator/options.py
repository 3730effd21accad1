"""The allowed values of fault options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from storyboard.fast_named_tuples import NamedTuple
from storyboard.simulator.responses import ERROR_SHAPES

LONGEST = 10**9
LONGEST_STAGED_CLIP = 60


class OptionForm(NamedTuple):
    """Checks a value, and describes the allowed ones."""

    fits: Callable[[Any], bool]
    words: str


def _number(low: float, high: float, *, whole: bool = False) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        is_number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        return bool(is_number and low <= value <= high)

    return fits


def _is_status(value: Any) -> bool:
    return _number(200, 599, whole=True)(value) and value not in (204, 304)


def _is_amount(value: Any) -> bool:
    try:
        return isinstance(value, str | int) and 0 <= Decimal(value) < LONGEST
    except InvalidOperation:
        return False


def _is_header(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable()


_FLAG = OptionForm(lambda value: isinstance(value, bool), "true or false")
_TEXT = OptionForm(lambda value: isinstance(value, str), "a text")
_SECONDS = OptionForm(_number(0, LONGEST), "a number of seconds from 0 on")

FORMS: Mapping[str, OptionForm] = {
    "status": OptionForm(_is_status, "an HTTP status from 200 to 599 that has a body"),
    "code": OptionForm(
        lambda value: isinstance(value, str) or _number(0, LONGEST, whole=True)(value), "a number or a text"
    ),
    "message": _TEXT,
    "shape": OptionForm(lambda value: value in ERROR_SHAPES, f"one of {', '.join(ERROR_SHAPES)}"),
    "retry_after": _SECONDS,
    "as_date": _FLAG,
    "location": OptionForm(_is_header, "an address"),
    "share": OptionForm(_number(0, 1), "a number from 0 to 1"),
    "billed": _FLAG,
    "stated": _FLAG,
    "silent": _FLAG,
    "as_completed": _FLAG,
    "hard": _FLAG,
    "seconds": _SECONDS,
    "usd": OptionForm(_is_amount, 'US dollars, such as "1.00"'),
    "length": OptionForm(_number(1, LONGEST_STAGED_CLIP, whole=True), f"whole seconds from 1 to {LONGEST_STAGED_CLIP}"),
    "word": _TEXT,
    "failed": _TEXT,
    "half": _FLAG,
    "currency": _TEXT,
    "rate": OptionForm(_number(0, LONGEST), "a number from 0 on"),
    "type": OptionForm(_is_header, "a media type"),
    "bytes": OptionForm(_number(0, 2**50, whole=True), "a number of bytes"),
}
"""The forms by option name, which means the same for every fault."""
