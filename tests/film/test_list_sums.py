"""Whatever clips last and at whatever rate: the lengths in every list add up to the frames of the film."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Literal

import opentimelineio as otio
from hypothesis import given, settings
from hypothesis import strategies as some
from lxml import etree

from storyboard.cards import load_catalog
from storyboard.film.export import export
from storyboard.film.exported_film import ExportedFilm
from storyboard.film.frame_timeline import in_frames, measured_ends, odd_lengths
from storyboard.film.timecode import timebase
from storyboard.film.timeline import make_cut
from storyboard.jobs.compile import compile_story
from storyboard.media.clip_format import ClipFormat
from storyboard.run.result import JobResult, JobState
from storyboard.story.story import Transition, UsedPart
from tests.support.shots import shot, span, story

PLACE = Path("/film/build/night")
RATES = [Fraction(24), Fraction(25), Fraction(30), Fraction(30_000, 1001), Fraction(24_000, 1001), Fraction(60)]

clips = some.tuples(
    some.integers(400, 7000),  # milliseconds that it lasts, where 5 s were ordered
    some.sampled_from(RATES),
    some.sampled_from(["there", "there", "there", "missing", "cut", "silent"]),
    some.sampled_from([None, None, ("fade", "0.5"), ("fade", "2"), ("dissolve", "0.07"), ("dissolve", "1.3")]),
)
GivenClip = tuple[int, Fraction, str, tuple[Literal["fade", "dissolve"], str] | None]


def film_of(given_clips: list[GivenClip], fps: Fraction | None) -> ExportedFilm:
    parts = {True: UsedPart(Decimal("0.51"), Decimal("3.137"), span()), False: None}
    made = story(
        [
            shot(
                f"s{at}",
                5,
                split_before=True,
                part=parts[kind == "cut"],
                transition=Transition(begins[0], Decimal(begins[1]), span()) if begins else None,
            )
            for at, (_, _, kind, begins) in enumerate(given_clips)
        ]
    )
    jobs = compile_story(made, load_catalog(None)).value
    assert jobs is not None
    results, formats = [], {}
    for at, (job, (lasts, rate, kind, _)) in enumerate(zip(jobs, given_clips, strict=True)):
        result = JobResult(job, job.content, JobState.BUILT, "")
        if kind != "missing":
            result = JobResult(job, job.content, JobState.BUILT, "", PLACE / "clips" / f"{at:02}-s-1.mp4", str(at))
            frames = max(1, round(Fraction(lasts, 1000) * rate))
            sound = (0, 0) if kind == "silent" else (48_000, 2)
            formats[str(at)] = ClipFormat(rate, frames, frames / rate, 1280, 720, Fraction(1), *sound)
        results.append(result)
    odd = odd_lengths(results, formats)
    planned = make_cut(made, results, None, odd)
    cut = make_cut(made, results, measured_ends(planned.jobs, formats), odd)
    return ExportedFilm(cut, in_frames(cut, formats, fps), PLACE)


def frames_of(seconds: str | None, rate: Fraction) -> int:
    """Whole frames of a time such as `1001/30000s`."""
    assert seconds is not None
    frames = Fraction(seconds.removesuffix("s")) * rate
    assert frames.denominator == 1, seconds
    return frames.numerator


@settings(max_examples=40, deadline=None)
@given(given_clips=some.lists(clips, min_size=1, max_size=7), fps=some.sampled_from([None, *RATES]))
def test_lengths_add_up_in_every_list(given_clips: list[GivenClip], fps: Fraction | None) -> None:
    film = film_of(given_clips, fps)
    rate, frames = film.line.rate, film.line.frames

    for track in otio.adapters.read_from_string(export("otio", film)).tracks:
        lengths = [child.duration() for child in track if not isinstance(child, otio.schema.Transition)]
        assert {length.rate for length in lengths} == {float(rate)}
        assert sum(length.value for length in lengths) == frames

    rows = list(csv.DictReader(io.StringIO(export("csv", film))))
    assert sum(int(row["frames"]) for row in rows) == frames

    spine = list(etree.fromstring(export("fcpxml", film).encode()).iterfind(".//spine/*"))
    at = 0
    for each in spine:
        if each.tag == "transition":
            start, length = frames_of(each.get("offset"), rate), frames_of(each.get("duration"), rate)
            assert start < at < start + length
            continue
        assert frames_of(each.get("offset"), rate) == at
        at += frames_of(each.get("duration"), rate)
    assert at == frames

    mlt = etree.fromstring(export("mlt", film).encode())
    for playlist in mlt.iterfind("playlist"):
        assert sum(int(each.get("out")) - int(each.get("in")) + 1 for each in playlist.iterfind("entry")) == frames
    for each in [*mlt.iterfind("playlist[@id='V1']/entry"), *mlt.iterfind("tractor/track[@in]")]:
        name = each.get("producer")
        producer = mlt.find(f"tractor[@id='{name}']" if name.startswith("mix") else f"producer[@id='{name}']")
        assert 0 <= int(each.get("in")) <= int(each.get("out")) <= int(producer.get("out"))

    ends: list[int] = []
    items = [
        item
        for item in etree.fromstring(export("fcp7xml", film).encode()).find(".//video/track")
        if item.tag in ("clipitem", "transitionitem")
    ]
    for number, item in enumerate(items):
        if item.tag == "transitionitem":
            continue
        start, end, enters, leaves = (int(item.findtext(name)) for name in ("start", "end", "in", "out"))
        assert enters >= 0
        if start == -1:
            start = int(items[number - 1].findtext("start"))
        if end == -1:
            end = int(items[number + 1].findtext("end"))
        assert end - start == leaves - enters > 0
        assert start >= (ends[-1] if ends and items[number - 1].tag == "clipitem" else 0)
        ends.append(end)
    assert ends[-1] <= frames

    at = 0
    edl = export("edl", film)
    for cut_from, dissolved_to in re.findall(r"^(\d{3} .*)\n(\d{3} .* D .*)$", edl, re.MULTILINE):
        assert cut_from.split()[-2] == cut_from.split()[-1] == dissolved_to.split()[-2]
    for event in re.findall(r"^\d{3}  .*", edl, re.MULTILINE):
        source_in, source_out, record_in, record_out = (_frame(code, rate) for code in event.split()[-4:])
        assert source_out - source_in == record_out - record_in >= 0
        if event.split()[2] in ("A", "AA"):
            continue  # sound that is cut where the picture dissolves
        assert record_in >= at
        at = record_out
    assert at <= frames
    if all(shot.held == 0 for shot in film.line.shots):
        assert (ends[-1], at) == (frames, frames)


def _frame(code: str, rate: Fraction) -> int:
    hours, minutes, seconds, frame = map(int, code.split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * timebase(rate) + frame
