"""The golden cases of `tests/cases/jobs`: a story and its jobs, with payloads and keys."""

from __future__ import annotations

from pathlib import Path

from tests.support.golden import Case, each_case, outcome_of


@each_case("jobs")
def test_story_gives_its_jobs(case: Case, tmp_path: Path) -> None:
    assert outcome_of(case, tmp_path) == case.expected
