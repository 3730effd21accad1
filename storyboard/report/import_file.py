"""The result of an import: for people, and as JSON."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from storyboard.diagnostics import Diagnostic
from storyboard.importing.imported_film import UnreadLine
from storyboard.importing.story_text import UNKNOWN_LENGTH, ImportedStory
from storyboard.report.document_types import ImportDocument
from storyboard.report.documents import diagnostics_of
from storyboard.report.frames import View, report
from storyboard.report.style import Line, counted, crop, line

MOST_LISTED = 30
"""How many lines that were not understood are listed; `--json` lists all."""
LONGEST = 70
"""Longest such line that is shown, in columns."""


def import_report(story: ImportedStory, source: str, target: str) -> list[Line]:
    """Return what was written, what was not understood, what is left to write, and the next command."""
    encoding = f", {story.encoding}" if story.encoding else ""
    size = f"{counted(story.scenes, 'scene')}, {counted(story.shots, 'shot')}"
    name = "standard output" if target == "-" else target
    lines = [line(("✓ ", "ok"), (name, "place"), f"   {size}", (f"   from {source} ({story.format}{encoding})", "dim"))]
    if story.kept:
        lines.append(line(f"  changed or not understood, in {counted(len(story.kept), 'place')}:"))
        lines += [
            line(f"    {_place(kept)}  ", crop(kept.text, LONGEST), (f"   → {kept.became}", "dim"))
            for kept in story.kept[:MOST_LISTED]
        ]
        if len(story.kept) > MOST_LISTED:
            lines.append(line(f"    … and {len(story.kept) - MOST_LISTED} more; --json shows all"))
    left = left_to_say(story)
    if left:
        lines.append(line("  left for you to write: ", ("; ".join(left), "bold")))
    if target != "-":
        lines.append(line(f"  The film, as a free local animatic:  storyboard build {shlex.quote(target)}"))
    return lines


def _place(kept: UnreadLine) -> str:
    """Return where a line stood; what holds for the whole film may have stood in several places."""
    return f"line {kept.line}" if kept.line else "of the film"


def left_to_say(story: ImportedStory) -> list[str]:
    """Return what the source does not say, and how the story marks each place."""
    left = []
    if story.without_length:
        left.append(f"the length of {counted(story.without_length, 'shot')} (look for `{UNKNOWN_LENGTH}`)")
    if story.without_picture:
        left.append(f"the picture of {counted(story.without_picture, 'shot')} (look for `.card`)")
    return left


def left_in_the_story(findings: Sequence[Diagnostic], view: View) -> list[Line]:
    """Return what `lint` reports for the written story."""
    return [(), *report(findings, view)] if findings else []


def import_document(story: ImportedStory, target: str, view: View) -> ImportDocument:
    """Return the document of `import --json`."""
    return {
        "story": None if target == "-" else target,
        "text": story.text if target == "-" else None,
        "format": story.format,
        "encoding": story.encoding or "UTF-8",
        "scenes": story.scenes,
        "shots": story.shots,
        "not_understood": [{"line": kept.line, "text": kept.text, "became": kept.became} for kept in story.kept],
        "without_length": story.without_length,
        "without_picture": story.without_picture,
        "diagnostics": diagnostics_of(story.findings, view.base),
    }
