"""Names for shots, scenes and texts, made from what other formats call them."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.importing.labels import words
from storyboard.syntax.full_width import in_ascii_digits

LONGEST = 40
"""Letters of a name."""

_RESERVED = words(
    "and|or|not|in|is|if|else|elif|endif|true|false|none|for|import|as|let|param|phrase|template|use|scene|shot|split|"
    "story|edition|avoid"
)
_DURATION = lazy_pattern(r"[0-9]+(?:\.[0-9]+)?s")
_SMALL_WORDS = words("the|a|an")


def label_name(text: str, taken: Collection[str], fallback: str) -> str:
    """Return a name for a shot or scene, such as `the-river`, that is not `taken` yet."""
    name = "-".join(_words(in_ascii_digits(text)))[:LONGEST].strip("-")
    if not name or _DURATION.fullmatch(name) or name.lower() in _RESERVED or not _may_begin(name[0]):
        name = f"{fallback}-{name}".strip("-") if name and _may_go_on(name) else fallback
    return _free(name, taken, "-")


def text_name(text: str, taken: Collection[str]) -> str:
    """Return a name for a `let`, such as `old_man`, that is not `taken` yet."""
    name = "_".join(_words(text))[:LONGEST].strip("_")
    if not name or name[0].isdigit() or not (name[0].isalpha() or name[0] == "_"):
        name = f"name_{name}".strip("_")
    if name.lower() in _RESERVED or not name.isidentifier():
        name = f"{name}_" if name.isidentifier() else "name"
    return _free(name, taken, "_")


def _words(text: str) -> list[str]:
    """Return the words of a text, lower case, without marks; no small words before others."""
    letters = "".join(sign if _is_letter(sign) else " " for sign in unicodedata.normalize("NFC", text).lower())
    found = letters.split()
    return found[1:] if len(found) > 1 and found[0] in _SMALL_WORDS else found


def _is_letter(sign: str) -> bool:
    """Whether a character may stand in a name: letters, digits and the marks that combine with them."""
    return f"x{sign}".isidentifier() and sign != "_" and unicodedata.normalize("NFKC", sign) == sign


def _may_begin(sign: str) -> bool:
    return sign.isidentifier() or (sign.isascii() and sign.isdigit())


def _may_go_on(name: str) -> bool:
    return all(_is_letter(sign) or sign == "-" for sign in name)


def _free(name: str, taken: Collection[str], joint: str) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name}{joint}{number}" in taken:
        number += 1
    return f"{name}{joint}{number}"
