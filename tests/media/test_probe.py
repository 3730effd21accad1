"""Measuring clips: what is right is measured, what is wrong is named."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import av
import pytest

from storyboard.media.animatic import render_animatic
from storyboard.media.clip import ClipTrouble, opened
from storyboard.media.clip_format import is_about
from storyboard.media.mp4 import measure_tables
from storyboard.media.probe import ClipInfo, probe, probe_clip
from storyboard.media.render_options import Card, RenderOptions
from tests.support.footage import shoot


def test_a_clip_is_measured(tmp_path: Path) -> None:
    clip = shoot(tmp_path / "a.mp4", 2, size=(160, 90), fps=25, options={"bf": "2"})
    assert probe(clip) == ClipInfo(Decimal(2), 50, 160, 90, Fraction(25), "h264", "aac")
    assert probe(shoot(tmp_path / "mute.mp4", 1, sound=None)).audio is None


@pytest.mark.parametrize(("promised", "fits"), [(3, True), (Decimal("2.5"), True), (2, False), (5, False)])
def test_a_clip_lasts_about_as_long_as_promised(tmp_path: Path, promised: Decimal, fits: bool) -> None:
    clip = shoot(tmp_path / "a.mp4", 3)
    assert is_about(probe_clip(clip), promised) is fits


@pytest.mark.parametrize("content", [b"", b"<html>expired</html>", b'{"error":"gone"}', b"\0" * 5000])
def test_file_that_is_not_a_video_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(ClipTrouble, match=r"a\.mp4 cannot be played"):
        probe(tmp_path / "a.mp4")


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ClipTrouble, match=r"a\.mp4 cannot be played: no such file"):
        probe(tmp_path / "a.mp4")


def test_file_with_only_sound_is_an_error(tmp_path: Path) -> None:
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


def test_truncated_clip_is_an_error(tmp_path: Path) -> None:
    render_animatic([Card("Rain. " * 50, Decimal(3))], "16:9", tmp_path / "whole.mp4", RenderOptions(320, 12))
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
def test_damaged_picture_in_the_middle_is_an_error(codec: str, how: str, tmp_path: Path) -> None:
    file, damaged = tmp_path / "clip.mp4", tmp_path / "damaged.mp4"
    shoot(file, seconds=3, codec=codec, options={"g": "6"})
    assert probe(file).frames == 36
    damaged.write_bytes(with_damage(file, how))
    with pytest.raises(ClipTrouble, match="is damaged: 1 of 36 pictures are not whole"):
        probe(damaged)


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
@pytest.mark.parametrize("options", [{"bf": "0"}, {"bf": "2", "g": "6"}])
def test_a_whole_clip_is_measured_without_decoding_it(codec: str, options: dict[str, str], tmp_path: Path) -> None:
    clip = shoot(tmp_path / "clip.mp4", 3, codec=codec, options=options)
    measured = measure_tables(clip)
    assert measured is not None
    assert (measured.seconds, measured.frames) == (probe(clip).seconds, probe(clip).frames) == (Decimal(3), 36)


def test_a_clip_of_another_codec_is_decoded(tmp_path: Path) -> None:
    clip = shoot(tmp_path / "clip.mp4", 2, codec="mpeg4")
    assert measure_tables(clip) is None
    assert probe_clip(clip) == 2


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
@pytest.mark.parametrize("how", ["moved", "empty", "removed", "short"])
def test_damaged_clip_is_found_although_intact_clips_are_not_decoded(codec: str, how: str, tmp_path: Path) -> None:
    file = shoot(tmp_path / "clip.mp4", 3, codec=codec, options={"g": "6"})
    whole = file.read_bytes()
    middle = whole.index(b"mdat") + 4 + (len(whole) - whole.index(b"mdat")) // 2
    damaged = {
        "moved": lambda: with_damage(file, "moved"),
        "empty": lambda: with_damage(file, "empty"),
        "removed": lambda: whole[:middle] + whole[middle + 100 :],
        "short": lambda: whole[:-1000],
    }[how]()
    file.write_bytes(damaged)
    assert measure_tables(file) is None
    with pytest.raises(ClipTrouble, match=r"is damaged|is cut short|cannot be played"):
        probe_clip(file)


def test_pictures_left_out_by_an_edit_list_do_not_count(tmp_path: Path) -> None:
    file = shoot(tmp_path / "clip.mp4", 3, options={"bf": "0"})
    data = file.read_bytes()
    at = data.index(b"elst") + 12
    file.write_bytes(data[:at] + (1500).to_bytes(4, "big") + data[at + 4 :])
    assert measure_tables(file) is None


@pytest.mark.parametrize("codec", [b"zzzz", b"encv", b"dvh1"])
def test_pictures_in_a_codec_that_cannot_be_read_are_an_error(tmp_path: Path, codec: bytes) -> None:
    clip = shoot(tmp_path / "a.mp4", 1)
    clip.write_bytes(clip.read_bytes().replace(b"avc1", codec))
    with pytest.raises(ClipTrouble, match=r"a\.mp4 cannot be played"):
        probe_clip(clip)


def test_sound_in_a_codec_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    clip = shoot(tmp_path / "a.mp4", 1)
    aac, unknown = b"\x40\x15\0", b"\xfd\x15\0"
    clip.write_bytes(clip.read_bytes().replace(b"mp4a", b"zzzz").replace(aac, unknown))
    assert probe(clip).audio is None


def test_title_that_is_not_utf_8_is_no_trouble(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w", format="mp4") as film:
        film.metadata["title"] = "TITLE"
        track = film.add_stream("libx264", rate=12)
        assert isinstance(track, av.VideoStream)
        track.width, track.height, track.pix_fmt = 64, 36, "yuv420p"
        for _ in range(12):
            film.mux(track.encode(av.VideoFrame(64, 36, "yuv420p")))
        film.mux(track.encode())
    clip = tmp_path / "a.mp4"
    clip.write_bytes(clip.read_bytes().replace(b"TITLE", b"T\xefTL\xc9"))
    assert probe(clip).frames == 12
