"""Copies for programs that cannot decode H.264: as many pictures, the same sound, made once."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import opentimelineio as otio
import pytest

from storyboard.errors import StoryboardError
from storyboard.film import assemble
from storyboard.film.export import export, exported_film
from storyboard.film.intra_media import CopyPlan, MediaCopy, make_copies, plan_copies, with_copies
from storyboard.media.clip_format import ClipFormat
from storyboard.media.intra_codec import INTRA_CODECS
from storyboard.media.probe import read_clip_format
from storyboard.run.result import RunResult
from storyboard.story.story import Story
from tests.support.films import run_of
from tests.support.footage import clicks, flashes, length_of, shoot
from tests.support.numbered_films import BuiltFilm
from tests.support.shots import run, story

LARGE = (320, 180)


@pytest.fixture
def built(tmp_path: Path) -> BuiltFilm:
    """Two clips with a flash and a click in the same picture."""
    made: Story = story([*run(3, scene="a"), *run(4, scene="b")])
    result = run_of(made, tmp_path / "store")
    clips = [
        shoot(tmp_path / "1.mp4", 3, size=LARGE, fps=24, flash=30),
        shoot(tmp_path / "2.mp4", 4, size=LARGE, fps=24, flash=50, channels="mono"),
    ]
    jobs = tuple(
        replace(job, clip=clip, sha256=str(at) * 64)
        for at, (job, clip) in enumerate(zip(result.jobs, clips, strict=True))
    )
    film = assemble(made, RunResult(jobs), tmp_path / "night")
    return BuiltFilm(made, tuple(each.job for each in jobs), film)


def copied(built: BuiltFilm, codec: str) -> tuple[CopyPlan, list[str]]:
    begun: list[MediaCopy] = []
    plan = plan_copies(built.exported(), INTRA_CODECS[codec], built.film.folder)
    make_copies(plan, begun.append)
    return plan, [copy.target.name for copy in begun]


@pytest.mark.parametrize(("codec", "name"), [("dnxhr", "dnxhd"), ("prores", "prores")])
def test_copies_have_the_same_pictures_and_sound_as_their_clips(built: BuiltFilm, codec: str, name: str) -> None:
    plan, begun = copied(built, codec)
    assert begun == ["01-a-1.mov", "02-b-1.mov"]
    for copy in plan.copies:
        found, was = read_clip_format(copy.target), copy.form
        assert (found.fps, found.frames, found.width, found.height) == (was.fps, was.frames, *LARGE)
        assert (found.sound_rate, found.channels) == (48_000, was.channels)
        assert flashes(copy.target) == flashes(copy.clip)
        with av.open(str(copy.target)) as media:
            video, audio = media.streams.video[0], media.streams.audio[0]
            assert (video.codec_context.name, audio.codec_context.name) == (name, "pcm_s16le")
            assert length_of(audio) == was.seconds
            assert all(packet.is_keyframe for packet in media.demux(video) if packet.size)
    made = sum(copy.target.stat().st_size for copy in plan.copies)
    assert made <= plan.size * 1.1
    if codec == "dnxhr":
        assert made > plan.size * 0.9, "its size is known before"


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_sound_and_picture_stay_in_sync(built: BuiltFilm) -> None:
    plan, _ = copied(built, "dnxhr")
    probe = ["ffmpeg", "-v", "error", "-i", str(plan.copies[0].target), "-c:a", "aac", "-c:v", "copy", "-y"]
    sounding = built.film.folder / "sounding.mov"
    subprocess.run([*probe, str(sounding)], check=True)
    [heard] = clicks(sounding)
    assert abs(heard - flashes(plan.copies[0].clip)[0]) < 0.03


def test_interrupted_copies_are_resumed(built: BuiltFilm) -> None:
    class InterruptionError(Exception):
        pass

    plan = plan_copies(built.exported(), INTRA_CODECS["dnxhr"], built.film.folder)

    def stop_at_the_second(copy: MediaCopy) -> None:
        if copy.target.name.startswith("02"):
            raise InterruptionError

    with pytest.raises(InterruptionError):
        make_copies(plan, stop_at_the_second)
    before = (plan.folder / "01-a-1.mov").stat().st_mtime_ns
    plan, begun = copied(built, "dnxhr")
    assert begun == ["02-b-1.mov"]
    assert (plan.folder / "01-a-1.mov").stat().st_mtime_ns == before
    assert copied(built, "dnxhr")[1] == []
    assert {file.name for file in plan.folder.iterdir()} == {"01-a-1.mov", "02-b-1.mov", ".copies.json"}


def test_a_list_links_the_copies(built: BuiltFilm) -> None:
    plan, _ = copied(built, "prores")
    film = with_copies(built.exported(), plan)
    clips = otio.adapters.read_from_string(export("otio", film)).tracks[0]
    assert [clip.media_reference.target_url for clip in clips] == [
        "media-prores/01-a-1.mov",
        "media-prores/02-b-1.mov",
    ]
    assert "* FROM CLIP NAME: 01-a-1.mov\n" in export("edl", film)


def test_only_copies_of_removed_clips_are_deleted(built: BuiltFilm) -> None:
    plan, _ = copied(built, "prores")
    (plan.folder / "mine.mov").write_text("mine")
    shorter = exported_film(built.story, built.jobs[:1], built.film.folder)
    make_copies(plan_copies(shorter, INTRA_CODECS["prores"], built.film.folder), lambda copy: None)
    assert {file.name for file in plan.folder.iterdir()} == {"01-a-1.mov", "mine.mov", ".copies.json"}


def test_a_foreign_file_is_not_replaced_by_a_copy(built: BuiltFilm) -> None:
    foreign = built.film.folder / "media-prores" / "01-a-1.mov"
    foreign.parent.mkdir()
    foreign.write_text("mine")
    with pytest.raises(StoryboardError, match="is in the way"):
        copied(built, "prores")
    assert foreign.read_text() == "mine"


@pytest.mark.parametrize("record", ["", "[]", '{"01-a-1.mov": 1}', '{"../../x": [1, "a", 4]}', '{"a": [1, "b", -1]}'])
def test_a_damaged_record_of_copies_removes_nothing(built: BuiltFilm, record: str) -> None:
    outside = built.film.folder.parent / "x"
    outside.write_text("mine")
    (built.film.folder / "media-prores").mkdir()
    (built.film.folder / "media-prores" / ".copies.json").write_text(record)
    copied(built, "prores")
    assert outside.read_text() == "mine"
    kept = json.loads((built.film.folder / "media-prores" / ".copies.json").read_text())
    assert kept.keys() == {"01-a-1.mov", "02-b-1.mov"}


def test_pictures_too_small_for_a_codec_are_refused_with_a_message(tmp_path: Path) -> None:
    made = story(run(3, scene="a"))
    result = run_of(made, tmp_path / "store")
    film = assemble(made, result, tmp_path / "night")
    small = BuiltFilm(made, tuple(each.job for each in result.jobs), film)
    with pytest.raises(StoryboardError, match="is 160x90; DNxHR HQ takes pictures from 256x120 up"):
        copied(small, "dnxhr")


def test_size_of_a_copy_is_computed_before_it_is_made() -> None:
    hour = ClipFormat(Fraction(24), 86_400, Fraction(3600), 1920, 1080, Fraction(1), 48_000, 2)
    assert INTRA_CODECS["dnxhr"].size_of(hour) == pytest.approx(917_504 * 86_400 + 3600 * 192_000, rel=0.001)
