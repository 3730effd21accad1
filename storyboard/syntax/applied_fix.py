"""A header as its fix would make it, so that a line that is only misspelt is understood anyway."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from storyboard.diagnostics import Edit

MOST_EDITS = 64
"""A header with more is left as it is."""


class Repair(NamedTuple):
    """A mended stretch of a source, and the way back: each place in `text` has one in the source."""

    text: str
    start: int
    edits: tuple[Edit, ...]

    def place(self, offset: int) -> int:
        """The offset in the source of one in `text`; inside what was written again, where that begins."""
        shift = self.start
        for edit in self.edits:
            begins = edit.span.start - shift
            if offset <= begins:
                break
            if offset < begins + len(edit.text):
                return edit.span.start
            shift += edit.span.end - edit.span.start - len(edit.text)
        return offset + shift


def repair(text: str, start: int, end: int, edits: Sequence[Edit]) -> Repair | None:
    """The stretch with the edits applied; None if they are many, overlap or lie outside."""
    ordered = tuple(sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)))
    if not ordered or len(ordered) > MOST_EDITS or ordered[0].span.start < start:
        return None
    pieces, at = [], start
    for edit in ordered:
        if edit.span.start < at or edit.span.end > end:
            return None
        pieces += [text[at : edit.span.start], edit.text]
        at = edit.span.end
    return Repair("".join(pieces) + text[at:end], start, ordered)
