"""Text edits for an editor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from lsprotocol import types

from storyboard.diagnostics import Edit
from storyboard.lsp.buffers import Buffers
from storyboard.lsp.positions import PositionCodec

_WINDOW = 40
"""Lines ahead that are searched for one that both texts have, after they differ."""


def edits_between(before: str, after: str, codec: PositionCodec) -> list[types.TextEdit]:
    """Return edits for only the lines that differ between two texts, so that the cursor and folds elsewhere stay in
    place."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts = [0, *accumulate(map(len, old))]
    return [
        types.TextEdit(codec.range_in(before, starts[start], starts[end]), "".join(new[first:last]))
        for start, end, first, last in _differences(old, new)
    ]


def _differences(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield the ranges of lines that differ, in both texts, in time that grows with the number of lines only.

    Formatting and fixes change lines here and there. A difference of more lines than the window is one range.
    """
    same_at_end = 0
    for one, other in zip(reversed(old), reversed(new), strict=False):
        if one != other:
            break
        same_at_end += 1
    at, to = 0, 0
    while at < len(old) or to < len(new):
        if at < len(old) and to < len(new) and old[at] == new[to]:
            at, to = at + 1, to + 1
            continue
        common = min(same_at_end, len(old) - at, len(new) - to)
        end, last = _next_alike(old, new, at, to) or (len(old) - common, len(new) - common)
        yield at, end, to, last
        at, to = end, last


def _next_alike(old: Sequence[str], new: Sequence[str], at: int, to: int) -> tuple[int, int] | None:
    """Return the nearest line that both texts have, blank ones aside; None if there is none in the window."""
    places: dict[str, int] = {}
    for place in range(to, min(len(new), to + _WINDOW)):
        if new[place].strip():
            places.setdefault(new[place], place)
    ahead = range(at, min(len(old), at + _WINDOW))
    alike = [(place, places[old[place]]) for place in ahead if old[place] in places]
    return min(alike, key=sum) if alike else None


def workspace_edit(
    edits: Iterable[Edit], buffers: Buffers, *, annotation: types.ChangeAnnotation | None = None
) -> types.WorkspaceEdit:
    """Return edits of one or more files; with an `annotation`, the editor shows it and asks before applying them."""
    files: dict[str, list[types.TextEdit | types.AnnotatedTextEdit | types.SnippetTextEdit]] = {}
    versions: dict[str, int | None] = {}
    for edit in edits:
        path = edit.span.source.path
        uri = buffers.uri_of(path)
        buffer = buffers.by_path.get(path)
        versions[uri] = buffer.version if buffer else None
        place = buffers.codec.range(edit.span)
        files.setdefault(uri, []).append(
            types.AnnotatedTextEdit("change", place, edit.text) if annotation else types.TextEdit(place, edit.text)
        )
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri, versions[uri]), each)
            for uri, each in files.items()
        ],
        change_annotations={"change": annotation} if annotation else None,
    )
