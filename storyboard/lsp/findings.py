"""Convert findings to what an editor shows."""

from __future__ import annotations

from lsprotocol import types

from storyboard.diagnostics import Diagnostic, Severity
from storyboard.diagnostics.docs_site import page_of
from storyboard.lsp.buffers import Buffers
from storyboard.report.manual import address_of_code

SOURCE = "storyboard"
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.HINT: types.DiagnosticSeverity.Hint,
}
_UNUSED = ("unused", "same-as-inherited")
_MOST_RELATED = 20


def shown_finding(found: Diagnostic, buffers: Buffers) -> types.Diagnostic:
    """Return one finding: its message, then the note at the marked text and what to do."""
    help_ = found.help if found.help and found.help != found.label else None
    lines = [found.message, *([found.label] if found.label else []), *([f"help: {help_}"] if help_ else [])]
    return types.Diagnostic(
        range=buffers.codec.range(found.span),
        severity=_SEVERITIES[found.severity],
        code=found.code,
        code_description=_page_of(found.code),
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


def _page_of(code: str) -> types.CodeDescription | None:
    """Return the code's page on the web, or in the manual on this machine while there is no site."""
    address = page_of(code) or address_of_code(code)
    return None if address is None else types.CodeDescription(address)


def shown_trouble(message: str) -> types.Diagnostic:
    """Return why a file cannot be checked at all, at its first line."""
    start = types.Position(0, 0)
    return types.Diagnostic(types.Range(start, start), message, types.DiagnosticSeverity.Error, source=SOURCE)
