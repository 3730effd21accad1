"""Findings as annotations of a GitHub workflow.

The format: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from storyboard.diagnostics import Diagnostic, Severity
from storyboard.report.style import shown

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "notice"}


def github_annotations(diagnostics: Sequence[Diagnostic], base: Path) -> str:
    """Return the output of `lint --format github`: one workflow command per line."""
    return "".join(_annotation(diagnostic, base) for diagnostic in diagnostics)


def _annotation(diagnostic: Diagnostic, base: Path) -> str:
    start, end = diagnostic.span.position, diagnostic.span.end_position
    values = {"file": shown(diagnostic.span.source.path, base), "line": start.line, "endLine": end.line}
    if start.line == end.line:  # GitHub takes columns only within a line, and its last one is inside
        values |= {"col": start.column, "endColumn": max(start.column, end.column - 1)}
    values["title"] = f"{diagnostic.code} {diagnostic.rule.name}"
    properties = ",".join(f"{name}={_escaped(str(value), inside=True)}" for name, value in values.items())
    message = f"{diagnostic.message}\n{diagnostic.help}" if diagnostic.help else diagnostic.message
    return f"::{COMMANDS[diagnostic.severity]} {properties}::{_escaped(message)}\n"


def _escaped(text: str, *, inside: bool = False) -> str:
    """Escape a text as GitHub's runner reads it; inside a property, commas and colons too."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if inside else text
