"""Fit footage of any size, rate and rotation to the frame of a film."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
from av.filter import Graph
from av.packet import Packet
from av.video.stream import VideoStream

from storyboard.fast_dataclasses import dataclass
from storyboard.media.caption import ClipRange
from storyboard.media.clip import Clip, blamed_on
from storyboard.media.encode import PictureTrack
from storyboard.media.probe import read_clip_format
from storyboard.media.sound import SoundTrack

_READ_BEYOND = 2
"""Seconds of packets that are read past the end of a range, because sound may be stored that much later."""
_TURNS = {90: ("transpose", "cclock"), -90: ("transpose", "clock"), 180: ("rotate", "PI")}
"""The filter that undoes a rotation, in degrees counterclockwise."""


@dataclass(frozen=True, slots=True)
class FilmFrame:
    """The size of a film's pictures in pixels, even, and its frame rate."""

    width: int
    height: int
    fps: Fraction


def frame_of(clip: Clip) -> FilmFrame:
    """Return the frame of a film that begins with this clip."""
    context = clip.video.codec_context
    return FilmFrame(context.width // 2 * 2, context.height // 2 * 2, read_clip_format(clip.path).fps)


def encode_footage(clip: Clip, part: ClipRange, frame: FilmFrame, track: PictureTrack, sound: SoundTrack) -> None:
    """Encode a range of a clip at the frame's size and rate, whole pictures between bars; let its sound be heard.

    Where the clip ends before the range does, its last picture is held.
    """
    for picture, first in fitted_footage(clip, part, frame, sound):
        track.show(picture, key=first)


def fitted_footage(
    clip: Clip, part: ClipRange, frame: FilmFrame, sound: SoundTrack | None = None
) -> Iterator[tuple[av.VideoFrame, bool]]:
    """Yield the pictures of a range of a clip at the frame's size and rate, each with whether it is the first one; let
    its sound be heard meanwhile."""
    clip.video.thread_type = "AUTO"
    begins = clip.begun + part.start
    length = part.lasts if part.end is None else part.end
    ends = None if length is None else clip.begun + length
    if part.start:
        clip.seek(part.start)
    fit = _Fit(clip, frame)
    timing = PictureTiming(frame.fps, begins if part.start else None, ends)
    for packet in clip.packets(sound=sound is not None):
        if ends is not None and packet.pts is not None and packet.pts * packet.time_base > ends + _READ_BEYOND:
            break
        if not isinstance(packet.stream, VideoStream):
            if sound is not None:
                for heard in clip.sounds(packet):
                    sound.hear(heard, begins)
            continue
        for seen in clip.pictures(packet):
            for picture, first in timing.due(seen):
                yield fit(picture), first
    for picture, first in timing.rest():
        yield fit(picture), first


def range_packets(clip: Clip, part: ClipRange, sound: SoundTrack) -> list[Packet[VideoStream]]:
    """Return the packets of a range's pictures as they are, in the order of the file; let its sound be heard
    meanwhile."""
    begins, ends = clip.begun + part.start, clip.begun + (part.end or 0)
    if part.start:
        clip.seek(part.start)
    found: list[Packet[VideoStream]] = []
    for packet in clip.packets():
        at = None if packet.pts is None else packet.pts * packet.time_base
        if at is not None and at > ends + _READ_BEYOND:
            break
        if not isinstance(packet.stream, VideoStream):
            for heard in clip.sounds(packet):
                sound.hear(heard, begins)
        elif packet.size and at is not None and begins <= at < ends:
            found.append(packet)
    return found


class PictureTiming:
    """Decides which picture of a range is seen at each tick of a constant rate. Times are the clip's own."""

    def __init__(self, fps: Fraction, begins: Fraction | None, ends: Fraction | None) -> None:
        self._fps = fps
        self._shown = 0
        self._held: av.VideoFrame | None = None
        self._begins = begins
        self._last = ends
        self._ends = Fraction(0)

    def due(self, frame: av.VideoFrame) -> list[tuple[av.VideoFrame, bool]]:
        """Return the pictures due before `frame`, each with whether it is the first of the part."""
        at = (frame.pts or 0) * (frame.time_base or Fraction(0))
        if self._begins is None:
            self._begins = at
        out = self._until(at)
        self._held, self._ends = frame, at + (frame.duration or 0) * (frame.time_base or Fraction(0))
        return out

    def rest(self) -> list[tuple[av.VideoFrame, bool]]:
        """Return the pictures up to the end of the part, at least one."""
        begins = self._begins or Fraction(0)
        shortest = begins if self._shown else begins + 1 / self._fps
        return self._until(self._last if self._last is not None else max(self._ends, shortest))

    def _until(self, at: Fraction) -> list[tuple[av.VideoFrame, bool]]:
        if self._held is None:
            return []
        until = at if self._last is None else min(at, self._last)
        ticks = round((until - (self._begins or Fraction(0))) * self._fps) - self._shown
        out = [(self._held, self._shown + n == 0) for n in range(ticks)]
        self._shown += len(out)
        return out


class _Fit:
    """Fits pictures to the frame: rotated as their file says, uncropped, with bars if their shape differs."""

    def __init__(self, clip: Clip, frame: FilmFrame) -> None:
        self._clip = clip
        self._frame = frame
        self._graph: Graph | None = None

    def __call__(self, picture: av.VideoFrame) -> av.VideoFrame:
        with blamed_on(self._clip.path):
            self._graph = self._graph or self._made(picture.rotation)
            self._graph.push(picture)
            fitted = self._graph.pull()
        assert isinstance(fitted, av.VideoFrame)
        return fitted

    def _made(self, rotation: int) -> Graph:
        size = f"{self._frame.width}:{self._frame.height}"
        graph = Graph()
        turn = _TURNS.get(abs(rotation) if abs(rotation) == 180 else rotation)
        nodes = [
            graph.add_buffer(template=self._clip.video),
            *([graph.add(*turn)] if turn else []),
            graph.add("scale", "trunc(iw*sar/2)*2:ih"),
            graph.add("scale", f"{size}:force_original_aspect_ratio=decrease:force_divisible_by=2"),
            graph.add("pad", f"{size}:-1:-1"),
            graph.add("setsar", "1"),
            graph.add("format", "yuv420p"),
            graph.add("buffersink"),
        ]
        graph.link_nodes(*nodes).configure()
        return graph
