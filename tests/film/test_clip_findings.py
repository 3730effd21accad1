"""What is said of a clip that is not as ordered: at the line of its shot, in seconds of that shot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from storyboard.cards import load_catalog
from storyboard.film.clip_findings import cut_drifts, format_findings, inspection_findings
from storyboard.film.kept_inspections import NAME, inspect_all
from storyboard.jobs.compile import compile_story
from storyboard.media.clip_format import ClipFormat
from storyboard.media.inspection import ClipInspection, FrameSpan
from storyboard.run.result import JobResult, JobState
from tests.support.films import run_of
from tests.support.shots import run, story

FPS = Fraction(24)
AS_ORDERED = ClipFormat(FPS, 216, Fraction(9), 1280, 720, sound_rate=48_000, channels=2)


def result(*seconds: int, sound: bool = False) -> JobResult:
    made = story(run(*seconds, parameters={"aspect_ratio": "16:9", "sound": "on" if sound else "off"}))
    jobs = compile_story(made, load_catalog(None)).value
    assert jobs is not None
    return JobResult(jobs[0], jobs[0].content, JobState.CACHED, "", Path("a.mp4"), "0" * 64)


def seen(
    *,
    cuts: Sequence[int] = (120,),
    black: Sequence[FrameSpan] = (),
    frozen: Sequence[FrameSpan] = (),
    loudness: Sequence[int] | None = None,
) -> ClipInspection:
    heard = None if loudness is None else tuple(loudness)
    return ClipInspection(FPS, 216, tuple(cuts), tuple(black), tuple(frozen), heard)


def told(ordered: JobResult, found: ClipInspection) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in inspection_findings(ordered, found)]


def test_clip_as_ordered_has_no_finding() -> None:
    ordered = result(5, 4, sound=True)
    assert told(ordered, seen(loudness=[-20] * 90)) == []
    assert list(format_findings([ordered], {"0" * 64: AS_ORDERED})) == []


@pytest.mark.parametrize(
    ("found", "code", "words"),
    [
        (seen(cuts=[123]), "SB516", "the cut to `s.b` is 3 frames late: at 5.12 s of its clip instead of 5 s"),
        (seen(cuts=[110]), "SB516", "the cut to `s.b` is 10 frames early: at 4.58 s of its clip instead of 5 s"),
        (seen(cuts=[]), "SB517", "no cut can be seen near 5 s of the clip of `s#1`, where `s.b` begins"),
        (seen(cuts=[48, 120]), "SB518", "`s.a` has a cut at 2 s"),
        (seen(cuts=[120, 192]), "SB518", "`s.b` has a cut at 3 s"),
        (seen(black=[FrameSpan(132, 156)]), "SB514", "`s.b` is black from 0.5 s to 1.5 s"),
        (seen(frozen=[FrameSpan(24, 72)]), "SB515", "`s.a` is frozen from 1 s to 3 s"),
    ],
)
def test_each_difference_is_reported_with_its_time(found: ClipInspection, code: str, words: str) -> None:
    assert told(result(5, 4), found) == [(code, words)]


@pytest.mark.parametrize(
    "found",
    [
        seen(cuts=[121]),
        seen(cuts=[110, 125]),
        seen(black=[FrameSpan(0, 11)]),
        seen(frozen=[FrameSpan(0, 23)]),
    ],
)
def test_short_or_uncertain_stretches_are_not_reported(found: ClipInspection) -> None:
    assert told(result(5, 4), found) == []


def test_several_stretches_of_a_shot_are_one_finding() -> None:
    found = seen(frozen=[FrameSpan(0, 24), FrameSpan(24, 60), FrameSpan(60, 66), FrameSpan(132, 156)])
    assert told(result(5, 4), found) == [
        ("SB515", "`s.a` is frozen 2 times, 2.5 s in all, first from 0 s to 1 s"),
        ("SB515", "`s.b` is frozen from 0.5 s to 1.5 s"),
    ]


def test_black_stretch_is_not_also_reported_as_frozen() -> None:
    found = seen(black=[FrameSpan(0, 48)], frozen=[FrameSpan(0, 48)])
    assert [code for code, _ in told(result(5, 4), found)] == ["SB514"]


def test_silent_shot_is_reported_only_if_sound_was_ordered() -> None:
    quiet = seen(loudness=[-20] * 50 + [-90] * 40)
    assert told(result(5, 4, sound=True), quiet) == [("SB513", "`s.b` is silent; `.sound on` ordered sound")]
    assert told(result(5, 4), quiet) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seconds": Fraction(7)}, "the clip of `s#1` has 7 s where 9 s were ordered"),
        ({"width": 720}, "the clip of `s#1` is 720×720 where 16:9 was ordered"),
        ({"channels": 0}, "the clip of `s#1` has no sound; `.sound on` ordered it"),
    ],
)
def test_headers_show_length_shape_and_missing_sound(change: dict[str, Fraction | int], words: str) -> None:
    found = list(format_findings([result(5, 4, sound=True)], {"0" * 64: replace(AS_ORDERED, **change)}))  # type: ignore[arg-type]
    assert [each.message for each in found] == [words]


def test_clip_with_another_rate_is_reported() -> None:
    ordered = result(5, 4)
    results = [replace(ordered, sha256=each) for each in "abc"]
    formats = dict.fromkeys("ab", AS_ORDERED) | {"c": replace(AS_ORDERED, fps=Fraction(30))}
    assert [each.message for each in format_findings(results, formats)] == [
        "the clip of `s#1` has 30 frames a second; most clips have 24"
    ]


def test_drift_is_reported_only_for_one_nearby_cut() -> None:
    assert cut_drifts(result(3, 3, 3), seen(cuts=[70, 144])) == (-2, 0)
    assert cut_drifts(result(3, 3, 3), seen(cuts=[66, 78])) == (None, None)


def test_clip_is_inspected_once(tmp_path: Path) -> None:
    clips = {str(each.sha256): each.clip for each in run_of(story(run(3)), tmp_path / "store").jobs if each.clip}
    looked: list[int] = []
    first = inspect_all(clips, tmp_path, looked.append)
    kept = (tmp_path / NAME).read_bytes()
    assert inspect_all(clips, tmp_path, looked.append) == first
    assert (looked, (tmp_path / NAME).read_bytes()) == ([1], kept)
    for damage in (b"", kept[:-9], kept.replace(b'"fps": "12"', b'"fps": "0"'), kept.replace(b"[", b"{")):
        (tmp_path / NAME).write_bytes(damage if damage.startswith(b'{"inspections":') else b'{"inspections": x')
        assert inspect_all(clips, tmp_path, looked.append) == first
    assert len(looked) == 5


def test_unplayable_clip_is_reported_and_others_are_inspected(tmp_path: Path) -> None:
    clips = {str(each.sha256): each.clip for each in run_of(story(run(3)), tmp_path / "store").jobs if each.clip}
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film")
    found, troubles = inspect_all({**clips, "f" * 64: broken}, tmp_path, lambda _: None)
    assert found.keys() == clips.keys()
    assert "broken.mp4" in troubles["f" * 64]
