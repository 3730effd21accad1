"""Stills show the picture of their time."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

from PIL import Image

from storyboard.media.frame_grab import StillRequest, stills
from tests.support.footage import shoot


def brightness(jpeg: bytes) -> float:
    picture = Image.open(io.BytesIO(jpeg)).convert("L")
    return sum(picture.tobytes()) / (picture.width * picture.height)


def test_the_picture_seen_at_a_time_is_taken(tmp_path: Path) -> None:
    clip = shoot(tmp_path / "a.mp4", 3, flash=18, options={"bf": "2"})
    times = tuple(Fraction(n, 24) for n in (0, 35, 36, 37, 38, 71, 500))
    [pictures] = stills([StillRequest(clip, times)])
    assert [brightness(picture) > 128 for picture in pictures] == [False, False, True, True, False, False, False]


def test_pictures_are_no_larger_than_asked_and_keep_their_shape(tmp_path: Path) -> None:
    tall = shoot(tmp_path / "a.mp4", 1, size=(180, 320))
    small = shoot(tmp_path / "b.mp4", 1, size=(64, 36))
    [[large], [as_is]] = stills([StillRequest(tall, (Fraction(0),)), StillRequest(small, (Fraction(0),))], 160)
    assert Image.open(io.BytesIO(large)).size == (90, 160)
    assert Image.open(io.BytesIO(as_is)).size == (64, 36)
