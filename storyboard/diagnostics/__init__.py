"""What is told to an author: findings as plain data, rendered elsewhere."""

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
