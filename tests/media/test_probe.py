"""Measuring clips: what is right is measured, what is wrong is named."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import av
import pytest

from storyboard.media.animatic import render_animatic
from storyboard.media.clip import ClipTrouble, opened
from storyboard.media.probe import ClipInfo, probe, verify_clip
from storyboard.media.render_options import Card, Look
from tests.support.footage import shoot


def test_a_clip_is_measured(tmp_path: Path) -> None:
    clip = shoot(tmp_path / "a.mp4", 2, size=(160, 90), fps=25, options={"bf": "2"})
    assert probe(clip) == ClipInfo(Decimal(2), 50, 160, 90, Fraction(25), "h264", "yuv420p", "aac")
    assert probe(shoot(tmp_path / "mute.mp4", 1, sound=None)).audio is None


@pytest.mark.parametrize(("promised", "fits"), [(3, True), (Decimal("2.5"), True), (2, False), (5, False)])
def test_a_clip_lasts_about_as_long_as_promised(tmp_path: Path, promised: Decimal, fits: bool) -> None:
    clip = shoot(tmp_path / "a.mp4", 3)
    if fits:
        assert verify_clip(clip, promised).seconds == 3
    else:
        with pytest.raises(ClipTrouble, match=rf"a\.mp4 lasts 3\.0 s where {promised} s were promised"):
            verify_clip(clip, promised)


@pytest.mark.parametrize("content", [b"", b"<html>expired</html>", b'{"error":"gone"}', b"\0" * 5000])
def test_what_is_no_video_is_trouble(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(ClipTrouble, match=r"a\.mp4 cannot be played"):
        probe(tmp_path / "a.mp4")


def test_a_missing_file_is_trouble(tmp_path: Path) -> None:
    with pytest.raises(ClipTrouble, match=r"a\.mp4 cannot be played: no such file"):
        probe(tmp_path / "a.mp4")


def test_sound_alone_is_trouble(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as film:
        track = film.add_stream("aac", rate=48_000, layout="mono")
        film.mux(track.encode(_tone()))
        film.mux(track.encode(None))
    with pytest.raises(ClipTrouble, match=r"a\.mp4 holds no video"):
        probe(tmp_path / "a.mp4")


def _tone() -> av.AudioFrame:
    frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
    frame.planes[0].update(bytes(frame.planes[0].buffer_size))
    frame.sample_rate, frame.pts = 48_000, 0
    return frame


def test_a_clip_that_was_cut_short_is_trouble(tmp_path: Path) -> None:
    render_animatic([Card("Rain. " * 50, Decimal(3))], "16:9", tmp_path / "whole.mp4", Look(320, 12))
    whole = (tmp_path / "whole.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(ClipTrouble, match=r"cut\.mp4 is cut short: \d+ of 36 pictures are there"):
        probe(tmp_path / "cut.mp4")


def with_damage(file: Path, how: str) -> bytes:
    """The file with one picture in the middle otherwise."""
    with opened(file) as clip:
        spots = [(packet.pos or 0, packet.size) for packet in clip.packets(sound=False) if packet.size]
    at, size = spots[len(spots) // 2]
    content = file.read_bytes()
    picture = content[at : at + size]
    return content[:at] + {"moved": picture[1:] + b"x", "empty": bytes(size)}[how] + content[at + size :]


@pytest.mark.parametrize("how", ["moved", "empty"])
@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_a_picture_in_the_middle_that_is_not_whole_is_trouble(codec: str, how: str, tmp_path: Path) -> None:
    file, damaged = tmp_path / "clip.mp4", tmp_path / "damaged.mp4"
    shoot(file, seconds=3, codec=codec, options={"g": "6"})
    assert probe(file).frames == 36
    damaged.write_bytes(with_damage(file, how))
    with pytest.raises(ClipTrouble, match="is damaged: 1 of 36 pictures are not whole"):
        probe(damaged)
