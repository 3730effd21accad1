"""Drawn clips with transitions: what needs no new pictures is copied, and the film is as if it was all encoded."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import av
import pytest

from storyboard.media.animatic import render_animatic
from storyboard.media.caption import Caption, ClipRange
from storyboard.media.join import Joined, join
from storyboard.media.render_options import Card, RenderOptions
from tests.support.footage import shoot

LOOK = RenderOptions(longer_side=160, fps=12)
HALF = Fraction(1, 2)


def animatic(file: Path, *prompts: str) -> Path:
    render_animatic([Card(prompt, Decimal(3)) for prompt in prompts], "16:9", file, LOOK)
    return file


def joined(ranges: list[ClipRange], target: Path, *, drawn: bool = True) -> Joined:
    captions = [[Caption(str(at), Fraction(0), Fraction(1))] for at in range(len(ranges))]
    return join(ranges, captions, target, drawn=drawn)


def pictures(file: Path) -> list[bytes]:
    with av.open(str(file)) as film:
        return [hashlib.sha256(bytes(frame.planes[0])).digest() for frame in film.decode(video=0)]


def brightness(file: Path) -> list[float]:
    with av.open(str(file)) as film:
        return [sum(bytes(frame.planes[0])) / len(bytes(frame.planes[0])) for frame in film.decode(video=0)]


@pytest.fixture
def clips(tmp_path: Path) -> tuple[Path, Path]:
    return animatic(tmp_path / "a.mp4", "A lamp.", "A street."), animatic(tmp_path / "b.mp4", "A boat.", "A door.")


def test_only_shots_with_transitions_are_encoded_again(clips: tuple[Path, Path], tmp_path: Path) -> None:
    one, two = clips
    ranges = [
        ClipRange(one, Fraction(0), Fraction(3)),
        ClipRange(one, Fraction(3), Fraction(6), dissolves_out=HALF),
        ClipRange(two, Fraction(0), Fraction(3), dissolves_in=HALF, fades_out=Fraction(1)),
        ClipRange(two, Fraction(3), Fraction(6), fades_in=Fraction(1)),
    ]
    film = tmp_path / "film.mp4"
    made = joined(ranges, film)
    assert made.copied
    assert made.seconds == Fraction(23, 2)
    seen, first = pictures(film), pictures(one)
    assert len(seen) == 138
    assert seen[:66] == first[:66]
    assert seen[66] != first[66]
    assert len(set(seen[66:72])) > 3
    light, own = brightness(film), brightness(two)
    assert light[66 + 34] < light[66 + 24] < own[20] + 1
    assert abs(light[-1] - own[-1]) < 1


def test_spliced_film_looks_like_a_fully_encoded_one(clips: tuple[Path, Path], tmp_path: Path) -> None:
    one, two = clips
    ranges = [
        ClipRange(one, Fraction(0), Fraction(5, 2), dissolves_out=HALF),
        ClipRange(one, Fraction(3), Fraction(6), dissolves_in=HALF, fades_out=HALF),
        ClipRange(two, Fraction(1), Fraction(3), fades_in=HALF),
    ]
    spliced, encoded = tmp_path / "spliced.mp4", tmp_path / "encoded.mp4"
    assert joined(ranges, spliced).starts == joined(ranges, encoded, drawn=False).starts
    pairs = list(zip(brightness(spliced), brightness(encoded), strict=True))
    assert len(pairs) == 84
    assert all(abs(one - two) < 2 for one, two in pairs)


def test_clip_of_another_format_causes_all_to_be_encoded(clips: tuple[Path, Path], tmp_path: Path) -> None:
    other = shoot(tmp_path / "c.mp4", 2, size=(160, 90), fps=12)
    ranges = [
        ClipRange(clips[0], Fraction(0), Fraction(3), dissolves_out=HALF),
        ClipRange(other, Fraction(0), Fraction(2), dissolves_in=HALF),
    ]
    made = joined(ranges, tmp_path / "film.mp4")
    assert not made.copied
    assert len(pictures(tmp_path / "film.mp4")) == 54
    assert [each.name for each in tmp_path.iterdir() if "part" in each.name] == []
