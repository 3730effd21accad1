"""Whole stories and the jobs they become, side by side in `tests/cases/jobs`.

Run as a program (`python -m tests.jobs.test_cases`), it writes down what is made now.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from storyboard.jobs.key import job_key
from tests.support.front import check_text
from tests.support.payloads import payload_of

CASES = Path(__file__).parents[1] / "cases" / "jobs"
STORIES = sorted(CASES.glob("*.story"))


def jobs_of(story: Path, folder: Path) -> list[dict[str, Any]]:
    made = check_text(folder, story.read_text(encoding="utf-8"))
    assert made.jobs is not None, made.lines
    return [
        {
            "id": job.id,
            "shots": list(job.addresses),
            "seconds": job.seconds,
            "take": job.take,
            "content": job.content,
            "key": job_key(job, "kirin"),
            "payload": payload_of(job),
            "transport": dict(job.transport),
        }
        for job in made.jobs
    ]


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.stem)
def test_a_story_becomes_its_jobs(story: Path, tmp_path: Path) -> None:
    made = jobs_of(story, tmp_path)
    written = json.loads(story.with_suffix(".json").read_text(encoding="utf-8"))
    assert made == written
    assert [list(job["payload"]) for job in made] == [list(job["payload"]) for job in written]


if __name__ == "__main__":
    for each in STORIES:
        with tempfile.TemporaryDirectory() as folder:
            text = json.dumps(jobs_of(each, Path(folder)), indent=1, ensure_ascii=False)
            each.with_suffix(".json").write_text(f"{text}\n", encoding="utf-8")
