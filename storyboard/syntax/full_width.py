"""Full-width and typographic signs in headers: what the author's keyboard wrote for the ASCII sign that was meant."""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import digit, normalize

from storyboard.diagnostics import Edit
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.source import Source, Span

MEANT = {
    **dict.fromkeys("“”„‟〝〞〟＂「」『』", '"'),
    **dict.fromkeys("（﹙", "("),
    **dict.fromkeys("）﹚", ")"),
    **dict.fromkeys("＝﹦", "="),
    **dict.fromkeys("：﹕∶", ":"),
    **dict.fromkeys("．｡。", "."),
    **dict.fromkeys("–—―−－﹣", "-"),
    **dict.fromkeys("＿﹍﹎﹏", "_"),
    **dict.fromkeys("＃﹟", "#"),
    **dict.fromkeys("\u00a0\u2002\u2003\u2009\u202f\u205f\u3000", " "),
    **dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", ""),
    "；": ";",
}
"""The ASCII sign that each stands for; "" for one that cannot be seen."""

COLONS = "：﹕∶"
_SIGNS = lazy_pattern("[" + "".join(MEANT) + "]")
_INVISIBLE = lazy_pattern("[" + "".join(sign for sign, meant in MEANT.items() if not meant) + "]")
_STRING = lazy_pattern(r'"(?:[^"\\]|\\.)*"')
_WIDE = lazy_pattern(r"[０-９Ａ-Ｚａ-ｚ：．]+")


def sign_at(text: str, offset: int) -> str | None:
    """Return the sign at a place, if it is one of those."""
    sign = text[offset : offset + 1]
    return sign if sign in MEANT else None


def edits(source: Source, start: int, end: int) -> tuple[Edit, ...]:
    """Return the edits that turn every such sign of a header, outside strings, into ASCII. The text of a `let` is not
    header."""
    header = source.text[start:end]
    names_text = header.startswith(("let", "param"))
    written = []
    for offset in _signs_outside_strings(header.partition("=")[0] if names_text else header):
        sign = header[offset]
        meant = _colon(header, offset, names_text=names_text) if sign in COLONS else MEANT[sign]
        written.append(Edit(Span(source, start + offset, start + offset + 1), meant))
        if names_text and meant.strip() == "=":
            break
    return tuple(written)


def without_invisible(text: str) -> str:
    """Return a text without the characters that cannot be seen."""
    return _INVISIBLE.sub("", text)


def narrow(word: str) -> str:
    """Return a word with full-width letters, digits and signs made ASCII; others stay."""
    return _WIDE.sub(lambda match: normalize("NFKC", match[0]), word)


def _signs_outside_strings(header: str) -> Iterator[int]:
    at = 0
    while (sign := _SIGNS.search(header, at)) is not None:
        string = _STRING.search(header, at)
        if string is not None and string.start() < sign.start():
            at = string.end()
        else:
            at = sign.end()
            yield sign.start()


def _colon(header: str, offset: int, *, names_text: bool) -> str:
    """Return what a colon in a header stands for: `=`, or a space between two parts."""
    before = header[:offset]
    assigns = (names_text and "=" not in before) or before.count("(") + before.count("（") > before.count(")")
    return " = " if assigns else " "


def in_ascii_digits(text: str) -> str:
    """Convert the digits of every script to ASCII, in the same places."""
    if text.isascii():
        return text
    return "".join(str(digit(sign)) if sign.isdecimal() else sign for sign in text)
