"""The JSON that scripts rely on. Fields may be added, but never removed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storyboard.diagnostics import Diagnostic, Edit, Fix, Related, Severity
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.report.frames import count
from storyboard.report.style import shown
from storyboard.source import Span

if TYPE_CHECKING:
    from storyboard.report.document_types import (
        EditDocument,
        FindingDocument,
        FindingsDocument,
        FixDocument,
        PlaceDocument,
        RelatedDocument,
    )

_SURROGATES = lazy_pattern("[\ud800-\udfff]")


def as_json(document: Any) -> str:
    """Return a document as JSON text that ends in a line end. Bytes of file names that are no text are escaped."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return _SURROGATES.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def lint_document(diagnostics: Sequence[Diagnostic], base: Path) -> FindingsDocument:
    """Return the document of `lint --json`."""
    counts = count(diagnostics)
    return {
        "diagnostics": diagnostics_of(diagnostics, base),
        "errors": counts[Severity.ERROR],
        "warnings": counts[Severity.WARNING],
        "hints": counts[Severity.HINT],
    }


def diagnostics_of(diagnostics: Sequence[Diagnostic], base: Path) -> list[FindingDocument]:
    """Return the list that every document has under `diagnostics`."""
    return [_diagnostic(diagnostic, base) for diagnostic in diagnostics]


def _diagnostic(diagnostic: Diagnostic, base: Path) -> FindingDocument:
    return {
        "code": diagnostic.code,
        "name": diagnostic.rule.name,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        **_place(diagnostic.span, base),
        "label": diagnostic.label,
        "help": diagnostic.help,
        "fix": _fix(diagnostic.fix, base) if diagnostic.fix else None,
        "related": [_related(related, base) for related in diagnostic.related],
    }


def _fix(fix: Fix, base: Path) -> FixDocument:
    return {"title": fix.title, "safe": fix.safe, "edits": [_edit(edit, base) for edit in fix.edits]}


def _edit(edit: Edit, base: Path) -> EditDocument:
    return {**_place(edit.span, base), "text": edit.text}


def _related(related: Related, base: Path) -> RelatedDocument:
    return {"message": related.message, **_place(related.span, base)}


def _place(span: Span, base: Path) -> PlaceDocument:
    start, end = span.position, span.end_position
    return {
        "path": shown(span.source.path, base),
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
    }
