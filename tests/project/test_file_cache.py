"""What is kept of a file comes back as it was, or not at all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.diagnostics import sort_by_place
from storyboard.errors import StoryboardError
from storyboard.project import Run
from storyboard.project.file_cache import Recalled, from_plain, to_plain
from storyboard.report.document_types import BuiltStoryDocument
from storyboard.report.documents import lint_document
from storyboard.report.frames import View, report
from storyboard.report.style import line, plain
from storyboard.report.views import BuildPart, PlanPart

STORY = """story "T"
  .model kirin_v3_t2v
  .negatve text
  .duration 3s

let unused = 雨

shot s 3s
  A boat, {{ sea }} and {{ see }}.

shot s 4s
  Again.
"""
PLAN = PlanPart(
    (line("film"), (), line("  job")),
    (),
    True,
    (("k", 3, None), ("l", 4, Decimal("0.3"))),
    5,
    Decimal(1),
    (("budget", "9", "1.5"),),
)
BUILT: BuiltStoryDocument = {
    "path": "a.story",
    "film": None,
    "draft": None,
    "last_film": None,
    "bought": 0,
    "sheet": "build/a/index.html",
    "jobs": [],
    "notices": ["a glyph is missing"],
}
BUILD = BuildPart((line("film"),), BUILT, False, True, False, Decimal("0.084"), Decimal(0))


def kept(recalled: Recalled) -> Recalled:
    return from_plain(to_plain(recalled, lambda part: plain(part.lines)))


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recalled:
    (tmp_path / "a.story").write_text(STORY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    [file] = Run().lint().files
    return Recalled(file.is_library, file.settable, file.found)


def test_cached_findings_keep_places_fixes_and_related_notes(found: Recalled, tmp_path: Path) -> None:
    again = kept(found)
    view = View(None, tmp_path)
    assert any(each.fix for each in found.found)
    assert any(each.related for each in found.found)
    assert plain(report(again.found, view)) == plain(report(found.found, view))
    assert lint_document(again.found, tmp_path) == lint_document(found.found, tmp_path)
    assert again.settable == found.settable


def test_findings_of_a_changed_text_are_not_shown(found: Recalled, tmp_path: Path) -> None:
    again = kept(found)
    (tmp_path / "a.story").write_text(STORY.replace("boat", "kite"), encoding="utf-8")
    with pytest.raises(StoryboardError, match=r"a\.story changed while it was checked"):
        report(again.found, View(None, tmp_path))


def test_recalled_findings_read_their_text_only_when_shown(found: Recalled, tmp_path: Path) -> None:
    (tmp_path / "a.story").unlink()
    again = kept(found)
    assert sort_by_place(again.found)
    with pytest.raises(StoryboardError, match="changed while it was checked"):
        report(again.found, View(None, tmp_path))


def test_entry_without_text_needs_no_file(found: Recalled, tmp_path: Path) -> None:
    (tmp_path / "a.story").unlink()
    bare = replace(found, found=())
    assert kept(bare) == bare


@pytest.mark.parametrize("part", [PLAN, BUILD], ids=["plan", "build"])
def test_cached_facts_of_a_story_come_back(part: PlanPart | BuildPart) -> None:
    again = kept(Recalled(False, (), (), part, "trace"))
    assert again.part is not None
    assert plain(again.part.lines) == plain(part.lines)
    assert replace(again, part=replace(again.part, lines=part.lines)) == Recalled(False, (), (), part, "trace")


@pytest.mark.parametrize("text", ["", "\n", "\n\n", "one\n", "\none\n\n  two\n", "one\n\n\n"])
def test_cached_lines_are_shown_as_before(text: str) -> None:
    shown = tuple(line(each) for each in text.split("\n")[:-1])
    again = kept(Recalled(False, (), (), replace(BUILD, lines=shown), "trace"))
    assert again.part is not None
    assert plain(again.part.lines) == text
