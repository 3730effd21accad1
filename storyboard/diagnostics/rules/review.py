"""SB500-SB509: what a reviewer wrote on the contact sheet."""

from __future__ import annotations

from storyboard.diagnostics.diagnostic import Rule, Severity

_STORY = 'story "Night"\n  .model kirin_v3_t2v\n\nshot street 5s\n  Rain on lanterns.\n'

REVIEW_NOTE = Rule(
    "SB500",
    "review-note",
    Severity.HINT,
    "a reviewer wrote a note at this shot",
    """`storyboard notes FILE` shows the notes that a reviewer wrote on the contact sheet, each at the line of its
shot. *Save notes* on the page gives the file. `storyboard export --notes FILE` carries the notes into the editing
program.""",
    _STORY,
    _STORY,
    when="build",
)

LOST_REVIEW_NOTE = Rule(
    "SB501",
    "review-note-without-shot",
    Severity.HINT,
    "a reviewer wrote a note at a shot that the story no longer has",
    """The shot was renamed or removed after the note was written. The note is shown at the line of its story, so that
it is not lost.""",
    _STORY,
    _STORY,
    when="build",
)
