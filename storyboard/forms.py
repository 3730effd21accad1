"""The forms of texts that come from a file or a server: hashes, names, amounts, addresses.

Locks, manifests, saved plans and ledgers may come from anyone. Each of their fields is checked against its form before
it is used; a field of another form makes the record damaged. Nothing here raises.
"""

from __future__ import annotations

import re
from decimal import ROUND_UP, Decimal
from typing import TypeGuard

from storyboard.files.lazy_pattern import lazy_pattern

LONGEST_NAME = 500
"""Characters of an id, a host or a provider's name."""

LONGEST_TEXT = 100_000
"""Characters of a shot's address or of a server's message."""

LARGEST_COUNT = 10**9
"""The largest number of anything that is counted: attempts, takes, seconds of film."""

LATEST_TIME = 10.0**11
"""The latest time in seconds since the epoch."""

MOST_MONEY = Decimal(10**12 - 1)
"""The largest amount of US dollars."""

_FINEST = Decimal(1).scaleb(-12)
_SHA256 = lazy_pattern(r"[0-9a-f]{64}", re.ASCII)
_BASE_URL = lazy_pattern(
    r"https?://(?:[a-z0-9._~-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:/[!-~]*)?", re.ASCII | re.IGNORECASE
)
_MONEY = lazy_pattern(r"\d{1,12}(?:\.\d{1,60})?", re.ASCII)
_SURROGATE = lazy_pattern(r"[\ud800-\udfff]")
_UNPRINTABLE = lazy_pattern(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")


def is_sha256(value: object) -> TypeGuard[str]:
    """Whether it is a SHA-256: 64 lower-case hexadecimal digits."""
    return isinstance(value, str) and _SHA256.fullmatch(value) is not None


def is_name(value: object) -> TypeGuard[str]:
    """Whether it is an id or a name: 1 to 500 characters, no space at either end, no control characters."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value == value.strip() and is_printable(value)


def is_file_name(value: object) -> TypeGuard[str]:
    """Whether it is the name of a file in a folder, as this system names files: any character but `/` and NUL."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and not {"/", "\0"} & set(value)


def is_header(value: object) -> TypeGuard[str]:
    """Whether it is a text that may stand in a header of a request: printable ASCII, at most 500 characters."""
    return isinstance(value, str) and len(value) <= LONGEST_NAME and value.isascii() and value.isprintable()


def is_text(value: object) -> TypeGuard[str]:
    """Whether it is a text of at most 100,000 characters that can be written as UTF-8."""
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and (value.isascii() or not _SURROGATE.search(value))


def is_path(value: object) -> TypeGuard[str]:
    """Whether it is a path as this system names files, or empty; names that are not UTF-8 have surrogates in them."""
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and "\0" not in value


def is_printable(text: str) -> bool:
    """Whether a text has no control characters, line separators or halves of surrogate pairs."""
    return text.isprintable() or _UNPRINTABLE.search(text) is None


def is_count(value: object, least: int = 0, most: int = LARGEST_COUNT) -> TypeGuard[int]:
    """Whether it is a whole number from `least` to `most`."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_seconds(value: object) -> TypeGuard[float]:
    """Whether it is a time in seconds that a clock can show."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LATEST_TIME


def is_plain(number: Decimal) -> bool:
    """Whether a number has at most 12 digits on either side of the point: it can be written out and computed."""
    if not number.is_finite():
        return False
    return number.adjusted() < 12 and int(number.as_tuple().exponent) >= -12


def money_of(value: object) -> Decimal | None:
    """The amount that a text such as `0.504` states in US dollars; None if it states none."""
    return Decimal(value) if isinstance(value, str) and _MONEY.fullmatch(value) else None


def money_text(amount: Decimal) -> str:
    """An amount of US dollars as `money_of` reads it: never with an exponent, and bounded in size and decimals."""
    text = f"{min(amount, MOST_MONEY):f}"
    return text if _MONEY.fullmatch(text) else f"{min(amount, MOST_MONEY).quantize(_FINEST, ROUND_UP):f}"


def cell_text(value: object) -> str:
    """A value as a cell of a table that a spreadsheet shows as text, and never runs as a formula."""
    text = "" if value is None else str(value)
    risky = (
        text.lstrip().startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")) or text[:1] in "\t\r\n"
    )
    return f"'{text}" if text and risky else text


def is_base_url(value: object) -> TypeGuard[str]:
    """Whether it is the address of a gateway: http or https, a host, no user name, no query, printable ASCII."""
    if not isinstance(value, str) or len(value) > LONGEST_NAME or not _BASE_URL.fullmatch(value):
        return False
    return not any(char in value for char in '?#@\\"<>^`{|}')


def is_host_below(host: str, allowed: str) -> bool:
    """Whether a host is `allowed` itself or one below it; `*.example.com` means `example.com`."""
    host, wanted = host.lower(), allowed.lower().lstrip("*").lstrip(".")
    return host == wanted or host.endswith(f".{wanted}")
