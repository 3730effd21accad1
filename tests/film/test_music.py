"""Music under the film: how it sounds, and where other programs find it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from zipfile import ZipFile

import av
import opentimelineio as otio
import pytest
from lxml import etree

from storyboard.film.export import export
from storyboard.film.export_files import write_beside_clips, write_to
from storyboard.source import Source, Span
from storyboard.story.story import Music, Story
from tests.film.test_lists_read_by_others import FCPXML_RULES, frames_of, place_of, render_with_melt, tracks_of
from tests.support.numbered_films import BuiltFilm, Reel, build_numbered
from tests.support.shots import shot, story
from tests.support.sounds import save_tone
from tests.support.waiting import PATIENCE

SILENT = Reel(Fraction(24), 72, sound=False)
SOUNDING = Reel(Fraction(24), 72)


def with_music(folder: Path, start: str = "0", gain: str = "0", file: str = "musik & #1.wav") -> Story:
    place = Span(Source(folder / "night.story", "x\n"), 0, 1)
    music = Music(file, Decimal(start), Decimal(gain), place)
    return replace(story([shot("a", 3, split_before=True), shot("b", 3, split_before=True)]), music=music)


def built(folder: Path, made: Story, reels: list[Reel]) -> BuiltFilm:
    return build_numbered(made, reels, folder / "build" / "night", folder / "store")


def levels(file: Path) -> list[float]:
    """How loud each tenth of a second is."""
    with av.open(str(file)) as film:
        samples: list[float] = []
        for frame in film.decode(audio=0):
            samples += memoryview(bytes(frame.planes[0])).cast("f")[: frame.samples]
    return [max(map(abs, samples[at : at + 4800])) for at in range(0, len(samples) - 4799, 4800)]


def film_of(made: BuiltFilm) -> Path:
    assert made.film.film is not None
    return made.film.film


def test_music_plays_from_its_offset_to_the_end_of_its_file(tmp_path: Path) -> None:
    save_tone(tmp_path / "musik & #1.wav", 5, level=0.5)
    heard = levels(film_of(built(tmp_path, with_music(tmp_path, start="1"), [SILENT, SILENT])))
    assert len(heard) == 60
    assert all(0.4 < each < 0.6 for each in heard[1:39])
    assert all(each < 0.01 for each in heard[42:])


def test_music_has_its_gain_and_is_mixed_with_the_sound(tmp_path: Path) -> None:
    save_tone(tmp_path / "musik & #1.wav", 9, level=0.5, pitch=1000)
    quiet = levels(film_of(built(tmp_path, with_music(tmp_path, gain="-12"), [SILENT, SILENT])))
    assert all(0.1 < each < 0.15 for each in quiet[1:-1])
    both = levels(film_of(built(tmp_path / "two", with_music(tmp_path, gain="-12"), [SOUNDING, SILENT])))
    assert all(each > 0.38 for each in both[1:28])
    assert all(0.1 < each < 0.15 for each in both[32:-1])


def test_changed_music_changes_the_film_but_no_clip(tmp_path: Path) -> None:
    save_tone(tmp_path / "musik & #1.wav", 9)
    first = built(tmp_path, with_music(tmp_path), [SILENT, SILENT])
    content, jobs = film_of(first).read_bytes(), first.jobs
    kept = built(tmp_path, with_music(tmp_path), [SILENT, SILENT])
    assert film_of(kept).read_bytes() == content
    louder = built(tmp_path, with_music(tmp_path, gain="3"), [SILENT, SILENT])
    assert film_of(louder).read_bytes() != content
    assert [job.content for job in louder.jobs] == [job.content for job in jobs]
    save_tone(tmp_path / "musik & #1.wav", 8, pitch=300)
    assert film_of(built(tmp_path, with_music(tmp_path), [SILENT, SILENT])).read_bytes() != content


@pytest.fixture
def made(tmp_path: Path) -> BuiltFilm:
    save_tone(tmp_path / "musik & #1.wav", 6, level=0.5)
    return built(tmp_path, with_music(tmp_path, start="2", gain="-6"), [SOUNDING, SILENT])


def test_opentimelineio_reads_the_music_on_a_track_of_its_own(made: BuiltFilm, tmp_path: Path) -> None:
    film = made.exported()
    timeline = otio.adapters.read_from_string(export("otio", film))
    [clip] = tracks_of(timeline, "Audio")[-1]
    assert frames_of(clip.source_range.start_time, Fraction(24)) == 48
    assert frames_of(clip.source_range.duration, Fraction(24)) == 96
    assert clip.metadata["storyboard"]["gain_db"] == -6
    assert place_of(clip.media_reference.target_url, made.film.folder).samefile(tmp_path / "musik & #1.wav")
    bundle = write_beside_clips("otioz", film, made.film.folder, "night")
    music = (tmp_path / "musik & #1.wav").read_bytes()
    with ZipFile(bundle) as content:
        assert content.read("media/musik & #1.wav") == music
    write_to("otio", film, tmp_path / "elsewhere.otio")


def test_final_cut_has_the_music_below_the_storyline(made: BuiltFilm) -> None:
    tree = etree.fromstring(export("fcpxml", made.exported()).encode())
    rules = etree.DTD(str(FCPXML_RULES))
    assert rules.validate(tree), rules.error_log
    [clip] = tree.xpath("//asset-clip[@lane='-1']")
    assert (clip.get("start"), clip.get("duration")) == ("48/24s", "96/24s")
    assert clip.find("adjust-volume").get("amount") == "-6dB"
    [asset] = tree.xpath(f"//asset[@id='{clip.get('ref')}']")
    assert asset.find("media-rep").get("src").endswith("/musik%20%26%20%231.wav")


def test_older_premiere_has_the_music_on_two_tracks(made: BuiltFilm) -> None:
    timeline = otio.adapters.read_from_string(export("fcp7xml", made.exported()), "fcp_xml")
    tracks = tracks_of(timeline, "Audio")
    assert len(tracks) == 4
    for track in tracks[2:]:
        [clip] = track
        assert frames_of(clip.source_range.start_time, Fraction(24)) == 48
        assert frames_of(clip.source_range.duration, Fraction(24)) == 96


@pytest.mark.skipif(shutil.which("melt") is None, reason="melt is not installed")
def test_melt_plays_the_music_like_the_film(made: BuiltFilm) -> None:
    file = write_beside_clips("mlt", made.exported(), made.film.folder, "night")
    rendered = render_with_melt(file, made.film.folder.parent / "melt.mkv")
    wave = rendered.with_suffix(".m4a")
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(rendered), "-vn", "-c:a", "aac", "-b:a", "256k", str(wave)]
    subprocess.run(command, check=True, timeout=PATIENCE)
    seen, wanted = levels(wave), levels(film_of(made))
    for at in (2, 10, 20, 27, 33, 38, 45, 55):
        assert abs(seen[at] - wanted[at]) < 0.08, at
