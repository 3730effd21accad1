"""The examples are films: no problems found in them, each builds to its promised length, and the table tells the truth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storyboard.film import assemble
from storyboard.media.probe import probe
from storyboard.media.render_options import RenderOptions
from storyboard.source import Source
from storyboard.story.story import Story
from storyboard.syntax import format_source
from tests.support.films import run_of
from tests.support.reading import read_story

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = sorted(EXAMPLES.glob("*/*.story"))
TABLE = {
    row[0]: int(row[1])
    for row in re.findall(r"^\| \[(.+?)\]\(.+?\) \| (\d+) \|", (EXAMPLES / "README.md").read_text(), re.M)
}
QUICK = RenderOptions(longer_side=96, fps=4)


def story_of(name: str, **values: str) -> Story:
    story, findings = read_story(EXAMPLES / name / f"{name}.story", EXAMPLES, values)
    assert findings == []
    assert story is not None
    return story


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_examples_have_no_findings(path: Path) -> None:
    _, findings = read_story(path, EXAMPLES)
    assert [finding.message for finding in findings] == []


def test_the_table_names_every_example() -> None:
    assert set(TABLE) == {path.parent.name for path in FILES}
    assert len(TABLE) >= 6


@pytest.mark.parametrize(("name", "seconds"), TABLE.items())
def test_each_builds_to_the_length_that_the_table_says(name: str, seconds: int, tmp_path: Path) -> None:
    story = story_of(name)
    film = assemble(story, run_of(story, tmp_path / "store", QUICK), tmp_path / name)
    assert film.film == tmp_path / name / f"{name}.mp4"
    assert probe(film.film).seconds == story.seconds == seconds


def test_the_campaign_changes_with_its_city() -> None:
    lisbon, oslo = story_of("city_marathon"), story_of("city_marathon", city="Oslo", light="clear northern light")
    assert [shot.address for shot in lisbon.shots] == [shot.address for shot in oslo.shots]
    assert "yellow tram" in lisbon.shots[-1].prompt
    assert "tram waits" not in oslo.shots[-1].prompt
    assert all(shot.prompt.endswith("35mm lens, clear northern light.") for shot in oslo.shots[:-1])


def test_the_reel_is_one_upright_job(tmp_path: Path) -> None:
    story = story_of("rooftop_reel")
    result = run_of(story, tmp_path / "store", QUICK)
    [job] = result.jobs
    assert len(job.job.shots) == 6
    assert job.clip is not None
    info = probe(job.clip)
    assert info.height > info.width


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_is_written_in_the_canonical_layout(path: Path) -> None:
    text = path.read_text()
    assert format_source(Source(path, text)) == text
