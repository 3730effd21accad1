"""Silent clips joined by their tables: the same film as packet by packet, and no other clips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from pathlib import Path

import av
import pytest

from storyboard.media.animatic import render_animatic
from storyboard.media.caption import Caption
from storyboard.media.clip import ClipTrouble
from storyboard.media.mp4 import concat_alike
from storyboard.media.mp4.boxes import BoxError, body, number
from storyboard.media.mp4.sample_tables import PICTURES, SOUND, Track, read_tracks
from storyboard.media.probe import probe
from storyboard.media.render_options import Card, RenderOptions
from tests.support.footage import join_whole, shoot, start_of

LOOK = RenderOptions(160, 12)


def animatic(path: Path, *seconds: str) -> Path:
    render_animatic([Card(f"Shot of {each} s.", Decimal(each)) for each in seconds], "16:9", path, LOOK)
    return path


def unusual(clip: Path) -> Path:
    """The same clip, and behind it an empty box whose size is written in 64 bits: it is not joined by its tables."""
    target = clip.with_name(f"unusual-{clip.name}")
    target.write_bytes(clip.read_bytes() + (1).to_bytes(4, "big") + b"free" + (16).to_bytes(8, "big"))
    return target


def named(*clips: Path) -> list[list[Caption]]:
    return [
        [Caption(clip.stem, Fraction(0), Fraction(1, 2)), Caption("北", Fraction(1, 2), Fraction(9))] for clip in clips
    ]


def packets(film: Path, kind: str) -> list[tuple[int | None, int | None, int | None, bool, bytes]]:
    with av.open(str(film)) as container:
        stream = next(stream for stream in container.streams if stream.type == kind)
        found = [packet for packet in container.demux(stream) if packet.size > (2 if kind == "subtitle" else 0)]
        return [(each.pts, each.dts, each.duration, each.is_keyframe, bytes(each)) for each in found]


def facts(film: Path) -> list[object]:
    with av.open(str(film)) as container:
        streams = [(s.type, s.codec_context.name, s.time_base, s.start_time) for s in container.streams]
        return [*streams, container.duration, container.streams.video[0].average_rate, container.metadata]


def lengths(film: Path) -> list[float]:
    """How many seconds each track is long; film times are counted in milliseconds."""
    with av.open(str(film)) as container:
        return [float((stream.duration or 0) * (stream.time_base or 0)) for stream in container.streams]


def each_packet(track: Track, data: bytes) -> list[bytes]:
    return [data[start:end] for start, end in track.packet_spans()]


def chunks(film: Path) -> int:
    """How many chunks the film's first track has: one a clip, where it was joined by tables."""
    trak = body(film.read_bytes(), b"moov")
    first = trak[trak.index(b"trak") - 4 :]
    return number(reduce(body, (b"trak", b"mdia", b"minf", b"stbl", b"stco"), first[: number(first, 0)]), 4)


@pytest.mark.parametrize("seconds", [["1"], ["1", "2.5", "1"], ["0.5", "0.25"], ["0.5"], ["0.6", "10"]])
def test_a_film_joined_by_tables_has_the_packets_of_one_joined_packet_by_packet(
    tmp_path: Path, seconds: list[str]
) -> None:
    clips = [animatic(tmp_path / f"{number}.mp4", each) for number, each in enumerate(seconds)]
    fast, slow = tmp_path / "fast.mp4", tmp_path / "slow.mp4"
    assert join_whole(clips, named(*clips), fast) == join_whole([unusual(clip) for clip in clips], named(*clips), slow)
    for kind in ("video", "audio", "subtitle"):
        assert packets(fast, kind) == packets(slow, kind)
    assert facts(fast) == facts(slow)
    assert lengths(fast) == pytest.approx(lengths(slow), abs=0.001)
    assert chunks(fast) == len(clips) < chunks(slow)
    assert probe(fast).frames == sum(probe(clip).frames for clip in clips)


def test_a_film_plays_from_its_first_picture_and_sample_to_its_last(tmp_path: Path) -> None:
    clips = [animatic(tmp_path / f"{number}.mp4", "1", "0.5") for number in range(3)]
    film = tmp_path / "film.mp4"
    assert join_whole(clips, named(*clips), film).seconds == Fraction(9, 2)
    with av.open(str(film)) as container:
        pictures = list(container.decode(video=0))
    assert [start_of(picture) for picture in pictures] == [Fraction(n, 12) for n in range(54)]
    with av.open(str(film)) as container:
        sounds = list(container.decode(audio=0))
    assert sum(sound.samples for sound in sounds) >= 4.5 * 48_000
    assert not any(bytes(plane).strip(b"\0") for sound in sounds for plane in sound.planes)


