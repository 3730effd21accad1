"""Findings as an editor shows them."""

from __future__ import annotations

from lsprotocol import types

from storyboard.diagnostics import Diagnostic, Severity
from storyboard.lsp.buffers import Buffers

SOURCE = "storyboard"
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.HINT: types.DiagnosticSeverity.Hint,
}
_UNUSED = ("unused", "same-as-inherited")
_MOST_RELATED = 20


def shown_finding(found: Diagnostic, buffers: Buffers) -> types.Diagnostic:
    """One finding: its message, then what stands under the marked text and what to do."""
    help_ = found.help if found.help and found.help != found.label else None
    lines = [found.message, *([found.label] if found.label else []), *([f"help: {help_}"] if help_ else [])]
    return types.Diagnostic(
        range=buffers.codec.range(found.span),
        severity=_SEVERITIES[found.severity],
        code=found.code,
        source=SOURCE,
        message="\n".join(lines),
        tags=[types.DiagnosticTag.Unnecessary] if found.rule.name in _UNUSED else None,
        related_information=[
            types.DiagnosticRelatedInformation(
                types.Location(buffers.uri_of(each.span.source.path), buffers.codec.range(each.span)), each.message
            )
            for each in found.related[:_MOST_RELATED]
        ]
        or None,
    )


def shown_trouble(message: str) -> types.Diagnostic:
    """Why a file cannot be checked at all, at its first line."""
    start = types.Position(0, 0)
    return types.Diagnostic(types.Range(start, start), message, types.DiagnosticSeverity.Error, source=SOURCE)
