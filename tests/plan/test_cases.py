"""The golden cases of `tests/cases/plan`: a story, and what a build would do after an edit."""

from __future__ import annotations

from pathlib import Path

from tests.support.golden import Case, each_case, outcome_of


@each_case("plan")
def test_story_gives_its_plan(case: Case, tmp_path: Path) -> None:
    assert outcome_of(case, tmp_path) == case.expected
