"""Apply the fix of a header in memory, so that a line with a small mistake is still understood."""

from __future__ import annotations

from collections.abc import Sequence

from storyboard.diagnostics import Edit
from storyboard.fast_named_tuples import NamedTuple

MOST_EDITS = 64
"""A header with more is left as it is."""


class Repair(NamedTuple):
    """A fixed stretch of a source, with a mapping back: each place in `text` has one in the source."""

    text: str
    start: int
    edits: tuple[Edit, ...]

    def place(self, offset: int) -> int:
        """Map an offset in `text` to the source; inside replaced text, to where that begins."""
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
    """Apply edits to a stretch; None if there are too many, or they overlap or lie outside."""
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
