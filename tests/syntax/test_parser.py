from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from storyboard.source import Source
from storyboard.syntax import parse
from storyboard.syntax.tree import ForDecl, ShotDecl, StoryFile, TemplateDecl, UseDecl

CASES = Path(__file__).parent.parent / "cases" / "syntax"


def read(text: str) -> StoryFile:
    outcome = parse(Source(Path("/t.story"), text))
    assert not outcome.diagnostics
    assert outcome.value is not None
    return outcome.value


def codes(text: str) -> list[tuple[str, int]]:
    """Each finding's code and line."""
    return [(found.code, found.span.position.line) for found in parse(Source(Path("/t.story"), text)).diagnostics]


def test_example_of_the_language_is_read_completely() -> None:
    file = read((CASES / "lantern_night.story").read_text("utf-8"))
    assert [type(s).__name__ for s in file.statements] == [
        *("EditionDecl", "StoryDecl", "ImportDecl", "LetDecl", "LetDecl", "PhraseDecl", "TemplateDecl", "SceneDecl"),
        *("ShotDecl", "ShotDecl", "ShotDecl", "SceneDecl", "UseDecl", "SplitDecl", "ForDecl", "UseDecl"),
    ]
    template = next(s for s in file.statements if isinstance(s, TemplateDecl))
    assert [s.span.position for s in template.statements] == [(22, 3), (25, 3)]
    loop = next(s for s in file.statements if isinstance(s, ForDecl))
    assert [value.span.text for value in loop.values] == ["north", "south"]
    use = file.statements[-1]
    assert isinstance(use, UseDecl)
    assert use.label is not None
    assert use.label.text == "boatman"


def test_body_is_settings_then_exact_text() -> None:
    shot = read(
        'story "T"\nshot a 2.5s # why\n\n      .mode pro\n \n  .sound on # loud\n  One {b} #5\n\n    "two"\n'
    ).statements[1]
    assert isinstance(shot, ShotDecl)
    assert shot.span.text == "shot a 2.5s"
    assert shot.length.seconds == Decimal("2.5")  # type: ignore[union-attr]
    assert [(s.name.text, s.value.raw) for s in shot.body.settings] == [("mode", "pro"), ("sound", "on # loud")]
    assert shot.body.text is not None
    assert shot.body.text.raw == 'One {b} #5\n\n"two"'
    assert shot.body.text.span(12, 17).text == '"two"'


def test_comments_at_column_0_are_ignored() -> None:
    file = read('story "T"\nshot a 2s\n# one\n  .mode pro\n# two\n  A\n# three\n  B\n')
    shot = file.statements[1]
    assert isinstance(shot, ShotDecl)
    assert shot.body.text is not None
    assert (len(shot.body.settings), shot.body.text.raw) == (1, "A\nB")
    assert [comment.text for comment in file.comments] == ["# one", "# two", "# three"]


def test_merge_markers_are_reported_as_such() -> None:
    text = 'story "T"\nshot s 5s\n<<<<<<< HEAD\n  A lamp.\n=======\n  A moon.\n>>>>>>> theirs\n'
    found = parse(Source(Path("/t.story"), text)).diagnostics
    marks = [each for each in found if each.message == "unresolved merge conflict"]
    assert [each.span.position.line for each in marks] == [3, 5, 7]


def test_one_mistake_is_one_error_and_the_rest_is_read() -> None:
    text = (
        'story "T"\nshto a 5s\n  .mode pro\n  text\nshot b\n  # x\nsplit\n  what\nshot c 5s\n  x\n  .mode pro\n  # y\n'
    )
    assert codes(text) == [("SB003", 2), ("SB012", 5), ("SB006", 6), ("SB004", 8), ("SB007", 11), ("SB006", 12)]
