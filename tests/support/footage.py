"""Footage for tests: black clips with one white picture and, with it, one click of sound."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from storyboard.media.caption import Caption, ClipRange
from storyboard.media.join import Joined, join


def shoot(
    path: Path,
    seconds: float,
    *,
    size: tuple[int, int] = (160, 90),
    fps: int = 12,
    flash: int | None = None,
    sound: int | None = 44_100,
    channels: str = "stereo",
    sound_seconds: float | None = None,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
) -> Path:
    """A clip whose picture number `flash` is white, with a click at the same time; `sound` is its rate, None for mute."""
    with av.open(str(path), "w", format="mp4") as film:
        video = film.add_stream(codec, rate=fps, options=options or {})
        assert isinstance(video, VideoStream)
        video.width, video.height = size
        video.pix_fmt = "yuv420p"
        track = film.add_stream("aac", rate=sound, layout=channels) if sound else None
        for number in range(round(seconds * fps)):
            picture = av.VideoFrame(*size, "yuv420p")
            for plane, value in zip(picture.planes, (235 if number == flash else 16, 128, 128), strict=True):
                plane.update(bytes([value]) * plane.buffer_size)
            picture.pts, picture.time_base = number, Fraction(1, fps)
            film.mux(video.encode(picture))
        film.mux(video.encode(None))
        if track is not None and sound:
            click = None if flash is None else round(flash / fps * sound)
            for frame in _sound(sound, channels, sound_seconds or seconds, click):
                film.mux(track.encode(frame))
            film.mux(track.encode(None))
    return path


def _sound(rate: int, channels: str, seconds: float, click: int | None) -> list[av.AudioFrame]:
    samples = [0.0] * round(rate * seconds)
    if click is not None:
        for at in range(click, min(len(samples), click + rate // 50)):
            samples[at] = 0.8 * math.sin(2 * math.pi * 1000 * (at - click) / rate)
    frames = []
    for start in range(0, len(samples), 1024):
        part = samples[start : start + 1024]
        frame = av.AudioFrame(format="fltp", layout=channels, samples=len(part))
        for plane in frame.planes:
            plane.update(struct.pack(f"{len(part)}f", *part).ljust(plane.buffer_size, b"\0"))
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        frames.append(frame)
    return frames


def length_of(what: Stream | Packet[Any]) -> Fraction:
    """How many seconds a track or a packet is long, by its own clock."""
    assert what.duration is not None and what.time_base is not None
    return what.duration * what.time_base


def start_of(what: Packet[Any] | av.VideoFrame) -> Fraction:
    """At which second a packet or a picture is shown, by its own clock."""
    assert what.pts is not None and what.time_base is not None
    return what.pts * what.time_base


def flashes(path: Path) -> list[float]:
    """At which seconds a white picture is seen, in the middle of the frame."""
    seen = []
    with av.open(str(path)) as film:
        for frame in film.decode(video=0):
            plane = frame.reformat(format="yuv420p").planes[0]
            if bytes(plane)[frame.height // 2 * plane.line_size + frame.width // 2] > 180:
                seen.append(float(frame.time or 0))
    return seen


def clicks(path: Path) -> list[float]:
    """At which seconds a click begins."""
    heard: list[float] = []
    last = -1.0
    with av.open(str(path)) as film:
        for frame in film.decode(audio=0):
            values = struct.unpack(f"{frame.samples}f", bytes(frame.planes[0])[: 4 * frame.samples])
            for at, value in enumerate(values):
                now = float(frame.time or 0) + at / frame.sample_rate
                if abs(value) > 0.1:
                    if now - last > 0.1:
                        heard.append(now)
                    last = now
    return heard


def join_whole(clips: Sequence[Path], captions: Sequence[Sequence[Caption]], target: Path) -> Joined:
    """The clips joined, all of each."""
    return join([ClipRange(clip) for clip in clips], captions, target)
