"""The film in whole frames: the sum of all lengths is the film, whatever clips last."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from storyboard.cards import load_catalog
from storyboard.film.frame_timeline import FrameTimeline, in_frames, measured_ends
from storyboard.film.timeline import make_cut
from storyboard.jobs.compile import compile_story
from storyboard.media.clip_format import ClipFormat, standard_rate
from storyboard.run.result import JobResult, JobState
from storyboard.story.story import Shot, Transition, UsedPart
from tests.support.numbered_films import Reel, build_numbered, read_numbers
from tests.support.shots import shot, span, story

NTSC = Fraction(30_000, 1001)
RATES = [Fraction(24), Fraction(25), Fraction(30), NTSC, Fraction(24_000, 1001), Fraction(50), Fraction(12)]


def placed(shots: list[Shot], formats: dict[int, ClipFormat], fps: Fraction | None = None) -> FrameTimeline:
    """Shots of one job each in frames; `formats` are those of the clips that are there."""
    made = story(shots)
    jobs = compile_story(made, load_catalog(None)).value
    assert jobs is not None
    results = [
        JobResult(job, job.content, JobState.BUILT, "", Path(f"{at}.mp4"), str(at))
        if at in formats
        else JobResult(job, job.content, JobState.RUNNING, "")
        for at, job in enumerate(jobs)
    ]
    by_hash = {str(at): found for at, found in formats.items()}
    cut = make_cut(made, results)
    return in_frames(make_cut(made, results, measured_ends(cut.jobs, by_hash)), by_hash, fps)


def a_format(seconds: Fraction, fps: Fraction) -> ClipFormat:
    return ClipFormat(fps, round(seconds * fps), seconds, 1280, 720, sound_rate=48_000, channels=2)


def cut_to(start: str, end: str) -> UsedPart:
    return UsedPart(Decimal(start), Decimal(end), span())


@settings(max_examples=80, deadline=None)
@given(
    lengths=some.lists(some.integers(3000, 15_000), min_size=1, max_size=8),
    rates=some.lists(some.sampled_from(RATES), min_size=8, max_size=8),
    missing=some.sets(some.integers(0, 7)),
    cuts=some.sets(some.integers(0, 7)),
    fps=some.sampled_from([None, *RATES]),
)
def test_lengths_add_up_to_the_film_and_match_the_source(
    lengths: list[int], rates: list[Fraction], missing: set[int], cuts: set[int], fps: Fraction | None
) -> None:
    shots = [
        shot(f"s{at}", 5, split_before=True, part=cut_to("0.51", "3.137") if at in cuts else None)
        for at in range(len(lengths))
    ]
    formats = {
        at: a_format(Fraction(lasts, 1000) if at not in cuts else Fraction(5), rates[at])
        for at, lasts in enumerate(lengths)
        if at not in missing
    }
    line = placed(shots, formats, fps)
    assert line.rate == fps or ((fps is None and line.rate in [each.fps for each in formats.values()]) or [24])
    ends = [each.end for each in line.shots]
    assert [each.start for each in line.shots] == [0, *ends[:-1]]
    assert sum(each.length for each in line.shots) == line.frames
    seconds = sum(
        (
            Fraction("2.627") if at in cuts else Fraction(lengths[at], 1000) if at in formats else Fraction(5)
            for at in range(len(lengths))
        ),
        Fraction(0),
    )
    assert line.frames == floor(seconds * line.rate + Fraction(1, 2))
    for each in line.shots:
        assert each.enters >= 0
        if each.media is not None:
            assert each.leaves <= round(each.media.seconds * line.rate) + 1


@settings(max_examples=80, deadline=None)
@given(
    seconds=some.lists(some.integers(3, 9), min_size=2, max_size=6),
    lacks=some.sampled_from([Fraction(0), Fraction(1, 50), Fraction(1, 10)]),
    kinds=some.lists(some.sampled_from([None, ("fade", "0.3"), ("dissolve", "0.33")]), min_size=6, max_size=6),
    cuts=some.sets(some.integers(0, 5)),
    rate=some.sampled_from(RATES),
)
def test_no_shot_lacks_a_frame_where_clips_are_about_as_long_as_ordered(
    seconds: list[int],
    lacks: Fraction,
    kinds: list[tuple[Literal["fade", "dissolve"], str] | None],
    cuts: set[int],
    rate: Fraction,
) -> None:
    shots = [
        shot(
            f"s{at}",
            lasts,
            split_before=True,
            part=cut_to("0.1", f"{lasts - 1}.3") if at in cuts else None,
            transition=Transition(kind[0], Decimal(kind[1]), span()) if at and (kind := kinds[at]) else None,
        )
        for at, lasts in enumerate(seconds)
    ]
    frames = [floor((lasts - lacks) * rate) for lasts in seconds]
    line = placed(shots, {at: ClipFormat(rate, each, each / rate, 1280, 720) for at, each in enumerate(frames)})
    assert [each.held for each in line.shots] == [0] * len(shots)


def test_a_clip_has_all_of_its_frames_wherever_it_begins() -> None:
    shots = [shot("a", 5, part=cut_to("0", "3.3")), shot("b", 3, split_before=True)]
    rate = Fraction(25)
    line = placed(shots, {0: a_format(Fraction(5), rate), 1: a_format(Fraction(3), rate)})
    assert [(each.start, each.length, each.held) for each in line.shots] == [(0, 83, 0), (83, 75, 0)]


def test_a_hundred_clips_of_an_uneven_length_lose_no_frame() -> None:
    shots = [shot(f"s{at}", 5, split_before=True) for at in range(100)]
    lasts = Fraction(51, 10)
    line = placed(shots, {at: a_format(lasts, Fraction(24)) for at in range(100)})
    assert line.frames == 100 * lasts * 24 == 12_240
    assert {each.length for each in line.shots} == {122, 123}


def test_the_rate_is_that_of_the_clips_and_of_the_animatic_without_any() -> None:
    shots = [shot("a", 5), shot("b", 5, split_before=True)]
    assert placed(shots, {}).rate == 24
    assert placed(shots, {1: a_format(Fraction(5), NTSC)}).rate == NTSC
    assert placed(shots, {0: a_format(Fraction(5), Fraction(25)), 1: a_format(Fraction(5), NTSC)}).rate == 25
    assert placed(shots, {0: a_format(Fraction(5), Fraction(25))}, fps=Fraction(30)).frames == 300


def test_cut_shot_never_needs_a_frame_past_its_clip() -> None:
    line = placed([shot("a", 5, part=cut_to("2.48", "5"))], {0: a_format(Fraction(5), Fraction(25))})
    [only] = line.shots
    assert (only.enters, only.length, only.leaves) == (62, 63, 125)


@pytest.mark.parametrize(
    ("measured", "standard"),
    [
        ("23.98", Fraction(24_000, 1001)),
        ("29.97", NTSC),
        ("29.9702", NTSC),
        ("24.0001", Fraction(24)),
        ("59.94", Fraction(60_000, 1001)),
        ("15", Fraction(15)),
        ("8.5", Fraction(17, 2)),
    ],
)
def test_measured_rate_is_rounded_to_the_standard_rate(measured: str, standard: Fraction) -> None:
    assert standard_rate(Fraction(measured)) == standard


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(25), NTSC])
def test_film_has_exactly_the_frames_of_the_timeline(tmp_path: Path, fps: Fraction) -> None:
    made = story(
        [
            shot("a", 5, scene="x", part=cut_to("0.51", "1.137")),
            shot("b", 3, scene="x", part=cut_to("0", "1.07")),
            shot("c", 3, scene="y"),
            shot("d", 3, scene="z", part=cut_to("1.49", "2.03")),
        ]
    )
    reels = [Reel(fps, round(8 * fps)), Reel(fps, round(Fraction("3.1") * fps)), Reel(fps, round(3 * fps))]
    built = build_numbered(made, reels, tmp_path / "night", tmp_path / "store")
    line = built.exported().line
    assert line.rate == fps
    wanted = [(int(each.job.file[:2]), each.enters + number) for each in line.shots for number in range(each.length)]
    assert built.film.film is not None
    assert read_numbers(built.film.film) == wanted
    assert line.frames == len(wanted)


def test_film_of_copied_clips_has_the_frames_of_the_timeline(tmp_path: Path) -> None:
    made = story([shot("a", 5), shot("b", 5, split_before=True), shot("c", 5, split_before=True)])
    built = build_numbered(made, [Reel(NTSC, 151)] * 3, tmp_path / "night", tmp_path / "store")
    assert built.film.film is not None
    assert len(read_numbers(built.film.film)) == built.exported().line.frames == 453


def test_clips_of_other_rates_are_shown_at_the_rate_of_the_first(tmp_path: Path) -> None:
    made = story([shot("a", 3), shot("b", 3, split_before=True), shot("c", 3, split_before=True)])
    reels = [Reel(Fraction(25), 76), Reel(NTSC, 91), Reel(Fraction(24), 73)]
    built = build_numbered(made, reels, tmp_path / "night", tmp_path / "store")
    line = built.exported().line
    assert line.rate == 25
    assert built.film.film is not None
    seen = read_numbers(built.film.film)
    assert len(seen) == line.frames
    assert [seen[each.start][0] for each in line.shots] == [1, 2, 3]
    assert [seen[each.end - 1][0] for each in line.shots] == [1, 2, 3]
