"""The contact sheet while a build runs: clips are shown as they arrive, and nothing of an earlier film is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from storyboard.film import assemble
from storyboard.film.build_facts import BuildFacts
from storyboard.film.running_sheet import write_running_sheet
from storyboard.run.result import RunResult
from storyboard.story.story import Story
from tests.support.films import run_of, without
from tests.support.shots import run, story

STORY = story([*run(3, 2, scene="arrival"), *run(3, scene="river")])


def write(made: Story, result: RunResult, folder: Path, at: int = 1_800_000_000) -> str:
    hashes = {each.sha256 for each in result.jobs}
    facts = BuildFacts(since=at)
    write_running_sheet(
        made, result.jobs, folder, "night", in_store=lambda sha256: sha256 in hashes, bought=(), facts=facts
    )
    return (folder / "index.html").read_text()


def test_clip_is_shown_as_soon_as_it_arrives(tmp_path: Path) -> None:
    result = run_of(STORY, tmp_path / "store")
    page = write(STORY, without(result, "river#1"), tmp_path / "night")
    assert 'data-building="1800000000"' in page
    assert 'href="clips/01-arrival-1.mp4#t=0,3"' in page
    assert "still rendering" in page
    assert (tmp_path / "night/clips/01-arrival-1.mp4").is_file()
    assert not (tmp_path / "night/clips/02-river-1.mp4").exists()


def test_page_of_a_finished_build_does_not_reload(tmp_path: Path) -> None:
    result = run_of(STORY, tmp_path / "store")
    write(STORY, without(result, "river#1"), tmp_path / "night")
    film = assemble(STORY, result, tmp_path / "night", in_store=lambda _: True)
    assert film.film is not None
    assert "data-building=" not in film.sheet.read_text().partition("<body")[0]


def test_unchanged_page_is_rewritten_after_a_build(tmp_path: Path) -> None:
    result = run_of(STORY, tmp_path / "store")
    folder = tmp_path / "night"
    before = assemble(STORY, result, folder, in_store=lambda _: True).sheet.read_bytes()
    write(STORY, without(result, "river#1"), folder)
    assert (folder / "index.html").read_bytes() != before
    assert assemble(STORY, result, folder, in_store=lambda _: True).sheet.read_bytes() == before


def test_the_last_film_stays_while_a_build_runs_and_after_it_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    film = assemble(STORY, run_of(STORY, tmp_path / "store"), folder, in_store=lambda _: True)
    assert film.film is not None
    before = film.film.read_bytes()
    other = replace(STORY, shots=(*STORY.shots[:2], replace(STORY.shots[2], prompt="Another.")))
    result = run_of(other, tmp_path / "store")
    page = write(other, result, folder)
    assert "The last complete film" in page
    assert film.film.read_bytes() == before
    assert json.loads(film.manifest.read_text())["last_film"]["file"] == "night.mp4"
    again = assemble(STORY, run_of(STORY, tmp_path / "store"), folder, in_store=lambda _: True)
    assert again.film is not None
    assert again.film.read_bytes() == before


def test_unchanged_clips_are_not_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    result = run_of(STORY, tmp_path / "store")
    assemble(STORY, result, folder, in_store=lambda _: True)
    clip = folder / "clips/01-arrival-1.mp4"
    stat = clip.stat()
    write(STORY, without(result, "river#1"), folder)
    write(STORY, result, folder, at=1_800_000_002)
    assert (clip.stat().st_ino, clip.stat().st_mtime_ns) == (stat.st_ino, stat.st_mtime_ns)
