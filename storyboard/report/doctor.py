"""What `doctor` found: one line each, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from storyboard.report.document_types import DoctorDocument
from storyboard.report.style import Line, Style, line, pad

CheckedThing: TypeAlias = tuple[str, str, str, str]
"""What was checked, its state (`ok`, `note` or `problem`), what was found, and what to do."""

_SIGNS: dict[str, tuple[str, Style]] = {"ok": ("✓", "ok"), "note": ("·", "hint"), "problem": ("✗", "error")}
_WIDTH = 13


def doctor_report(checks: Sequence[CheckedThing]) -> list[Line]:
    """Return one line for each thing that was checked."""
    return [
        line(_SIGNS[state], f" {pad(name, _WIDTH)}", text, (f"   → {way_out}" if way_out else "", "bold"))
        for name, state, text, way_out in checks
    ]


def doctor_document(checks: Sequence[CheckedThing]) -> DoctorDocument:
    """Return the document of `doctor --json`."""
    return {
        "checks": [
            {"name": name, "state": state, "text": text, "way_out": way_out or None}
            for name, state, text, way_out in checks
        ],
        "problems": sum(state == "problem" for _, state, _, _ in checks),
    }
