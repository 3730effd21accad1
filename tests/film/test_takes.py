"""Other takes: left beside the clips, played on the contact sheet, gone when nobody keeps them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from storyboard.film import Film, assemble
from storyboard.film.takes import Take, Takes
from storyboard.run.result import RunResult
from storyboard.story.story import Story
from tests.support.films import run_of
from tests.support.shots import run, story

NIGHT = story((*run(3, 2, scene="arrival"), *run(4, scene="river")))
OTHER = story((*run(2, 3, scene="arrival"), *run(5, scene="river")))


class Folder:
    """A film's folder, with two more takes of each job in the store."""

    def __init__(self, base: Path) -> None:
        self.base, self.path = base, base / "build" / "night"
        self.result = run_of(NIGHT, base / "store")
        clips = [each.clip for each in run_of(OTHER, base / "store").jobs]
        self.takes = {
            job.job.base: [Take(number, clip.stem, clip) for number, clip in enumerate(clips, start=2) if clip]
            for job in self.result.jobs
        }

    def build(self, takes: Takes, made: Story = NIGHT, result: RunResult | None = None) -> Film:
        return assemble(made, result or self.result, self.path, takes=takes)

    @property
    def left(self) -> list[str]:
        return sorted(file.name for file in (self.path / "takes").glob("*"))

    @property
    def sheet(self) -> str:
        return (self.path / "index.html").read_text()

    def times(self) -> dict[Path, Any]:
        return {file: file.stat().st_mtime_ns for file in self.path.rglob("*") if file.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


ALL = [
    "01-arrival-1.take-2.mp4",
    "01-arrival-1.take-3.mp4",
    "02-river-1.take-2.mp4",
    "02-river-1.take-3.mp4",
]


def test_takes_are_stored_beside_the_clips_and_played_by_the_sheet(folder: Folder) -> None:
    film = folder.build(folder.takes)
    assert folder.left == ALL
    assert [take.name for take in film.takes] == ALL
    assert (folder.path / "takes" / ALL[0]).read_bytes() == folder.takes[folder.result.jobs[0].job.base][0].clip.read_bytes()  # fmt: skip
    links = re.findall(r'href="(takes/[^"]+)" aria-label="Play take', folder.sheet)
    assert links == [f"takes/{name}" for name in ALL]
    assert sorted(file.name for file in (folder.path / "clips").iterdir()) == ["01-arrival-1.mp4", "02-river-1.mp4"]


def test_build_without_changes_touches_no_take(folder: Folder) -> None:
    folder.build(folder.takes)
    before = folder.times()
    folder.build(folder.takes)
    assert folder.times() == before


def test_manifest_names_the_takes(folder: Folder) -> None:
    folder.build(folder.takes)
    first, _ = json.loads((folder.path / "manifest.json").read_text())["jobs"]
    kept = folder.takes[folder.result.jobs[0].job.base]
    assert first["takes"] == [
        {"take": take.number, "clip": f"takes/01-arrival-1.take-{take.number}.mp4", "sha256": take.sha256}
        for take in kept
    ]


def test_damaged_take_is_restored(folder: Folder) -> None:
    folder.build(folder.takes)
    spoilt = folder.path / "takes" / ALL[1]
    whole = spoilt.read_bytes()
    spoilt.unlink()
    spoilt.write_bytes(b"?")
    folder.build(folder.takes)
    assert spoilt.read_bytes() == whole


def test_unused_takes_are_removed_and_other_files_stay(folder: Folder) -> None:
    folder.build(folder.takes)
    (folder.path / "takes" / "notes.txt").write_text("the second is the better one")
    (first, kept), *_ = folder.takes.items()
    folder.build({first: kept[:1]})
    assert folder.left == [ALL[0], "notes.txt"]
    (folder.path / "takes" / "notes.txt").unlink()
    folder.build({})
    assert not (folder.path / "takes").exists() and "take-2" not in folder.sheet


def test_changed_take_replaces_its_file(folder: Folder) -> None:
    folder.build(folder.takes)
    base, kept = next(iter(folder.takes.items()))
    other = Take(kept[0].number, kept[1].sha256, kept[1].clip)
    folder.build({base: [other]})
    assert (folder.path / "takes" / ALL[0]).read_bytes() == other.clip.read_bytes()
