"""Every list for another program, opened by programs that are not ours."""

from __future__ import annotations

import csv
import html
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import opentimelineio as otio
import pytest
import srt
import webvtt
from lxml import etree

from storyboard.film.export import export
from storyboard.film.export_files import write_beside_clips, write_to
from storyboard.film.exported_film import ExportedFilm
from storyboard.film.frame_timeline import FrameShot
from tests.support.films import watchable
from tests.support.numbered_films import BuiltFilm, Reel, build_numbered, every_kind_of_shot, read_numbers
from tests.support.waiting import PATIENCE

NTSC = Fraction(30_000, 1001)
ODD_FOLDER = "灯 #1 'x' %41&" + ("y" if sys.platform == "win32" else '"y"')
FCPXML_RULES = Path(__file__).with_name("fcpxml_rules.dtd")


@dataclass(frozen=True)
class Case:
    """How a film's clips are made."""

    name: str
    fps: Fraction
    lasts: Fraction
    sound: bool = True
    hole: bool = False


CASES = [
    Case("24-complete", Fraction(24), Fraction("5.04")),
    Case("25-hole", Fraction(25), Fraction("5.1"), hole=True),
    Case("30-silent", Fraction(30), Fraction("5.1"), sound=False),
    Case("29.97-complete", NTSC, Fraction("5.005")),
    Case("29.97-hole", NTSC, Fraction("5.1"), hole=True),
]


@dataclass(frozen=True)
class Made:
    """A built film and how it was made. Its folder has a blank, a `#` and Chinese in its name."""

    case: Case
    built: BuiltFilm

    @property
    def film(self) -> ExportedFilm:
        return self.built.exported()

    @property
    def folder(self) -> Path:
        return self.built.film.folder

    @property
    def shots(self) -> tuple[FrameShot, ...]:
        return self.film.line.shots

    def written(self, form: str, name: str = "night") -> Path:
        return write_beside_clips(form, self.film, self.folder, name)


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.name)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    case: Case = request.param
    place = tmp_path_factory.mktemp("film")
    story = every_kind_of_shot(place / "source")
    frames = round(case.lasts * case.fps)
    reels: list[Reel | None] = [
        Reel(case.fps, frames, case.sound),
        Reel(case.fps, round(4 * case.fps), case.sound),
        None if case.hole else Reel(case.fps, round(Fraction("3.003") * case.fps), sound=False),
        Reel(case.fps, round(3 * case.fps), case.sound),
    ]
    built = build_numbered(story, reels, place / ODD_FOLDER / "build" / "night", place / "store")
    yield Made(case, built)


def with_media(shots: tuple[FrameShot, ...]) -> list[FrameShot]:
    return [shot for shot in shots if shot.media is not None]


def sounding(made: Made) -> list[FrameShot]:
    return [shot for shot in made.shots if shot.has_sound]


def frames_of(time: Any, rate: Fraction) -> int:
    value = Fraction(time.value) * rate / Fraction(time.rate).limit_denominator(1001)
    assert value.denominator == 1, time
    return value.numerator


def place_of(url: str, folder: Path) -> Path:
    """Where a URL leads from a folder."""
    path = Path(unquote(urlsplit(url).path))
    return path if path.is_absolute() else folder / path


def tracks_of(timeline: otio.schema.Timeline, kind: str) -> list[Any]:
    return [track for track in timeline.tracks if track.kind == kind]


def test_film_has_as_many_frames_as_its_timeline(made: Made) -> None:
    assert len(read_numbers(watchable(made.built.film))) == made.film.line.frames
    assert made.film.line.rate == made.case.fps


