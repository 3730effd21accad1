"""Findings for the author, as plain data; they are rendered elsewhere."""

from storyboard.diagnostics.diagnostic import (
    Diagnostic,
    Edit,
    Fix,
    Outcome,
    Related,
    Rule,
    Severity,
    has_errors,
    sort_by_place,
)

__all__ = ["Diagnostic", "Edit", "Fix", "Outcome", "Related", "Rule", "Severity", "has_errors", "sort_by_place"]
