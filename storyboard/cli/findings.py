"""Findings beside a command's own result: errors in full, the rest in one line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from storyboard.cli.output import note, view
from storyboard.report.frames import count, report, summary
from storyboard.report.style import line

if TYPE_CHECKING:
    from storyboard.project import Compiled


def tell_findings(compiled: Compiled) -> None:
    """Write the findings to stderr, since they are not what was asked for, and which named libraries are skipped."""
    skipped = [file.path.name for file in compiled.files if file.named and file.is_library]
    note([line(("note", "hint"), f": `{name}` is a library and is skipped") for name in skipped])
    if compiled.has_errors:
        found = compiled.diagnostics
        note([*report(found, view(sys.stderr)), summary(found, len(compiled.files))])
    elif any(count(compiled.diagnostics).values()):
        note([line(*summary(compiled.diagnostics, len(compiled.files)), (": storyboard lint shows them", "dim"))])
