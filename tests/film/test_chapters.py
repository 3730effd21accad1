"""A chapter for each scene, however the film was joined; read by ffprobe."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.film import assemble
from storyboard.media.caption import Finish
from storyboard.story.story import Story, UsedPart
from tests.support.films import run_of
from tests.support.shots import run, span, story

FFPROBE = shutil.which("ffprobe")
pytestmark = pytest.mark.skipif(FFPROBE is None, reason="needs ffprobe")


def titled(made: Story, *titles: str) -> Story:
    scenes = tuple(replace(scene, title=title) for scene, title in zip(made.scenes, titles, strict=True))
    return replace(made, scenes=scenes)


THREE = titled(
    story([*run(3, 2, scene="arrival"), *run(3, scene="river"), *run(4, scene="temple")]), '到达 "A"', "", "T" * 300
)


def chapters_of(film: Path) -> list[tuple[float, float, str]]:
    command = [str(FFPROBE), "-v", "error", "-show_chapters", "-of", "json", str(film)]
    shown = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["chapters"]
    return [(float(each["start_time"]), float(each["end_time"]), each["tags"]["title"]) for each in shown]


def film_of(made: Story, tmp_path: Path) -> Path:
    film = assemble(made, run_of(made, tmp_path / "store"), tmp_path / "night", in_store=lambda _: True).film
    assert film is not None
    return film


def test_silent_clips_joined_by_tables_have_chapters(tmp_path: Path) -> None:
    found = chapters_of(film_of(THREE, tmp_path))
    assert [title for _, _, title in found] == ['到达 "A"', "river", "T" * 255]
    assert [(start, end) for start, end, _ in found] == [(0, 5), (5, 8), (8, pytest.approx(12, abs=0.05))]


def test_encoded_film_has_chapters_where_scenes_begin(tmp_path: Path) -> None:
    cut = replace(THREE.shots[0], part=UsedPart(Decimal(0), Decimal(1), span()))
    found = chapters_of(film_of(replace(THREE, shots=(cut, *THREE.shots[1:])), tmp_path))
    assert [start for start, _, _ in found] == [0, 3, 6]
    assert [title for _, _, title in found][:2] == ['到达 "A"', "river"]


def test_film_of_one_scene_has_no_chapters(tmp_path: Path) -> None:
    assert chapters_of(film_of(story(run(3, 2)), tmp_path)) == []


def test_changed_title_appears_in_the_next_film(tmp_path: Path) -> None:
    film_of(THREE, tmp_path)
    again = film_of(titled(THREE, "One", "Two", "Three"), tmp_path)
    assert [title for _, _, title in chapters_of(again)] == ["One", "Two", "Three"]


def tags_of(film: Path) -> tuple[str, list[tuple[str, str]]]:
    """The film's title, and the kind and language of its sound and subtitles."""
    command = [str(FFPROBE), "-v", "error", "-show_format", "-show_streams", "-of", "json", str(film)]
    shown = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    tracks = [each for each in shown["streams"] if each["codec_type"] in ("audio", "subtitle")]
    return shown["format"]["tags"]["title"], [(each["codec_type"], each["tags"]["language"]) for each in tracks]


SPOKEN = replace(THREE, title="到达 & <夜>", language="zh-Hans")
CUT = replace(SPOKEN, shots=(replace(THREE.shots[0], part=UsedPart(Decimal(0), Decimal(1), span())), *THREE.shots[1:]))


@pytest.mark.parametrize("made", [SPOKEN, CUT], ids=["joined by tables", "encoded"])
def test_film_has_its_title_and_the_language_of_its_words(tmp_path: Path, made: Story) -> None:
    assert tags_of(film_of(made, tmp_path)) == ("到达 & <夜>", [("audio", "zho"), ("subtitle", "zho")])
    assert b"<dc:language><rdf:Bag><rdf:li>zh-Hans</rdf:li>" in film_of(made, tmp_path).read_bytes()


def test_finished_film_keeps_its_languages(tmp_path: Path) -> None:
    result = run_of(SPOKEN, tmp_path / "store")
    film = assemble(SPOKEN, result, tmp_path / "night", finish=Finish(burn_in=True)).film
    assert film is not None
    assert tags_of(film) == ("到达 & <夜>", [("audio", "zho"), ("subtitle", "zho")])


def test_changed_language_gives_another_film_and_no_language_the_same(tmp_path: Path) -> None:
    first = film_of(THREE, tmp_path).read_bytes()
    assert tags_of(film_of(THREE, tmp_path))[1] == [("audio", "und"), ("subtitle", "und")]
    assert film_of(replace(THREE, language="en"), tmp_path).read_bytes() != first
    assert film_of(THREE, tmp_path).read_bytes() == first
