"""The golden cases of `tests/cases/story`: a story, its findings and its shots."""

from __future__ import annotations

from pathlib import Path

from tests.support.golden import Case, each_case, outcome_of


@each_case("story")
def test_story_gives_its_findings_and_shots(case: Case, tmp_path: Path) -> None:
    assert outcome_of(case, tmp_path) == case.expected
