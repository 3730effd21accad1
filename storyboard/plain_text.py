"""Texts of an author made safe for files that other programs read: no control characters, no halves of characters."""

from __future__ import annotations

import json

from storyboard.files.lazy_pattern import lazy_pattern

_UNSAFE = lazy_pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_REPLACED = "\ufffd"


def plain(text: str) -> str:
    """Return the text with `\\ufffd` for every character that XML forbids or that a terminal would obey."""
    return _UNSAFE.sub(_REPLACED, text)


def one_line(text: str) -> str:
    """The same in one line, with single spaces."""
    return plain(" ".join(text.split()))


def xml_text(text: str) -> str:
    """Such a text as the content of an XML element. `xml.sax.saxutils` would bring the whole of `urllib`."""
    return plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain_json(value: object) -> str:
    """A value as JSON in one line that says exactly the same, with such characters escaped."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
