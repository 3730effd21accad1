"""Compare delivered clips with the order: each difference is a finding at the author's line, with its time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from storyboard.diagnostics import Diagnostic
from storyboard.diagnostics.rules.delivery import (
    CLIP_BLACK,
    CLIP_FROZEN,
    CLIP_LENGTH,
    CLIP_RATE,
    CLIP_SHAPE,
    CLIP_SILENT,
    CUT_DRIFT,
    CUT_NOT_ORDERED,
    CUT_UNSEEN,
)
from storyboard.media.clip_format import ClipFormat, is_about
from storyboard.media.inspection import ClipInspection, FrameSpan
from storyboard.run.result import JobResult
from storyboard.story.story import Shot

RATIO = "aspect_ratio"
_SHAPE_TOLERANCE = Fraction(1, 50)
_LEAST_BLACK, _LEAST_FROZEN = Fraction(1, 2), Fraction(1)
_NEAR_CUT = Fraction(1)
_SEEN_DRIFT = 2
"""Frames: one frame early or late is the rounding of the model."""
_SILENCE = -60


def format_findings(results: Sequence[JobResult], formats: Mapping[str, ClipFormat]) -> Iterator[Diagnostic]:
    """Yield the differences in the headers of bought clips: lengths, shapes, rates, and missing sound tracks.

    `formats` are by SHA-256.
    """
    found = [(each, formats[each.sha256]) for each in results if each.sha256 is not None and each.sha256 in formats]
    rates = Counter(media.fps for _, media in found)
    usual = max(rates, key=lambda rate: rates[rate]) if rates else None
    for result, media in found:
        shot, job = result.job.shots[0], result.job
        if not is_about(media.seconds, job.seconds):
            lasts = f"{_seconds(media.seconds)} s where {job.seconds} s were ordered"
            yield CLIP_LENGTH.at(shot.origin.span, f"the clip of `{job.id}` has {lasts}")
        ratio = _ratio(job.request.settings.get(RATIO))
        shape = Fraction(media.width, media.height) * media.pixel if media.height else None
        if ratio and shape and abs(shape / ratio - 1) > _SHAPE_TOLERANCE:
            size = f"{media.width}×{media.height} where {job.request.settings[RATIO]} was ordered"
            yield CLIP_SHAPE.at(shot.origin.span, f"the clip of `{job.id}` is {size}")
        if usual is not None and media.fps != usual:
            rate = f"{_seconds(media.fps)} frames a second; most clips have {_seconds(usual)}"
            yield CLIP_RATE.at(shot.origin.span, f"the clip of `{job.id}` has {rate}")
        if _orders_sound(result) and not media.has_sound:
            yield CLIP_SILENT.at(shot.origin.span, f"the clip of `{job.id}` has no sound; `.sound on` ordered it")


def inspection_findings(result: JobResult, seen: ClipInspection) -> Iterator[Diagnostic]:
    """Yield what only decoding a bought clip shows: black, frozen and silent stretches, and cuts."""
    starts = _starts(result.job.shots)
    rate = seen.fps
    black = [each for each in seen.black if _lasts(each) >= _LEAST_BLACK * rate]
    for shot, when in _placed_stretches(result, starts, black, rate):
        yield CLIP_BLACK.at(shot.origin.span, f"`{shot.address}` is black {when}")
    frozen = [each for each in seen.frozen if _lasts(each) >= _LEAST_FROZEN * rate and not _is_within(each, seen.black)]
    for shot, when in _placed_stretches(result, starts, frozen, rate):
        yield CLIP_FROZEN.at(shot.origin.span, f"`{shot.address}` is frozen {when}")
    if _orders_sound(result) and seen.loudness is not None:
        yield from _silent(result, starts, seen.loudness)
    yield from _cuts(result, starts, seen)


def cut_drifts(result: JobResult, seen: ClipInspection) -> tuple[int | None, ...]:
    """Return for each shot of a job but the first by how many frames its cut is late; None if it is not certain which
    cut it is."""
    drifts: list[int | None] = []
    for start in _starts(result.job.shots)[1:]:
        promised = round(start * seen.fps)
        near = [cut for cut in seen.cuts if abs(cut - promised) <= _NEAR_CUT * seen.fps]
        drifts.append(near[0] - promised if len(near) == 1 else None)
    return tuple(drifts)


def _cuts(result: JobResult, starts: Sequence[Fraction], seen: ClipInspection) -> Iterator[Diagnostic]:
    shots, rate = result.job.shots, seen.fps
    for shot, start, drift in zip(shots[1:], starts[1:], cut_drifts(result, seen), strict=True):
        promised = round(start * rate)
        near = [cut for cut in seen.cuts if abs(cut - promised) <= _NEAR_CUT * rate]
        if not near and promised < seen.frames:
            where = f"near {_seconds(start)} s of the clip of `{result.job.id}`, where `{shot.address}` begins"
            yield CUT_UNSEEN.at(shot.origin.span, f"no cut can be seen {where}")
        elif drift is not None and abs(drift) >= _SEEN_DRIFT:
            side = f"{abs(drift)} frames {'late' if drift > 0 else 'early'}"
            at = f"at {_seconds(near[0] / rate)} s of its clip instead of {_seconds(start)} s"
            yield CUT_DRIFT.at(shot.origin.span, f"the cut to `{shot.address}` is {side}: {at}")
    for cut in seen.cuts:
        if all(abs(cut - start * rate) > _NEAR_CUT * rate for start in starts[1:]):
            shot, when = _placed(result, starts, FrameSpan(cut, cut + 1), rate)
            yield CUT_NOT_ORDERED.at(shot.origin.span, f"`{shot.address}` has a cut {when}")


def _silent(result: JobResult, starts: Sequence[Fraction], loudness: Sequence[int]) -> Iterator[Diagnostic]:
    ends = [*starts[1:], starts[-1] + Fraction(result.job.shots[-1].seconds)]
    for shot, start, end in zip(result.job.shots, starts, ends, strict=True):
        heard = loudness[int(start * 10) : int(end * 10)]
        if not heard or max(heard) < _SILENCE:
            yield CLIP_SILENT.at(shot.origin.span, f"`{shot.address}` is silent; `.sound on` ordered sound")


def _orders_sound(result: JobResult) -> bool:
    return result.job.request.settings.get("sound") in (True, "on")


def _starts(shots: Sequence[Shot]) -> list[Fraction]:
    starts = [Fraction(0)]
    for shot in shots[:-1]:
        starts.append(starts[-1] + Fraction(shot.seconds))
    return starts


def _placed(result: JobResult, starts: Sequence[Fraction], stretch: FrameSpan, rate: Fraction) -> tuple[Shot, str]:
    """Return the shot that a stretch begins in, and when: `from 1.2 s to 2 s`, counted from the beginning of the
    shot."""
    begun, ended = stretch.start / rate, stretch.end / rate
    number = max(at for at, start in enumerate(starts) if start <= begun)
    start = starts[number]
    when = (
        f"at {_seconds(begun - start)} s"
        if stretch.end - stretch.start == 1
        else f"from {_seconds(begun - start)} s to {_seconds(ended - start)} s"
    )
    return result.job.shots[number], when


def _placed_stretches(
    result: JobResult, starts: Sequence[Fraction], stretches: Sequence[FrameSpan], rate: Fraction
) -> Iterator[tuple[Shot, str]]:
    """Yield each shot that a stretch begins in, and when; where several do, how many, how long in all, and the
    first."""
    by_shot: dict[str, list[FrameSpan]] = {}
    shots: dict[str, Shot] = {}
    for stretch in stretches:
        shot, _ = _placed(result, starts, stretch, rate)
        shots[shot.address] = shot
        by_shot.setdefault(shot.address, []).append(stretch)
    for address, found in by_shot.items():
        _, when = _placed(result, starts, found[0], rate)
        total = _seconds(sum(map(_lasts, found)) / rate)
        yield shots[address], when if len(found) == 1 else f"{len(found)} times, {total} s in all, first {when}"


def _lasts(stretch: FrameSpan) -> int:
    return stretch.end - stretch.start


def _is_within(stretch: FrameSpan, others: Sequence[FrameSpan]) -> bool:
    return any(other.start <= stretch.start and stretch.end <= other.end for other in others)


def _ratio(setting: object) -> Fraction | None:
    width, colon, height = str(setting).partition(":")
    is_ratio = colon and width.isdecimal() and height.isdecimal() and int(width) and int(height)
    return Fraction(int(width), int(height)) if is_ratio else None


def _seconds(value: Fraction) -> str:
    return f"{float(value):.2f}".rstrip("0").rstrip(".")
