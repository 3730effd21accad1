"""Joined films: every cut at its frame, sound with its picture, whatever the clips are."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import av
import pytest

from storyboard.media.animatic import render_animatic
from storyboard.media.caption import Caption
from storyboard.media.clip import ClipTrouble
from storyboard.media.join import Joined
from storyboard.media.probe import probe
from storyboard.media.render_options import Card, RenderOptions
from tests.support.footage import clicks, flashes, join_whole, length_of, shoot, start_of

B_FRAMES = {"bf": "2", "g": "8"}


def joined(tmp_path: Path, *clips: Path) -> tuple[Joined, Path]:
    film = tmp_path / "film.mp4"
    return join_whole(clips, [[] for _ in clips], film), film


def assert_sound(film: Path) -> None:
    """Nothing a strict reader would complain about: times rise in every track, all tracks end together."""
    with av.open(str(film)) as container:
        last: dict[int, int] = {}
        for packet in container.demux():
            if packet.dts is not None and packet.size:
                assert packet.dts >= last.get(packet.stream_index, packet.dts - 1)
                last[packet.stream_index] = packet.dts
        lengths = {length_of(track) for track in (*container.streams.video, *container.streams.audio)}
    assert len(lengths) == 1


def test_clips_that_agree_are_copied_and_each_cut_keeps_picture_and_sound_together(tmp_path: Path) -> None:
    clips = [shoot(tmp_path / f"{n}.mp4", n, flash=12, options=B_FRAMES) for n in (2, 3, 2)]
    result, film = joined(tmp_path, *clips)
    assert result == Joined((Fraction(0), Fraction(2), Fraction(5)), Fraction(7), copied=True)
    assert flashes(film) == [1, 3, 6]
    assert clicks(film) == pytest.approx([1, 3, 6], abs=0.003)
    assert probe(film).frames == 7 * 12
    assert_sound(film)


def test_pictures_are_copied_byte_for_byte(tmp_path: Path) -> None:
    clip = shoot(tmp_path / "a.mp4", 1, flash=3)
    _, film = joined(tmp_path, clip, clip)

    def payloads(path: Path) -> list[bytes]:
        with av.open(str(path)) as container:
            return [bytes(packet) for packet in container.demux(video=0) if packet.size]

    assert payloads(film) == payloads(clip) * 2


def test_clips_of_another_size_rate_or_codec_are_fitted_to_the_first(tmp_path: Path) -> None:
    wide = shoot(tmp_path / "wide.mp4", 2, flash=12)
    tall = shoot(tmp_path / "tall.mp4", 2, flash=15, fps=15, size=(90, 160))
    old = shoot(tmp_path / "old.mp4", 1, flash=10, fps=10 * 2, codec="mpeg4", channels="mono", sound=22_050)
    result, film = joined(tmp_path, wide, tall, old)
    assert result == Joined((Fraction(0), Fraction(2), Fraction(4)), Fraction(5), copied=False)
    info = probe(film)
    assert (info.width, info.height, info.fps, info.frames, info.codec) == (160, 90, Fraction(12), 60, "h264")
    assert flashes(film) == [1, 3, 4.5]
    assert clicks(film) == pytest.approx([1, 3, 4.5], abs=0.003)
    assert_sound(film)


def test_picture_of_another_shape_gets_bars(tmp_path: Path) -> None:
    wide = shoot(tmp_path / "wide.mp4", 1)
    tall = shoot(tmp_path / "tall.mp4", 1, flash=0, size=(90, 160))
    _, film = joined(tmp_path, wide, tall)
    with av.open(str(film)) as container:
        frame = list(container.decode(video=0))[12]
        row = bytes(frame.planes[0])[45 * frame.planes[0].line_size :][:160]
    assert min(row[60:100]) > 180
    assert max(row[:40] + row[120:]) < 40


def test_a_clip_without_sound_is_silent_and_the_next_one_still_in_time(tmp_path: Path) -> None:
    clips = [
        shoot(tmp_path / "mute.mp4", 2, flash=1, sound=None),
        shoot(tmp_path / "short.mp4", 2, flash=6, sound_seconds=0.75),
        shoot(tmp_path / "long.mp4", 1, flash=6, sound_seconds=2.5),
        shoot(tmp_path / "last.mp4", 1, flash=6),
    ]
    result, film = joined(tmp_path, *clips)
    assert result.seconds == 6
    assert clicks(film) == pytest.approx([2.5, 4.5, 5.5], abs=0.003)
    assert_sound(film)


def test_animatics_of_one_story_are_copied(tmp_path: Path) -> None:
    for number in range(3):
        render_animatic(
            [Card(f"Shot {number}.", Decimal(1))], "16:9", tmp_path / f"{number}.mp4", RenderOptions(160, 12)
        )
    result, film = joined(tmp_path, *(tmp_path / f"{number}.mp4" for number in range(3)))
    assert result.copied
    assert result.seconds == 3
    assert_sound(film)


def test_shots_are_named_in_a_subtitle_track(tmp_path: Path) -> None:
    clip = shoot(tmp_path / "a.mp4", 2)
    named = [Caption("arrival.street", Fraction(0), Fraction(1)), Caption('a.b["北"]', Fraction(1), Fraction(5))]
    join_whole([clip, clip], [named, []], tmp_path / "film.mp4")
    with av.open(str(tmp_path / "film.mp4")) as film:
        track = film.streams.subtitles[0]
        assert track.codec_context.name == "mov_text"
        shown = [
            (
                float(start_of(packet)),
                float(length_of(packet)),
                bytes(packet)[2:].decode(),
            )
            for packet in film.demux(track)
            if packet.size > 2
        ]
    assert shown == [(0.0, 1.0, "arrival.street"), (1.0, 1.0, 'a.b["北"]')]


def test_a_damaged_clip_is_named_and_leaves_the_old_film_alone(tmp_path: Path) -> None:
    good = shoot(tmp_path / "good.mp4", 1)
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"<html>not found</html>")
    (tmp_path / "film.mp4").write_bytes(b"the old film")
    with pytest.raises(ClipTrouble, match=r"bad\.mp4 cannot be played"):
        joined(tmp_path, good, bad)
    assert (tmp_path / "film.mp4").read_bytes() == b"the old film"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.mp4", "film.mp4", "good.mp4"]


def test_clips_in_a_codec_that_can_only_be_read_are_copied(tmp_path: Path) -> None:
    made, film = joined(tmp_path, shoot(tmp_path / "a.mp4", 1, codec="libsvtav1", options={"preset": "12"}))
    assert made.copied
    with av.open(str(film)) as container:
        assert sum(1 for packet in container.demux(video=0) if packet.size) == 12
