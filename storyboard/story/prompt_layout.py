"""Lay out text after names are replaced: paragraphs, joins, spaces.

While names are being replaced, two marks carry information that plain characters cannot. Both are lone surrogates,
which no decoded file can contain.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from storyboard.files.lazy_pattern import lazy_pattern

TAG = "\ud800"
"""Marks where a `{{ }}` or `{% %}` was: a line with nothing else is dropped."""

KEPT_BREAK = "\ud801"
"""A line break of an inserted value, which is kept, unlike the line ends of the surrounding text."""

_CJK = (
    "\u02ea\u02eb",
    "\u2e80\u2fdf",
    "\u2ff0\u303f",
    "\u3040\u30ff",
    "\u3100\u312f",
    "\u3190\u31bf",
    "\u31c0\u31ff",
    "\u32d0\u32fe",
    "\u3300\u3357",
    "\u3400\u4dbf",
    "\u4e00\u9fff",
    "\uf900\ufaff",
    "\uff66\uff9f",
    "\U00016fe2\U00016fe4",
    "\U00016ff0\U00016ff6",
    "\U0001aff0\U0001b16f",
    "\U0001f200\U0001f200",
    "\U00020000\U0003ffff",
)
"""The first and last character of each range of letters written without spaces between words."""
_CJK_FORMS = ("\ufe10\ufe1f", "\ufe30\ufe6f", "\uff00\uffef")
"""Ranges of forms whose punctuation is written without spaces."""
_BLANKS = lazy_pattern(r"[ \t]{2,}|\t")
_AROUND_BREAK = lazy_pattern(r"[ \t]*\n[ \t]*")


def lay_out(filled: str) -> str:
    """Return the text as sent: lines of a paragraph joined, blank lines as one break, runs of blanks as one space, in
    NFC."""
    if "\n" not in filled:
        return _finish(_without_tags(filled))
    paragraphs: list[list[str]] = [[]]
    for line in filled.split("\n"):
        bare = _without_tags(line).strip(" \t")
        if bare:
            paragraphs[-1].append(nfc(bare))
        elif TAG not in line:
            paragraphs.append([])
    return _finish("\n".join(_join(lines) for lines in paragraphs if lines))


def join_lines(laid_out: Iterable[str]) -> str:
    """Join laid-out texts as successive lines: the last paragraph of one continues in the first of the next."""
    return nfc(_join([text for text in laid_out if text]))


def keep_breaks(value: str) -> str:
    """Mark a value's own line breaks as kept before it is inserted."""
    return value.replace("\n", KEPT_BREAK) if "\n" in value else value


def as_it_is(filled: str) -> str:
    """Return an inserted string without layout: blanks and breaks unchanged."""
    return nfc(filled.replace(TAG, "").replace(KEPT_BREAK, "\n"))


def _join(lines: list[str]) -> str:
    parts = lines[:1]
    for before, after in pairwise(lines):
        if not _joins_closely(before, after):
            parts.append(" ")
        parts.append(after)
    return "".join(parts)


def _joins_closely(before: str, after: str) -> bool:
    if before.isascii() and after.isascii():
        return False
    return _closely(_last_letter(before), after[0])


@lru_cache(maxsize=4096)
def _closely(left: str, right: str) -> bool:
    if _is_cjk(left):
        return _is_cjk(right) or _is_punctuation(right)
    return _is_cjk(right) and _is_punctuation(left)


def _last_letter(line: str) -> str:
    """Return the last character that is not a combining mark."""
    for char in reversed(line):
        if not unicodedata.category(char).startswith("M"):
            return char
    return line[-1]


def _is_cjk(char: str) -> bool:
    return _is_in(_CJK, char) or (_is_in(_CJK_FORMS, char) and _is_punctuation(char))


def _is_in(ranges: Iterable[str], char: str) -> bool:
    return any(each[0] <= char <= each[1] for each in ranges)


def _is_punctuation(char: str) -> bool:
    return unicodedata.category(char).startswith("P")


def _without_tags(line: str) -> str:
    return line.replace(TAG, "") if TAG in line else line


def _finish(text: str) -> str:
    if KEPT_BREAK in text:
        text = text.replace(KEPT_BREAK, "\n")
    if "  " in text or "\t" in text:
        text = _BLANKS.sub(" ", text)
    if "\n" in text:
        text = _AROUND_BREAK.sub("\n", text)
    return nfc(text.strip(" \t\n"))


def nfc(text: str) -> str:
    """Return the text in Unicode's NFC, in which everything is compared and sent."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)
