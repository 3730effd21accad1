"""Canonical JSON (RFC 8785): exactly one text for each value, so that its hash identifies the value."""

from __future__ import annotations

from collections.abc import Mapping
from json.encoder import encode_basestring
from math import isfinite

from storyboard.cards.model_card import Json

EXACT_INTEGERS = 2**53

quoted = encode_basestring
"""Write a string as RFC 8785 does: the standard library escapes the same characters in the same way."""


def canonical(value: Json | Mapping[str, Json]) -> str:
    """Write a value as RFC 8785 does; its UTF-8 bytes are hashed.

    Raises `ValueError` for what JSON cannot carry: numbers that are not finite, halves of surrogate pairs.
    """
    text = _encode(value)
    text.encode()
    return text


def _encode(value: Json | Mapping[str, Json]) -> str:
    match value:
        case str():
            return quoted(value)
        case bool():
            return "true" if value else "false"
        case int():
            return str(value) if abs(value) <= EXACT_INTEGERS else number(float(value))
        case float():
            return number(value)
        case None:
            return "null"
        case list():
            return f"[{','.join([_encode(item) for item in value])}]"
        case _:
            return f"{{{','.join([f'{quoted(key)}:{_encode(value[key])}' for key in in_order(value)])}}}"


def in_order(value: Mapping[str, Json]) -> list[str]:
    """Sort an object's names by UTF-16 code units, which is by code points while all is ASCII."""
    if all(map(str.isascii, value)):
        return sorted(value)
    return sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))


def number(value: float) -> str:
    """Write a double as ECMAScript's `Number::toString` does: the shortest digits that read back as the same double."""
    if not isfinite(value):
        raise ValueError("JSON has no such number")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    digits, point = _shortest(abs(value))
    return sign + _place(digits, point)


def _shortest(value: float) -> tuple[str, int]:
    """Return the digits without zeros at their ends, and the position of the point: `0.digits` times ten to the
    point."""
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    point = len(whole) + int(exponent or 0)
    stripped = digits.lstrip("0")
    return stripped.rstrip("0"), point - (len(digits) - len(stripped))


def _place(digits: str, point: int) -> str:
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    exponent = f"e{point - 1:+d}"
    return f"{digits}{exponent}" if count == 1 else f"{digits[0]}.{digits[1:]}{exponent}"
