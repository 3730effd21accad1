"""Check a file's statements together: the edition first, one `story`, no film in a library."""

from __future__ import annotations

from collections.abc import Sequence

from storyboard.diagnostics import Diagnostic, Edit, Fix, Related
from storyboard.diagnostics.rules import reading
from storyboard.source import Span
from storyboard.syntax.tree import (
    EditionDecl,
    ForDecl,
    Lost,
    SceneDecl,
    ShotDecl,
    SplitDecl,
    Statement,
    StoryDecl,
    UseDecl,
)

EDITION = 1
"""The newest edition of the language that this program knows."""


def judge(statements: Sequence[Statement], lost: Sequence[Lost]) -> tuple[Diagnostic | None, tuple[Diagnostic, ...]]:
    """Return a refusal of the whole file if it has a newer edition, and findings for misplaced statements."""
    found = []
    for index, statement in enumerate(statements):
        if not isinstance(statement, EditionDecl):
            continue
        if statement.number.value > EDITION:
            return _newer(statement), ()
        if statement.number.value != EDITION:
            found.append(_no_edition(statement))
        elif index or any(loss.span.start < statement.span.start for loss in lost):
            found.append(_not_first(statement))
    return None, (*found, *_second_story(statements), *_film_in_library(statements, lost))


def _newer(statement: EditionDecl) -> Diagnostic:
    return reading.EDITION.at(
        statement.number.span,
        f"this file has edition {statement.number.written}; this version of storyboard knows edition {EDITION}",
        help="update storyboard to read it",
    )


def _no_edition(statement: EditionDecl) -> Diagnostic:
    span = statement.number.span
    return reading.EDITION.at(
        span,
        f"there is no edition {statement.number.written}",
        help=f"write `edition {EDITION}`",
        fix=Fix(f"write `edition {EDITION}`", (Edit(span, str(EDITION)),), safe=True),
    )


def _not_first(statement: EditionDecl) -> Diagnostic:
    return reading.EDITION.at(
        statement.span,
        "`edition` is not the first statement of the file",
        help="move it above everything except comments",
    )


def _second_story(statements: Sequence[Statement]) -> list[Diagnostic]:
    stories = [statement for statement in statements if isinstance(statement, StoryDecl)]
    return [
        reading.STORY_TWICE.at(
            second.span,
            "this file already has a `story` line",
            help="put the second story into a file of its own",
            related=[Related("the first", stories[0].span)],
        )
        for second in stories[1:]
    ]


def _film_in_library(statements: Sequence[Statement], lost: Sequence[Lost]) -> list[Diagnostic]:
    if any(isinstance(s, StoryDecl) for s in statements) or any(loss.keyword in (None, "story") for loss in lost):
        return []
    film = (ShotDecl, SceneDecl, UseDecl, ForDecl, SplitDecl)
    first = next((statement for statement in statements if isinstance(statement, film)), None)
    if first is None:
        return []
    keyword = first.span.text.split(None, 1)[0]
    top = Span(first.span.source, first.span.start, first.span.start)
    return [
        reading.STORY_MISSING.at(
            first.span,
            f"`{keyword}` makes a film, but this file has no `story` line",
            help='start it with `story "Title"`; a library contains only `let`, `param`, `phrase`, `template` and '
            "`import`",
            fix=Fix("add a `story` line", (Edit(top, 'story "Untitled"\n\n'),)),
        )
    ]