def test_the_same_clips_give_the_same_bytes(tmp_path: Path) -> None:
    clips = [animatic(tmp_path / f"{number}.mp4", "1") for number in range(2)]
    for name in ("a.mp4", "b.mp4"):
        join_whole(clips, named(*clips), tmp_path / name)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_without_shot_names_there_is_no_subtitle(tmp_path: Path) -> None:
    clips = [animatic(tmp_path / f"{number}.mp4", "1") for number in range(2)]
    late = Caption("late", Fraction(1, 2), Fraction(3, 4))
    join_whole(clips, [[], [late, late]], tmp_path / "film.mp4")
    with av.open(str(tmp_path / "film.mp4")) as film:
        shown = [(p.pts, p.duration, bytes(p)[2:]) for p in film.demux(film.streams.subtitles[0]) if p.size]
    assert shown == [(0, 1000, b""), (1000, 500, b""), (1500, 250, b"late"), (1750, 250, b"late")]


@pytest.mark.parametrize("g", ["1", "4"])
def test_clips_without_a_sound_track_are_joined_by_tables_too(tmp_path: Path, g: str) -> None:
    clips = [shoot(tmp_path / f"{n}.mp4", n, flash=5, sound=None, options={"bf": "0", "g": g}) for n in (1, 2)]
    film = tmp_path / "film.mp4"
    join_whole(clips, named(*clips), film)
    assert chunks(film) == 2
    video = packets(film, "video")
    assert [each[3:] for each in video] == [each[3:] for clip in clips for each in packets(clip, "video")]


def test_one_clip_with_sound_is_heard_among_silent_ones(tmp_path: Path) -> None:
    mute = shoot(tmp_path / "mute.mp4", 1, sound=None, options={"bf": "0"})
    loud = shoot(tmp_path / "loud.mp4", 1, flash=6, options={"bf": "0"})
    join_whole([mute, loud], named(mute, loud), tmp_path / "film.mp4")
    with av.open(str(tmp_path / "film.mp4")) as film:
        sounds = [bytes(plane).strip(b"\0") for sound in film.decode(audio=0) for plane in sound.planes]
    assert any(sounds)


class Meanwhile(Sequence[Sequence[Caption]]):
    """Captions; when they are looked at, something happens to the clip."""

    def __init__(self, clip: Path) -> None:
        self.clip = clip

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: object) -> Sequence[Caption]:  # type: ignore[override]
        raise NotImplementedError

    def __iter__(self) -> Iterator[Sequence[Caption]]:
        self.clip.write_bytes(self.clip.read_bytes()[:-100])
        yield []


def test_clip_that_changes_meanwhile_is_not_used(tmp_path: Path) -> None:
    clip = animatic(tmp_path / "a.mp4", "1")
    model = tmp_path / "model.mp4"
    join_whole([clip], named(clip), model)
    with pytest.raises(ClipTrouble, match=r"a\.mp4 changed while it was joined"):
        concat_alike(model.read_bytes(), [clip], Meanwhile(clip), tmp_path / "film.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "model.mp4"]


@pytest.mark.parametrize("value", [b"\0\0\0\0", b"\0\0\0\1", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff"])
def test_inconsistent_tables_are_refused(tmp_path: Path, value: bytes) -> None:
    data = animatic(tmp_path / "a.mp4", "1").read_bytes()
    honest = dict(read_tracks(data))
    for at in range(data.index(b"mdat")):
        try:
            found = read_tracks(data[:at] + value + data[at + 4 :])
        except BoxError:
            continue
        for kind, track in found:
            assert len(each_packet(track, data)) == len(track.packets.sizes) <= len(honest[kind].packets.sizes) + 1
            assert all(0 <= start <= end <= len(data) for start, end in track.spans)


def test_tracks_of_a_clip_are_described(tmp_path: Path) -> None:
    clip = animatic(tmp_path / "a.mp4", "1", "2")
    found = dict(read_tracks(clip.read_bytes()))
    assert found[PICTURES].packets.ticks == 3 * found[PICTURES].rate
    assert found[PICTURES].packets.keys == (1, 13)
    assert each_packet(found[PICTURES], clip.read_bytes()) == [each[-1] for each in packets(clip, "video")]
    assert each_packet(found[SOUND], clip.read_bytes()) == [each[-1] for each in packets(clip, "audio")]
