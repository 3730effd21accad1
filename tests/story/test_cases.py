"""The golden cases of `tests/cases/story`: a story and, beside it, what is said of it and what it becomes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.golden import cases, expected_path, outcome_of


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.stem)
def test_a_story_becomes_what_stands_beside_it(case: Path, tmp_path: Path) -> None:
    assert outcome_of(case.read_text("utf-8"), tmp_path) == expected_path(case).read_text("utf-8")


def test_there_are_cases() -> None:
    assert len(cases()) >= 5
