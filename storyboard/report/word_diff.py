"""Compare two texts word by word; Chinese, Japanese and Korean character by character."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, TypeAlias

from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern

PieceKind: TypeAlias = Literal["same", "gone", "new"]

_LETTERS = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_MARKS = "!-&(-,./:-@\\[-`{-~\u3000-\u303f\uff01-\uff65\u201c\u201d\u2026"
_WORD = lazy_pattern(rf"[{_LETTERS}]|\s+|[^\s{_LETTERS}{_MARKS}]+|.", re.DOTALL)
_NEAR = 12
"""How many words and blanks are shown on each side of a change."""
_LEAST = 12
"""Smallest number of words that is left out."""


class DiffPiece(NamedTuple):
    """A piece of text that stayed, was deleted or was inserted."""

    kind: PieceKind
    text: str


class WordDiffs:
    """Compares many pairs of texts, with a bound on the total work. The part between common beginnings and endings is
    compared in full only within that bound.
    """

    def __init__(self, most: int = 20_000_000) -> None:
        """`most` is how many pairs of words may be compared."""
        self._left = most

    def of(self, was: str, now: str) -> tuple[DiffPiece, ...]:
        """Return all of both texts, deletions before the insertions that replace them."""
        return _diff(_WORD.findall(was), _WORD.findall(now), self._spend)

    def _spend(self, pairs: int) -> bool:
        self._left -= pairs
        return self._left >= 0


def _diff(before: list[str], after: list[str], is_allowed: Callable[[int], bool]) -> tuple[DiffPiece, ...]:
    start = _common(before, after)
    head, before, after = before[:start], before[start:], after[start:]
    end = _common(before[::-1], after[::-1])
    tail = before[len(before) - end :]
    gone, new = before[: len(before) - end], after[: len(after) - end]
    if is_allowed(len(gone) * len(new)):
        middle = list(_changes(gone, new))
    else:
        middle = [DiffPiece("gone", "".join(gone)), DiffPiece("new", "".join(new))]
    pieces = [DiffPiece("same", "".join(head)), *middle, DiffPiece("same", "".join(tail))]
    return tuple(piece for piece in pieces if piece.text)


def changes_only(pieces: Sequence[DiffPiece]) -> tuple[DiffPiece, ...]:
    """Return only deletions and insertions: equal for the same edit to two texts."""
    return tuple(piece for piece in pieces if piece.kind != "same")


def shortened(pieces: Sequence[DiffPiece]) -> tuple[DiffPiece, ...]:
    """Replace unchanged text far from any change by `…`."""
    return tuple(
        piece._replace(text=_shortened(piece.text, at > 0, at < len(pieces) - 1)) if piece.kind == "same" else piece
        for at, piece in enumerate(pieces)
    )


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many equal words two texts begin with."""
    number = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        number += 1
    return number


def _changes(before: Sequence[str], after: Sequence[str]) -> Iterator[DiffPiece]:
    from difflib import SequenceMatcher

    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield DiffPiece("same", "".join(before[a:b]))
        else:
            yield from (DiffPiece("gone", "".join(before[a:b])), DiffPiece("new", "".join(after[c:d])))


def _shortened(text: str, follows: bool, leads: bool) -> str:
    words = _WORD.findall(text)
    if len(words) <= _NEAR * (follows + leads) + _LEAST:
        return text
    head = "".join(words[:_NEAR]).rstrip() + " " if follows else ""
    tail = " " + "".join(words[-_NEAR:]).lstrip() if leads else ""
    return f"{head}…{tail}"
