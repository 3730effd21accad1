"""Cards, stills, footage, cuts, transitions and music in one film: every list is read by programs that are not ours."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Literal

import opentimelineio as otio
import pytest
from lxml import etree

from storyboard.cards import load_catalog
from storyboard.film.export import export
from storyboard.film.export_files import write_beside_clips
from storyboard.film.exported_film import ExportedFilm, ExportedMusic
from storyboard.film.frame_timeline import in_frames, measured_ends, odd_lengths
from storyboard.film.free_shots import FilmPiece, FreeJob, FreeResult
from storyboard.film.timeline import make_cut
from storyboard.jobs.compile import compile_story
from storyboard.media.clip_format import ClipFormat
from storyboard.run.result import JobResult, JobState
from storyboard.source import Source, Span
from storyboard.story.story import LocalSource, Music, Shot, Story, Transition, UsedPart
from tests.film.test_lists_read_by_others import FCPXML_RULES, frames_of, render_with_melt, tracks_of
from tests.film.test_transitions import greys
from tests.support.films import watchable
from tests.support.numbered_films import BuiltFilm, Reel, build_numbered, make_numbered_clip
from tests.support.pictures import save_picture
from tests.support.shots import shot, span, story
from tests.support.sounds import save_tone

NTSC = Fraction(30_000, 1001)
RATES = [Fraction(24), Fraction(25), Fraction(30), NTSC]
PLACE = Path("/film/build/night")


def into(kind: Literal["fade", "dissolve"], seconds: str) -> Transition:
    return Transition(kind, Decimal(seconds), span())


def local(kind: Literal["clip", "still", "card"], file: str, folder: Path, start: str = "0") -> LocalSource:
    return LocalSource(kind, file, Decimal(start), Span(Source(folder / "night.story", "x\n"), 0, 1))


def every_kind(folder: Path, number: int = 0) -> list[Shot]:
    """Nine shots of every kind in five jobs and four free clips, with a transition between most of them."""
    cut = UsedPart(Decimal("0.51"), Decimal("2.637"), span())
    return [
        shot(
            f"title{number}", Decimal("1.3"), "Night", local=local("card", "", folder), transition=into("fade", "0.5")
        ),
        shot(f"a{number}", 3, transition=into("dissolve", "0.5")),
        shot(f"b{number}", 2, transition=into("dissolve", "0.3")),
        shot(f"lamp{number}", 2, "", local=local("still", "lamp.png", folder), transition=into("dissolve", "0.7")),
        shot(f"c{number}", 3, part=cut, transition=into("fade", "1")),
        shot(f"sea{number}", 2, "", local=local("clip", "sea.mp4", folder, "1"), transition=into("dissolve", "0.5")),
        shot(f"d{number}", 3, transition=into("dissolve", "1")),
        shot(f"e{number}", 3, split_before=True),
        shot(f"end{number}", 1, "", local=local("card", "", folder), transition=into("fade", "1")),
    ]


@dataclass(frozen=True)
class Case:
    """A film that is not rendered: how many jobs it has, how long their clips are, what is missing."""

    rate: Fraction
    lasts: Fraction
    jobs: int
    sound: bool
    holes: bool

    @property
    def name(self) -> str:
        words = [f"{float(self.rate):.5g}", str(float(self.lasts)), f"{self.jobs} jobs"]
        return " ".join([*words, "sound" if self.sound else "silent", "holes" if self.holes else "complete"])


LENGTHS = (Fraction("5.04"), Fraction("5.1"), Fraction("3.003"))
CASES = [
    Case(rate, lasts, 4 * 4, sound, holes)
    for rate, lasts, (sound, holes) in product(RATES, LENGTHS, [(True, False), (False, True), (True, True)])
]
CASES += [*(Case(rate, Fraction("5.1"), 1, True, True) for rate in RATES), Case(NTSC, Fraction("5.1"), 300, True, True)]


def listed(case: Case) -> ExportedFilm:
    """The film's lists, as they are written from the formats of its clips alone."""
    shots = [each for number in range(max(1, case.jobs // 4)) for each in every_kind(PLACE, number)]
    made = story(shots if case.jobs > 1 else [shot("a", 5)])
    jobs = compile_story(made, load_catalog(None)).value
    assert jobs is not None
    first = {job.shots[0].address: job for job in jobs}
    pieces: list[FilmPiece] = []
    formats: dict[str, ClipFormat] = {}
    for at, each in enumerate(made.shots):
        sha256, clip = str(at), PLACE / "clips" / f"{at:04}.mp4"
        if each.local is not None:
            lasts = Fraction(round(Fraction(each.seconds) * case.rate)) / case.rate
            formats[sha256] = _format(case.rate, lasts, sound=True)
            job = FreeJob(each.address, each.scene, (each,), sha256)
            pieces.append(FreeResult(job, clip, sha256, JobState.BUILT))
        elif each.address in first:
            found = first[each.address]
            if case.holes and at % 7 == 4:
                pieces.append(JobResult(found, found.content, JobState.RUNNING, ""))
                continue
            extra = case.lasts - round(case.lasts)
            formats[sha256] = _format(case.rate, found.seconds + extra, sound=case.sound)
            pieces.append(JobResult(found, found.content, JobState.BUILT, "", clip, sha256))
    odd = odd_lengths(pieces, formats)
    planned = make_cut(made, pieces, None, odd)
    cut = make_cut(made, pieces, measured_ends(planned.jobs, formats), odd)
    line = in_frames(cut, formats)
    music = ExportedMusic(PLACE / "theme #1.mp3", 48, min(line.frames, 1000), -12.0, Fraction(60))
    return ExportedFilm(cut, line, PLACE, music=music)


def _format(rate: Fraction, seconds: Fraction, *, sound: bool) -> ClipFormat:
    frames = round(seconds * rate)
    return ClipFormat(rate, frames, frames / rate, 1280, 720, Fraction(1), *((48_000, 2) if sound else (0, 0)))


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.name)
def film(request: pytest.FixtureRequest) -> ExportedFilm:
    return listed(request.param)


def is_clip(item: object) -> bool:
    return not isinstance(item, otio.schema.Transition)


def test_opentimelineio_reads_as_many_frames_as_the_film_has(film: ExportedFilm) -> None:
    line = film.line
    timeline = otio.adapters.read_from_string(export("otio", film))
    *tracks, music = timeline.tracks
    assert music.name == "Music"
    assert frames_of(music.duration(), line.rate) == min(line.frames, 1000)
    for track in tracks:
        assert sum(frames_of(each.duration(), line.rate) for each in track if is_clip(each)) == line.frames
        assert frames_of(track.duration(), line.rate) == line.frames
    names = [each.name for each in tracks[0] if isinstance(each, otio.schema.Clip)]
    assert names == [each.cut.shot.address for each in line.shots]


def test_an_edit_list_conforms_to_as_many_frames(film: ExportedFilm) -> None:
    text = export("edl", film)
    timeline = otio.adapters.read_from_string(text, "cmx_3600", rate=float(film.line.rate))
    [pictures] = tracks_of(timeline, "Video")
    assert frames_of(pictures.duration(), film.line.rate) == film.line.frames


def test_final_cut_accepts_the_project(film: ExportedFilm) -> None:
    tree = etree.fromstring(export("fcpxml", film).encode())
    rules = etree.DTD(str(FCPXML_RULES))
    assert rules.validate(tree), rules.error_log
    lengths = [each.get("duration") for each in tree.iterfind(".//spine/*") if each.tag != "transition"]
    assert sum(Fraction(each.removesuffix("s")) for each in lengths) == film.line.frames / film.line.rate
    for each in tree.iter("transition"):
        assert Fraction(each.get("duration").removesuffix("s")) > 0


def test_older_premiere_reads_as_many_frames(film: ExportedFilm) -> None:
    timeline = otio.adapters.read_from_string(export("fcp7xml", film), "fcp_xml")
    [pictures] = tracks_of(timeline, "Video")
    clips = [each for each in pictures if isinstance(each, otio.schema.Clip)]
    assert [each.name for each in clips] == [each.cut.shot.address for each in film.line.shots]
    for clip, each in zip(clips, film.line.shots, strict=True):
        assert frames_of(clip.source_range.start_time, film.line.rate) == each.enters
        assert frames_of(clip.source_range.duration, film.line.rate) == film.seen(each)


def test_the_table_and_shotcuts_list_add_up(film: ExportedFilm) -> None:
    rows = list(csv.DictReader(io.StringIO(export("csv", film))))
    assert sum(int(row["frames"]) for row in rows) == film.line.frames
    mlt = etree.fromstring(export("mlt", film).encode())
    for name in ("background", "V1", "A1"):
        lengths = [
            int(each.get("out")) - int(each.get("in")) + 1 for each in mlt.iterfind(f"playlist[@id='{name}']/entry")
        ]
        blanks = [int(each.get("length")) for each in mlt.iterfind(f"playlist[@id='{name}']/blank")]
        assert sum(lengths) + sum(blanks) == film.line.frames, name


@dataclass(frozen=True)
class Rendered:
    """A film that is rendered: the rate and length of its clips, and what is missing."""

    rate: Fraction
    extra: Fraction
    sound: bool = True
    hole: bool = False


RENDERED = [
    Rendered(Fraction(24), Fraction("0.04")),
    Rendered(NTSC, Fraction("0.1"), sound=False, hole=True),
]


@pytest.fixture(scope="module", params=RENDERED, ids=lambda case: f"{float(case.rate):.5g}")
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltFilm]:
    case: Rendered = request.param
    place = tmp_path_factory.mktemp("film")
    save_picture(place / "lamp.png")
    save_tone(place / "theme.wav", 4)
    make_numbered_clip(place / "sea.mp4", 15, Reel(Fraction(25), 100))
    made: Story = story(every_kind(place))
    music = Music("theme.wav", Decimal(1), Decimal(-6), Span(Source(place / "night.story", "x\n"), 0, 1))
    reels: list[Reel | None] = [
        Reel(case.rate, round((seconds + case.extra) * case.rate), case.sound) for seconds in (5, 3, 3, 3)
    ]
    if case.hole:
        reels[2] = None
    yield build_numbered(replace(made, music=music), reels, place / "build" / "night", place / "store")


@pytest.mark.skipif(shutil.which("melt") is None, reason="melt is not installed")
def test_melt_renders_everything_like_the_film(built: BuiltFilm) -> None:
    film = built.exported()
    file = write_beside_clips("mlt", film, built.film.folder, "night")
    seen, wanted = greys(render_with_melt(file, built.film.folder.parent / "melt.mkv")), greys(watchable(built.film))
    assert len(seen) == len(wanted) == film.line.frames
    unlike = set()
    for each in film.line.shots:
        if each.media is None:  # a card in the draft, black in the list
            before, after = each.dissolves_in, each.dissolves_out
            unlike |= set(
                range(each.start - (before.before if before else 0), each.end + (after.after if after else 0))
            )
    for number, (one, two) in enumerate(zip(seen, wanted, strict=True)):
        assert number in unlike or abs(one - two) < 17, number
