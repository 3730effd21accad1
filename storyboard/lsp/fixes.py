"""Offer fixes as code actions: single ones, and all safe ones of a file together."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from storyboard.diagnostics import Diagnostic, Edit, Severity
from storyboard.diagnostics.edits import edited, safe_fixes
from storyboard.diagnostics.rules.advice import SILENCES_NOTHING
from storyboard.lsp.findings import shown_finding
from storyboard.lsp.live_check import LiveChecks, LiveReport
from storyboard.lsp.outline import blocks_around
from storyboard.lsp.text_edits import edits_between, workspace_edit
from storyboard.project.rewriting import ROUNDS, fixes_that_parse
from storyboard.source import Span


def actions_at(checks: LiveChecks, report: LiveReport, start: int, end: int) -> Iterator[types.CodeAction]:
    """Return the fixes of findings between two offsets of a file, safe ones first."""
    here = [found for found in report.found if found.fix and _touches(found, report, start, end)]
    for found in sorted(here, key=lambda each: not (each.fix and each.fix.safe)):
        if found.fix is not None:
            yield types.CodeAction(
                title=found.fix.title,
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[shown_finding(found, checks.buffers)],
                is_preferred=found.fix.safe or None,
                edit=workspace_edit(found.fix.edits, checks.buffers),
            )


def silencing_at(checks: LiveChecks, report: LiveReport, start: int, end: int) -> Iterator[types.CodeAction]:
    """Return, for each warning or hint between two offsets, a comment above its statement that silences it."""
    if report.file is None:
        return
    source = report.file.source
    for found in report.found:
        if (
            found.severity is Severity.ERROR
            or found.rule is SILENCES_NOTHING
            or not _touches(found, report, start, end)
        ):
            continue
        around = blocks_around(report.file, found.span.start)
        if not around or found.span.source.text != source.text:
            continue
        header = around[0].start
        line = source.text.rfind("\n", 0, header) + 1
        comment = f"{source.text[line:header]}# ok {found.code}: \n"
        yield types.CodeAction(
            title=f"silence {found.code} here: write the reason",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[shown_finding(found, checks.buffers)],
            edit=workspace_edit([Edit(Span(source, line, line), comment)], checks.buffers),
        )


def fix_all(checks: LiveChecks, report: LiveReport) -> types.CodeAction | None:
    """Return everything that `lint --fix` would do to one file; None if there is nothing."""
    buffers = checks.buffers
    before = report.file.source.text if report.file else None
    after = before and _mended(checks, report)
    if before is None or after is None or after == before:
        return None
    edits = edits_between(before, after, buffers.codec)
    buffer = buffers.by_path.get(report.path)
    document = types.OptionalVersionedTextDocumentIdentifier(
        buffers.uri_of(report.path), buffer.version if buffer else None
    )
    return types.CodeAction(
        title="Apply all safe fixes",
        kind=types.CodeActionKind.SourceFixAll,
        edit=types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, [*edits])]),
    )


def _mended(checks: LiveChecks, report: LiveReport) -> str | None:
    """Apply safe fixes repeatedly, as one may reveal the next mistake."""
    text: str | None = None
    for _ in range(ROUNDS):
        if report.file is None:
            break
        source = report.file.source
        fixes = [
            fix for fix in safe_fixes(report.found) if all(edit.span.source.path == report.path for edit in fix.edits)
        ]
        kept = fixes_that_parse(source, fixes) if fixes else ()
        if not kept:
            break
        text = edited(source, [Edit(edit.span, edit.text) for fix in kept for edit in fix.edits])
        report = checks.check(report.path, {report.path: text.encode("utf-8", "surrogatepass")})
    return text


def _touches(found: Diagnostic, report: LiveReport, start: int, end: int) -> bool:
    span = found.span
    return span.source.path == report.path and span.start <= end and start <= span.end


def wants(kinds: list[types.CodeActionKind | str] | None, kind: types.CodeActionKind) -> bool:
    """Whether a client that asks for some kinds of actions asks for this one, by itself or by a kind above it."""
    return kinds is None or any(kind.value == each or kind.value.startswith(f"{each}.") for each in map(_name, kinds))


def _name(kind: types.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind
