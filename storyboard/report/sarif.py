"""Findings as SARIF 2.1.0, which code hosts and editors read.

The format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from storyboard.diagnostics import Diagnostic, Fix, Rule, Severity
from storyboard.diagnostics.docs_site import DOCS_SITE, page_of
from storyboard.report.style import shown
from storyboard.source import Span

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "note"}


def sarif_document(
    diagnostics: Sequence[Diagnostic], base: Path, version: str, site: str | None = DOCS_SITE
) -> dict[str, Any]:
    """Return the document of `lint --format sarif`; `version` is the program's, `site` the address of its
    documentation."""
    rules = list(dict.fromkeys(diagnostic.rule for diagnostic in diagnostics))
    driver = {"name": "storyboard", "version": version, "rules": [_rule(rule, site) for rule in rules]}
    results = [_result(diagnostic, rules.index(diagnostic.rule), base) for diagnostic in diagnostics]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }


def _rule(rule: Rule, site: str | None) -> dict[str, Any]:
    page = page_of(rule.code, site)
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.explanation, "markdown": rule.explanation},
        **({"helpUri": page} if page else {}),
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
    }


def _result(diagnostic: Diagnostic, index: int, base: Path) -> dict[str, Any]:
    text = f"{diagnostic.message}\n{diagnostic.help}" if diagnostic.help else diagnostic.message
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": LEVELS[diagnostic.severity],
        "message": {"text": text},
        "locations": [_location(diagnostic.span, base)],
    }
    if diagnostic.related:
        result["relatedLocations"] = [
            _location(related.span, base) | {"message": {"text": related.message}} for related in diagnostic.related
        ]
    if diagnostic.fix:
        result["fixes"] = [_fix(diagnostic.fix, base)]
    return result


def _location(span: Span, base: Path) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": _artifact(span, base), "region": _region(span)}}


def _artifact(span: Span, base: Path) -> dict[str, str]:
    return {"uri": quote(shown(span.source.path, base), errors="surrogateescape")}


def _region(span: Span) -> dict[str, int]:
    start, end = span.position, span.end_position
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }


def _fix(fix: Fix, base: Path) -> dict[str, Any]:
    changes: dict[Path, dict[str, Any]] = {}
    for edit in fix.edits:
        blank = {"artifactLocation": _artifact(edit.span, base), "replacements": []}
        change = changes.setdefault(edit.span.source.path, blank)
        change["replacements"].append({"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}})
    return {"description": {"text": fix.title}, "artifactChanges": list(changes.values())}
