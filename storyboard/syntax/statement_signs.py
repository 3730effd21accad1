"""Signs that a line which was not understood is a statement, and not a sentence that lost its indent."""

from __future__ import annotations

from collections.abc import Sequence

from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.syntax.keywords import FORMS, NESTED, Takes
from storyboard.syntax.layout import Line

_WORD = lazy_pattern(r"\w+")
_SIGNS = {
    "edition": lazy_pattern(r"[0-9]"),
    "import": lazy_pattern(r"[\"'“”「]|\.story\b"),
    "let": lazy_pattern(r"[=＝：]"),
    "param": lazy_pattern(r""),
    "use": lazy_pattern(r"[(（]"),
    "split": lazy_pattern(r"#"),
    **dict.fromkeys(("story", "scene"), lazy_pattern(r"[\"'“”「]|\b[0-9.]+s\b")),
}
_SIGNS_WITHOUT_BODY = _SIGNS | {
    "shot": lazy_pattern(r"\d\s*(?:s(?:ec|\b)|秒|초|ث|сек|שנ|सेक)"),
    "for": lazy_pattern(r"\sin\s"),
    **dict.fromkeys(("phrase", "template"), lazy_pattern(r"\(")),
}
"""What distinguishes a header of each keyword from a sentence that begins with the word."""


def has_sign(keyword: str, written: str) -> bool:
    """Whether a line that begins with another word has the signs of that keyword's header."""
    return _SIGNS_WITHOUT_BODY[keyword].search(written) is not None


def is_surely_statement(text: str, header: Line, keyword: str, body: Sequence[Line]) -> bool:
    """Whether a header was meant as that statement, by its signs and by `body`, the lines under it.

    A `shot` has its text there; a sentence such as `shot lasts 5 seconds` has nothing.
    """
    first = next((line for line in body if line.start < line.end and text[line.start] != "#"), None)
    is_setting = first is not None and text[first.start] == "."
    takes = FORMS[keyword].takes
    if takes is Takes.STATEMENTS:
        word = _WORD.match(text, first.start, first.end) if first is not None else None
        return word is not None and word[0] in NESTED
    if keyword in ("shot", "phrase"):
        return first is not None
    written = text[header.start : header.end]
    return (takes is Takes.SETTINGS and is_setting) or _SIGNS[keyword].search(written) is not None