def test_opentimelineio_reads_clips_media_markers_and_sound(made: Made) -> None:
    timeline = otio.adapters.read_from_file(str(made.written("otio")))
    [pictures] = tracks_of(timeline, "Video")
    rate = made.film.line.rate
    assert frames_of(timeline.duration(), rate) == made.film.line.frames
    for clip, shot in zip(pictures, made.shots, strict=True):
        used = clip.source_range
        assert clip.name == shot.cut.shot.address
        assert (frames_of(used.start_time, rate), frames_of(used.duration, rate)) == (shot.enters, shot.length)
        assert frames_of(clip.range_in_parent().start_time, rate) == shot.start
        assert clip.metadata["storyboard"].get("prompt", "") == shot.cut.shot.prompt
        if shot.media is None:
            assert isinstance(clip.media_reference, otio.schema.MissingReference)
            continue
        url = clip.media_reference.target_url
        assert not urlsplit(url).path.startswith("/")
        assert otio.url_utils.filepath_from_url(url) == f"clips/{shot.job.file}"
        assert place_of(url, made.folder).is_file()
        assert clip.available_range().duration.value == shot.media.frames
    assert [marker.name for marker in timeline.tracks.markers] == ["The arrival", "The river", "The temple"]
    noted = next(clip for clip in pictures if clip.name == "s.a")
    assert [marker.name for marker in noted.markers] == ["Dolly & in", "Warm light"]
    sounds = tracks_of(timeline, "Audio")
    assert len(sounds) == (1 if sounding(made) else 0)
    for track in sounds:
        assert frames_of(track.duration(), rate) == made.film.line.frames
        heard = [clip for clip in track if isinstance(clip, otio.schema.Clip)]
        assert [clip.name for clip in heard] == [shot.cut.shot.address for shot in sounding(made)]
        for clip in heard:
            twin = next(each for each in pictures if each.name == clip.name)
            assert clip.source_range == twin.source_range
            assert clip.range_in_parent() == twin.range_in_parent()
            assert clip.metadata["Resolve_OTIO"] == twin.metadata["Resolve_OTIO"]


def test_a_bundle_holds_the_list_and_the_media(made: Made, tmp_path: Path) -> None:
    timeline = otio.adapters.read_from_file(str(made.written("otioz")), extract_to_directory=str(tmp_path))
    for clip, shot in zip(tracks_of(timeline, "Video")[0], made.shots, strict=True):
        if shot.media is not None:
            media = place_of(clip.media_reference.target_url, tmp_path)
            assert media.read_bytes() == (made.folder / "clips" / shot.job.file).read_bytes()


def test_edit_list_is_valid(made: Made) -> None:
    text = made.written("edl").read_text()
    rate = made.film.line.rate
    timeline = otio.adapters.read_from_string(text, "cmx_3600", rate=float(rate))
    [pictures] = tracks_of(timeline, "Video")
    assert [frames_of(clip.duration(), rate) for clip in pictures] == [shot.length for shot in made.shots]
    assert [frames_of(clip.source_range.start_time, rate) for clip in pictures] == [shot.enters for shot in made.shots]
    assert sum(frames_of(clip.duration(), rate) for clip in pictures) == made.film.line.frames
    named = [clip.name for clip, shot in zip(pictures, made.shots, strict=True) if shot.media is not None]
    assert named == [shot.job.file for shot in with_media(made.shots)]
    heard = [
        len([clip for clip in track if isinstance(clip, otio.schema.Clip)]) for track in tracks_of(timeline, "Audio")
    ]
    assert heard == ([len(sounding(made))] * 2 if sounding(made) else [])
    for shot in made.shots:
        assert f"* COMMENT: {shot.cut.shot.address}\n" in text


