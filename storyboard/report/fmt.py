"""What `fmt` changed or would change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import unified_diff
from pathlib import Path

from storyboard.diagnostics import Diagnostic
from storyboard.report.documents import diagnostics_of
from storyboard.report.record_document_types import LayoutDocument
from storyboard.report.style import Line, Style, counted, line, shown

_STYLES: dict[str, Style] = {"+": "ok", "-": "error", "@": "hint"}


def layout_report(changed: Sequence[Path], files: int, base: Path, done: bool) -> list[Line]:
    """Return each file that formatting changes, and how many there are."""
    verb = "reformatted" if done else "would be reformatted"
    lines = [line(f"{verb}: ", (shown(path, base), "place")) for path in changed]
    same = files - len(changed)
    return [*lines, line(f"{counted(same, 'file')} already formatted")] if same else lines


def difference(path: Path, before: str, after: str, base: Path) -> list[Line]:
    """Return a unified diff of a file before and after formatting."""
    name = shown(path, base)
    old, new = before.splitlines(), after.splitlines()
    return [line((one, _STYLES.get(one[:1], ""))) for one in _hunks(old, new, name)]


def _hunks(old: list[str], new: list[str], name: str) -> Iterator[str]:
    yield from unified_diff(old, new, name, f"{name} (formatted)", lineterm="")
    if old == new:
        yield f"--- {name}"
        yield f"+++ {name} (formatted)"
        yield "@@ line endings, a byte-order mark or a missing final newline @@"


def layout_document(
    changed: Sequence[Path], files: int, diagnostics: Sequence[Diagnostic], base: Path
) -> LayoutDocument:
    """Return the document of `fmt --json`."""
    return {
        "changed": [shown(path, base) for path in changed],
        "files": files,
        "diagnostics": diagnostics_of(diagnostics, base),
    }
