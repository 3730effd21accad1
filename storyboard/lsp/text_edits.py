"""Text edits for an editor."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from lsprotocol import types

from storyboard.diagnostics import Edit
from storyboard.lsp.buffers import Buffers
from storyboard.lsp.positions import PositionCodec

_MOST_LINES = 20_000
"""Longest text for which the smallest change is computed, in lines."""


def edits_between(before: str, after: str, codec: PositionCodec) -> list[types.TextEdit]:
    """Return edits for only the lines that differ between two texts, so that the cursor and folds elsewhere stay in
    place."""
    if before == after:
        return []
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if max(len(old), len(new)) > _MOST_LINES:
        return [types.TextEdit(codec.range_in(before, 0, len(before)), after)]
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    changes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [
        types.TextEdit(codec.range_in(before, starts[start], starts[end]), "".join(new[first:last]))
        for what, start, end, first, last in changes
        if what != "equal"
    ]


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