def test_final_cut_accepts_the_project(made: Made) -> None:
    file = made.written("fcpxml")
    tree = etree.parse(file)
    rules = etree.DTD(str(FCPXML_RULES))
    assert rules.validate(tree), rules.error_log
    root, rate = tree.getroot(), made.film.line.rate
    assets = {asset.get("id"): asset for asset in root.iter("asset")}
    clips = list(root.find(".//spine"))
    assert [clip.get("name") for clip in clips] == [shot.cut.shot.address for shot in made.shots]
    for clip, shot in zip(clips, made.shots, strict=True):
        times = [Fraction(clip.get(name).removesuffix("s")) * rate for name in ("offset", "start", "duration")]
        assert times == [shot.start, shot.enters, shot.length]
        if shot.media is None:
            assert clip.tag == "gap"
            continue
        asset = assets[clip.get("ref")]
        assert (asset.get("hasAudio") == "1") == shot.has_sound
        media = place_of(asset.find("media-rep").get("src"), made.folder)
        assert media == made.folder / "clips" / shot.job.file
    assert Fraction(root.find(".//sequence").get("duration").removesuffix("s")) * rate == made.film.line.frames
    frame = Fraction(root.find(f".//format[@id='{root.find('.//sequence').get('format')}']").get("frameDuration")[:-1])
    assert frame == 1 / rate


def test_opentimelineio_reads_the_fcpxml(made: Made) -> None:
    read = otio.adapters.read_from_file(str(made.written("fcpxml")), "fcpx_xml")
    assert len(list(read.find_clips())) >= len(with_media(made.shots))


def test_older_premiere_reads_the_sequence(made: Made) -> None:
    file = made.written("fcp7xml")
    timeline = otio.adapters.read_from_file(str(file), "fcp_xml")
    rate = made.film.line.rate
    [pictures] = tracks_of(timeline, "Video")
    assert frames_of(pictures.duration(), rate) == made.film.line.frames
    for clip, shot in zip(pictures, made.shots, strict=True):
        assert clip.name == shot.cut.shot.address
        assert frames_of(clip.source_range.start_time, rate) == shot.enters
        assert frames_of(clip.source_range.duration, rate) == shot.length
        if shot.media is not None:
            assert place_of(clip.media_reference.target_url, made.folder) == made.folder / "clips" / shot.job.file
    sounds = tracks_of(timeline, "Audio")
    assert len(sounds) == (2 if sounding(made) else 0)
    root = etree.parse(file).getroot()
    samples = root.find("sequence/media/video/format/samplecharacteristics")
    assert (samples.findtext("width"), samples.findtext("height")) == ("160", "96")
    ids = {item.get("id") for item in root.iter("clipitem")}
    links = [link.text for link in root.iter("linkclipref")]
    assert set(links) <= ids
    assert len(links) == len(sounding(made)) * 9
    for item in root.iter("clipitem"):
        for link in item.iter("link"):
            tracks = root.findall(f"sequence/media/{link.findtext('mediatype')}/track")
            track = tracks[int(link.findtext("trackindex")) - 1]
            linked = track.findall("clipitem")[int(link.findtext("clipindex")) - 1]
            assert linked.get("id") == link.findtext("linkclipref")
            assert linked.findtext("start") == item.findtext("start")


def test_subtitles_are_read_by_parsers(made: Made) -> None:
    spoken = list(srt.parse(made.written("srt").read_text()))
    assert [each.content for each in spoken] == ["1999", "Mei: We are <late>."]
    shot = next(shot for shot in made.shots if shot.cut.shot.address == "s.a")
    assert abs(Fraction(spoken[0].start.total_seconds()) - shot.start / made.film.line.rate) < Fraction(1, 24)
    cues = webvtt.from_string(made.written("vtt").read_text("utf-8")).captions
    assert [(cue.voice, html.unescape(cue.text)) for cue in cues] == [(None, "1999"), ("Mei", "We are <late>.")]
    prompts = list(srt.parse(export("srt", made.film, prompts=True)))
    assert [each.content.splitlines()[0] for each in prompts] == [shot.cut.shot.address for shot in made.shots]


def test_the_table_adds_up(made: Made) -> None:
    rows = list(csv.DictReader(io.StringIO(made.written("csv").read_text())))
    assert [row["address"] for row in rows] == [shot.cut.shot.address for shot in made.shots]
    assert sum(int(row["frames"]) for row in rows) == made.film.line.frames


