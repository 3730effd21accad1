"""The film as other programs read it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from storyboard.film import assemble
from storyboard.film.export import FORMATS, export
from storyboard.jobs.job import Job
from storyboard.run.result import RunResult
from storyboard.story.story import Story
from tests.support.films import run_of
from tests.support.footage import shoot
from tests.support.shots import run, shot, story


def night() -> Story:
    return replace(story([*run(3, 2, scene="arrival"), shot("灯", 4, "雨。\x07 <b>&", scene="river")]), title="Night")


def jobs_of(result: RunResult) -> list[Job]:
    return [each.job for each in result.jobs]


@pytest.fixture
def jobs(tmp_path: Path) -> list[Job]:
    return jobs_of(run_of(night(), tmp_path / "store", failed=["arrival#1", "river#1"]))


def test_an_edit_decision_list(tmp_path: Path, jobs: list[Job]) -> None:
    assert export("edl", night(), jobs, tmp_path) == (
        "TITLE: Night\n"
        "FCM: NON-DROP FRAME\n"
        "\n"
        "001  J1        V     C        00:00:00:00 00:00:03:00 00:00:00:00 00:00:03:00\n"
        "* FROM CLIP NAME: arrival.a\n"
        "* SOURCE FILE: 01-arrival-1.mp4\n"
        "\n"
        "002  J1        V     C        00:00:03:00 00:00:05:00 00:00:03:00 00:00:05:00\n"
        "* FROM CLIP NAME: arrival.b\n"
        "* SOURCE FILE: 01-arrival-1.mp4\n"
        "\n"
        "003  J2        V     C        00:00:00:00 00:00:04:00 00:00:05:00 00:00:09:00\n"
        "* FROM CLIP NAME: river.灯\n"
        "* SOURCE FILE: 02-river-1.mp4\n"
    )


def test_an_open_timeline(tmp_path: Path, jobs: list[Job]) -> None:
    timeline = json.loads(export("otio", night(), jobs, tmp_path))
    [track] = timeline["tracks"]["children"]
    clips = track["children"]
    assert [clip["name"] for clip in clips] == ["arrival.a", "arrival.b", "river.灯"]
    assert [clip["source_range"]["start_time"]["value"] for clip in clips] == [0, 72, 0]
    assert [clip["source_range"]["duration"]["value"] for clip in clips] == [72, 48, 96]
    media = [clip["media_references"]["DEFAULT_MEDIA"] for clip in clips]
    assert [each["target_url"] for each in media] == ["clips/01-arrival-1.mp4"] * 2 + ["clips/02-river-1.mp4"]
    assert [each["available_range"]["duration"]["value"] for each in media] == [120, 120, 96]


def test_final_cut_xml(tmp_path: Path, jobs: list[Job]) -> None:
    root = ElementTree.fromstring(export("fcpxml", night(), jobs, tmp_path))
    assets = {asset.get("id"): asset for asset in root.iter("asset")}
    clips = list(root.iter("asset-clip"))
    assert [clip.get("offset") for clip in clips] == ["0/24s", "72/24s", "120/24s"]
    assert [clip.get("start") for clip in clips] == ["0/24s", "72/24s", "0/24s"]
    assert [str(assets[clip.get("ref")].get("src")).rpartition("/")[2] for clip in clips] == [
        "01-arrival-1.mp4",
        "01-arrival-1.mp4",
        "02-river-1.mp4",
    ]
    assert clips[2].findtext("note") == "雨。\ufffd <b>&"


def test_a_table(tmp_path: Path, jobs: list[Job]) -> None:
    rows = list(csv.DictReader(io.StringIO(export("csv", night(), jobs, tmp_path))))
    assert [(row["address"], row["in"], row["out"]) for row in rows] == [
        ("arrival.a", "0", "3"),
        ("arrival.b", "3", "5"),
        ("river.灯", "5", "9"),
    ]
    assert rows[0]["prompt"] == "Prompt of a."


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_film_gives_the_same_bytes(form: str, tmp_path: Path, jobs: list[Job]) -> None:
    first, second = (export(form, night(), jobs, tmp_path, prompts=True) for _ in range(2))
    assert first == second != ""


def test_a_film_that_came_out_longer_is_told_as_it_is(tmp_path: Path) -> None:
    result = run_of(night(), tmp_path / "store")
    longer = replace(result.jobs[0], clip=shoot(tmp_path / "longer.mp4", 5.25), sha256="a" * 64)
    assemble(night(), RunResult((longer, result.jobs[1])), tmp_path / "night")
    times = export("srt", night(), jobs_of(result), tmp_path / "night", prompts=True)
    assert "00:00:05,250 --> 00:00:09,250\nriver.灯" in times
    assert "00:00:05,000 --> 00:00:09,000\nriver.灯" in export(
        "srt", night(), jobs_of(result), tmp_path / "elsewhere", prompts=True
    )
