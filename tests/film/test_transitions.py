"""Dissolves and fades: what the film shows in each frame, and what other programs make of the lists."""

from __future__ import annotations

import hashlib
import re
import shutil
import struct
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av
import opentimelineio as otio
import pytest
from lxml import etree

from storyboard.cards import load_catalog
from storyboard.film import Film, assemble
from storyboard.film.export import export, exported_film
from storyboard.film.export_files import write_beside_clips
from storyboard.film.exported_film import ExportedFilm
from storyboard.jobs.compile import compile_story
from storyboard.run.result import JobResult, JobState, RunResult
from storyboard.story.story import Shot, Story, Transition, UsedPart
from tests.film.test_lists_read_by_others import FCPXML_RULES, frames_of, render_with_melt, tracks_of
from tests.support.films import watchable
from tests.support.shots import shot, span, story

NTSC = Fraction(30_000, 1001)
WIDTH, HEIGHT = 160, 96
GREYS = (60, 200, 120, 230)
"""How bright the clip of each job is."""
TONE = struct.pack("1024f", *(0.5 if at // 50 % 2 else -0.5 for at in range(1024)))
needs_melt = pytest.mark.skipif(shutil.which("melt") is None, reason="melt is not installed")


def into(kind: Literal["fade", "dissolve"], seconds: str) -> Transition:
    return Transition(kind, Decimal(seconds), span())


def make_grey_clip(path: Path, grey: int, fps: Fraction, frames: int, sound: bool) -> Path:
    """A clip of one grey, with a tone of one loudness."""
    with av.open(str(path), "w", format="mp4") as film:
        video = film.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "crf": "10"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        track = film.add_stream("aac", rate=48_000, layout="stereo") if sound else None
        for number in range(frames):
            picture = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
            for plane, level in zip(picture.planes, (grey, 128, 128), strict=True):
                plane.update(bytes([level]) * plane.buffer_size)
            picture.pts, picture.time_base = number, 1 / fps
            film.mux(video.encode(picture))
        film.mux(video.encode(None))
        if track is not None:
            for number in range(round(frames / fps * 48_000) // 1024):
                frame = av.AudioFrame(format="fltp", layout="stereo", samples=1024)
                for channel in frame.planes:
                    channel.update(TONE.ljust(channel.buffer_size, b"\0"))
                frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 1024, Fraction(1, 48_000)
                film.mux(track.encode(frame))
            film.mux(track.encode(None))
    return path


@dataclass(frozen=True)
class Case:
    name: str
    fps: Fraction
    lasts: Fraction = Fraction(5)
    sound: bool = True
    hole: bool = False


CASES = [
    Case("24", Fraction(24)),
    Case("25-5.04-hole", Fraction(25), Fraction("5.04"), hole=True),
    Case("29.97-5.1-silent", NTSC, Fraction("5.1"), sound=False),
]


@dataclass(frozen=True)
class Made:
    case: Case
    film: Film
    exported: ExportedFilm

    @property
    def file(self) -> Path:
        return watchable(self.film)


def shots_of_all_transitions() -> list[Shot]:
    """Four jobs of 5 s: a fade from black, a dissolve, a fade, a dissolve between two cut shots."""
    return [
        shot("a", 5, split_before=True, transition=into("fade", "0.5")),
        shot("b", 5, split_before=True, transition=into("dissolve", "0.8")),
        shot("c", 5, scene="river", transition=into("fade", "1")),
        shot(
            "d",
            5,
            scene="river",
            split_before=True,
            part=UsedPart(Decimal("0.51"), Decimal("4.137"), span()),
            transition=into("dissolve", "0.5"),
        ),
    ]


def build(made: Story, case: Case, folder: Path, store: Path) -> Made:
    store.mkdir(parents=True, exist_ok=True)
    jobs = compile_story(made, load_catalog(None)).value
    assert jobs is not None
    results = []
    for at, job in enumerate(jobs):
        if case.hole and at == 2:
            results.append(JobResult(job, job.content, JobState.RUNNING, ""))
            continue
        clip = make_grey_clip(store / f"{at}.mp4", GREYS[at], case.fps, round(case.lasts * case.fps), case.sound)
        sha256 = hashlib.sha256(clip.read_bytes()).hexdigest()
        results.append(JobResult(job, job.content, JobState.BUILT, "new", clip=clip, sha256=sha256))
    film = assemble(made, RunResult(tuple(results)), folder, "night")
    return Made(case, film, exported_film(made, jobs, folder, name="night"))


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.name)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    place = tmp_path_factory.mktemp("film")
    return build(story(shots_of_all_transitions()), request.param, place / "build" / "night", place / "store")


def greys(file: Path) -> list[float]:
    """How bright the middle of each picture is."""
    with av.open(str(file)) as film:
        return [_grey(frame.reformat(format="yuv420p")) for frame in film.decode(video=0)]


def _grey(frame: av.VideoFrame) -> float:
    plane = frame.planes[0]
    row = bytes(plane)[plane.line_size * (frame.height // 2) :][: frame.width]
    return sum(row[frame.width // 4 : frame.width * 3 // 4]) / (frame.width // 2)


def expected_greys(film: ExportedFilm, black: int = 16) -> list[float | None]:
    """How bright each picture has to be by the frames of the list; None where a clip is missing. A fade goes to `black`,
    which no picture falls below."""
    jobs = {job.job.job.id: grey for job, grey in zip(film.line.jobs, GREYS, strict=True)}
    seen: list[float | None] = []
    for each in film.line.shots:
        own = None if each.media is None else jobs[each.job.job.id]
        seen += [own] * each.length
    for before, each in zip((None, *film.line.shots), film.line.shots, strict=False):
        if each.dissolves_in and before is not None:
            first = each.start - each.dissolves_in.before
            one, two = (None if it.media is None else jobs[it.job.job.id] for it in (before, each))
            for number in range(each.dissolves_in.frames):
                share = (number + 0.5) / each.dissolves_in.frames
                missing = one is None or two is None
                seen[first + number] = None if missing else (one or 0) * (1 - share) + (two or 0) * share
        for number in range(each.fade_in):
            _dim(seen, each.start + number, (number + 0.5) / each.fade_in, black)
        for number in range(each.fade_out):
            _dim(seen, each.end - 1 - number, (number + 0.5) / each.fade_out, black)
    return seen


def _dim(seen: list[float | None], at: int, share: float, black: int) -> None:
    grey = seen[at]
    seen[at] = None if grey is None else max(16, black + (grey - black) * share)


def test_a_dissolve_shortens_the_film_and_a_fade_does_not(made: Made) -> None:
    line = made.exported.line
    assert line.rate == made.case.fps
    assert len(greys(made.file)) == line.frames
    dissolves = [round(Fraction(each) * line.rate / 2) * 2 for each in ("0.8", "0.5")]
    assert 0 <= sum(dissolves) - line.overlap <= 4
    assert made.film.overlap == line.overlap
    seconds = 3 * 5 + Fraction("3.627") - Fraction("1.3")
    assert abs(line.frames - seconds * line.rate) <= 2


def test_brightness_of_each_picture_follows_its_transitions(made: Made) -> None:
    for number, (seen, wanted) in enumerate(zip(greys(made.file), expected_greys(made.exported), strict=True)):
        assert wanted is None or abs(seen - wanted) < 5, number


@needs_melt
def test_melt_renders_the_same_transitions(made: Made) -> None:
    file = write_beside_clips("mlt", made.exported, made.film.folder, "night")
    rendered = greys(render_with_melt(file, made.film.folder.parent / "melt.mkv"))
    wanted = expected_greys(made.exported, black=0)  # its filter makes dark pictures a little darker than the film's
    assert len(rendered) == len(wanted)
    for number, (seen, grey) in enumerate(zip(rendered, wanted, strict=True)):
        assert grey is None or abs(seen - grey) < 6, number


def test_opentimelineio_reads_dissolves_with_frames_on_both_sides(made: Made) -> None:
    timeline = otio.adapters.read_from_string(export("otio", made.exported))
    line = made.exported.line
    tracks = [*tracks_of(timeline, "Video"), *tracks_of(timeline, "Audio")]
    assert len(tracks) == (2 if made.case.sound else 1)
    for track in tracks:
        assert frames_of(track.duration(), line.rate) == line.frames
        for at, child in enumerate(track):
            if not isinstance(child, otio.schema.Transition):
                continue
            left, right = (track[at - 1] if at else None), track[at + 1]
            assert _frames_after(left, line.rate) >= child.out_offset.value
            assert right.source_range.start_time.value >= child.in_offset.value or isinstance(right, otio.schema.Gap)
            assert right.source_range.duration.value >= child.out_offset.value
    [pictures] = tracks_of(timeline, "Video")
    offsets = [
        (child.in_offset.value, child.out_offset.value)
        for child in pictures
        if isinstance(child, otio.schema.Transition)
    ]
    a, b, c, d = line.shots
    assert offsets == [
        (0, a.fade_in),
        (b.begins.before, b.begins.after) if b.begins else None,
        (0, b.fade_out),
        (0, c.fade_in),
        (d.begins.before, d.begins.after) if d.begins else None,
    ]


def _frames_after(item: Any, rate: Fraction) -> float:
    """How many frames a clip has after those that are used; black has any number of them."""
    if not isinstance(item, otio.schema.Clip) or item.media_reference.available_range is None:
        return 1_000_000
    whole = item.media_reference.available_range.end_time_exclusive().rescaled_to(float(rate)).value
    return float(whole - item.source_range.end_time_exclusive().value)


def test_the_edit_list_has_dissolve_events(made: Made) -> None:
    line = made.exported.line
    text = export("edl", made.exported)
    timeline = otio.adapters.read_from_string(text, "cmx_3600", rate=float(line.rate))
    for track in tracks_of(timeline, "Video"):
        assert frames_of(track.duration(), line.rate) == line.frames
    dissolves = re.findall(r" D    (\d{3}) ", text)
    _, b, c, d = line.shots
    wanted = [b.begins.frames if b.begins else 0, b.fade_out, c.fade_in, d.begins.frames if d.begins else 0]
    pictures = [int(each) for each in dissolves]
    assert pictures == wanted
    lengths = [
        child.out_offset.value for child in tracks_of(timeline, "Video")[0] if isinstance(child, otio.schema.Transition)
    ]
    assert lengths == wanted


def test_final_cut_accepts_transitions_and_fades(made: Made) -> None:
    tree = etree.fromstring(export("fcpxml", made.exported).encode())
    rules = etree.DTD(str(FCPXML_RULES))
    assert rules.validate(tree), rules.error_log
    line = made.exported.line
    placed = [
        (_whole(each.get("offset"), line.rate), _whole(each.get("duration"), line.rate))
        for each in tree.iter("transition")
    ]
    shots = [each for each in line.shots if each.dissolves_in]
    assert placed == [(each.start - each.begins.before, each.begins.frames) for each in shots if each.begins]
    fades = [
        (fade.tag, _whole(fade.get("duration"), line.rate))
        for blend in tree.iter("adjust-blend")
        for fade in blend.iter("fadeIn", "fadeOut")
    ]
    a, b, c, _ = line.shots
    assert fades == [("fadeIn", a.fade_in), ("fadeOut", b.fade_out), *([("fadeIn", c.fade_in)] if c.media else [])]


def _whole(time: str | None, rate: Fraction) -> int:
    frames = Fraction((time or "").removesuffix("s")) * rate
    assert frames.denominator == 1
    return frames.numerator


def test_older_premiere_reads_transitions(made: Made) -> None:
    line = made.exported.line
    text = export("fcp7xml", made.exported)
    timeline = otio.adapters.read_from_string(text, "fcp_xml")
    [pictures] = tracks_of(timeline, "Video")
    clips = [each for each in pictures if isinstance(each, otio.schema.Clip)]
    for clip, each in zip(clips, line.shots, strict=True):
        assert frames_of(clip.source_range.duration, line.rate) == each.length
        assert frames_of(clip.source_range.start_time, line.rate) == each.enters
    offsets = [
        (child.in_offset.value, child.out_offset.value)
        for child in pictures
        if isinstance(child, otio.schema.Transition)
    ]
    assert offsets == [
        (each.begins.before, each.begins.after) for each in line.shots if each.dissolves_in and each.begins
    ]
    assert sum(frames_of(clip.source_range.duration, line.rate) for clip in clips) == line.frames


def loudness(file: Path) -> list[float]:
    """How loud each hundredth of a second is."""
    with av.open(str(file)) as film:
        left = [
            sample
            for frame in film.decode(audio=0)
            for sample in memoryview(frame.planes[0]).cast("B").cast("f")[: frame.samples]
        ]
    return [max(map(abs, left[at : at + 480])) for at in range(0, len(left) - 480, 480)]


@pytest.mark.parametrize("made", CASES[:1], indirect=True, ids=["24"])
def test_sound_dissolves_and_fades_with_the_picture(made: Made) -> None:
    heard = loudness(made.file)
    a, b, c, _ = made.exported.line.shots
    rate = made.exported.line.rate

    def at(frame: float) -> float:
        return heard[round(frame / float(rate) * 100)]

    assert at(1) < 0.15 < 0.4 < at(a.fade_in + 3)
    assert at(c.start) < 0.1
    assert at(c.start - b.fade_out - 3) > 0.4
    assert at(c.start + c.fade_in + 3) > 0.4
    assert min(heard[round((b.start - 12) / 24 * 100) : round((b.start + 12) / 24 * 100)]) > 0.2


def test_new_transition_changes_the_film_and_the_same_story_does_not(tmp_path: Path) -> None:
    case = Case("12", Fraction(12), sound=False)
    shots = [shot("a", 3, split_before=True), shot("b", 3, split_before=True, transition=into("dissolve", "0.5"))]
    first = build(story(shots), case, tmp_path / "night", tmp_path / "store")
    content, clips = first.file.read_bytes(), sorted((tmp_path / "night" / "clips").iterdir())
    made_at = first.file.stat().st_mtime_ns
    build(story(shots), case, tmp_path / "night", tmp_path / "store")
    assert (first.file.read_bytes(), first.file.stat().st_mtime_ns) == (content, made_at)
    changed = [shots[0], replace(shots[1], transition=into("dissolve", "1"))]
    build(story(changed), case, tmp_path / "night", tmp_path / "store")
    assert first.file.read_bytes() != content
    assert sorted((tmp_path / "night" / "clips").iterdir()) == clips