melt = pytest.mark.skipif(
    shutil.which("melt") is None or shutil.which("ffmpeg") is None, reason="melt or ffmpeg is not installed"
)


@melt
def test_melt_renders_the_film_picture_by_picture(made: Made) -> None:
    rendered = render_with_melt(made.written("mlt"), made.folder.parents[2] / "melt.mkv")
    seen = read_numbers(rendered)
    wanted = read_numbers(watchable(made.built.film))
    assert len(seen) == len(wanted) == made.film.line.frames
    for shot in made.shots:
        if shot.media is not None and not (
            shot.job.is_free and shot.cut.shot.local and shot.cut.shot.local.kind != "clip"
        ):
            assert seen[shot.start : shot.end] == wanted[shot.start : shot.end], shot.cut.shot.address


@melt
def test_melt_plays_the_sound(made: Made) -> None:
    rendered = render_with_melt(made.written("mlt"), made.folder.parents[2] / "melt.mkv")
    for shot in made.shots:
        middle = float((shot.start + Fraction(shot.length, 2)) / made.film.line.rate)
        assert is_loud(rendered, middle) == (shot.has_sound and not is_silent(shot)), shot.cut.shot.address


def is_silent(shot: FrameShot) -> bool:
    """Whether a clip has a sound track of silence: cards and stills."""
    source = shot.cut.shot.local
    return source is not None and source.kind != "clip"


def is_loud(file: Path, at: float) -> bool:
    command = ["ffmpeg", "-v", "info", "-ss", f"{at:.3f}", "-t", "0.1", "-i", str(file), "-af", "volumedetect"]
    told = subprocess.run([*command, "-vn", "-f", "null", "-"], capture_output=True, text=True, check=True).stderr
    return float(told.split("max_volume: ")[1].split()[0]) > -40


def render_with_melt(file: Path, target: Path) -> Path:
    """What `melt` makes of a list, made once for each film.

    On its command line `melt` takes `%41` for a letter. Now and then it crashes or stands still while it ends, or leaves
    a file that nobody can read, so it may try again. What it renders is judged all the same.
    """
    options = ["vcodec=ffv1", "acodec=pcm_s16le", "real_time=-1"]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    part = target.with_suffix(".part.mkv")
    command = ["melt", file.name, "-silent", "-consumer", f"avformat:{part}", *options]
    said = b""
    for _ in range(4):
        if target.exists():
            break
        try:
            subprocess.run(
                command, cwd=file.parent, capture_output=True, timeout=PATIENCE / 2, env=environment, check=True
            )
            subprocess.run(["ffprobe", "-v", "error", str(part)], capture_output=True, timeout=PATIENCE, check=True)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            said = error.stderr or b"it stood still"
        else:
            part.replace(target)
    assert target.exists(), said.decode(errors="replace")[-2000:]
    return target


def test_lists_written_to_another_folder_link_to_the_clips(made: Made, tmp_path: Path) -> None:
    elsewhere = tmp_path / "为 剪辑#2"
    elsewhere.mkdir()
    film = made.built.exported(beside=elsewhere)
    write_to("otio", film, elsewhere / "night.otio")
    write_to("mlt", film, elsewhere / "night.mlt")
    timeline = otio.adapters.read_from_file(str(elsewhere / "night.otio"))
    for clip, shot in zip(tracks_of(timeline, "Video")[0], made.shots, strict=True):
        if shot.media is not None:
            assert place_of(clip.media_reference.target_url, elsewhere).samefile(made.folder / "clips" / shot.job.file)
    tree = etree.parse(elsewhere / "night.mlt")
    for resource in tree.xpath("//producer[property[@name='mlt_service']='avformat']/property[@name='resource']"):
        assert (elsewhere / resource.text).is_file()
