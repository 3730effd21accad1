"""Clips joined into one film: cuts at exact frames, sound exactly as long as the pictures, shots named in subtitles."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
from av.container import OutputContainer
from av.filter import Graph
from av.packet import Packet
from av.video.stream import VideoStream

from storyboard.media.caption import Caption, moved
from storyboard.media.clip import Clip, opened
from storyboard.media.encode import FOOTAGE, PictureTrack, writing, written
from storyboard.media.mp4 import concat_alike
from storyboard.media.sound import SoundTrack
from storyboard.media.subtitles import SubtitleTrack

_SUBTITLES = "Shots"
_FINEST_RATE = 1001


@dataclass(frozen=True, slots=True)
class Joined:
    """The film: at which second each clip begins, how long it is, and whether its pictures were copied as they were."""

    starts: tuple[Fraction, ...]
    seconds: Fraction
    copied: bool


class _Pictures(Protocol):
    """How a clip's pictures get into the film."""

    @property
    def seconds(self) -> Fraction:
        """How long the film is so far."""

    def add(self, clip: Clip, sound: SoundTrack) -> None:
        """Add all of a clip; its sound is only heard."""

    def finish(self) -> None:
        """All clips have been."""


class _NotAlikeError(Exception):
    """The clips' pictures cannot stand in one stream as they are."""


def join(clips: Sequence[Path], captions: Sequence[Sequence[Caption]], target: Path) -> Joined:
    """Join clips, one after the other, into an mp4 at `target`, which is replaced at once.

    Pictures are copied where codec, size, pixels, time base and codec data agree, else encoded anew at the first clip's
    size and rate, others between bars. A clip without sound is silent. `captions` are each clip's, in seconds from its
    beginning; the last lasts to the clip's end. Raises `ClipTrouble` for a clip that cannot be read.
    """
    try:
        with writing(target):
            template = _template(clips[0])
        if cuts := concat_alike(template, clips, captions, target):
            return Joined(cuts[:-1], cuts[-1], copied=True)
        return _join(clips, captions, target, copied=True)
    except _NotAlikeError:
        return _join(clips, captions, target, copied=False)


def _template(first: Path) -> bytes:
    """A film of one clip, with a caption, and without the clip's sound."""
    film = io.BytesIO()
    with opened(first) as clip, av.open(film, "w", format="mp4") as container:
        clip.mute()
        _fill(container, _Copied(container, clip), [clip], [[Caption("", Fraction(0), Fraction(1))]])
    return film.getvalue()


def _join(clips: Sequence[Path], captions: Sequence[Sequence[Caption]], target: Path, *, copied: bool) -> Joined:
    with opened(clips[0]) as first, written(target) as container:
        pictures: _Pictures = _Copied(container, first) if copied else _Encoded(container, first)
        starts = _fill(container, pictures, _one_by_one(clips), captions)
    return Joined(starts, pictures.seconds, copied)


def _fill(
    container: OutputContainer, pictures: _Pictures, clips: Iterable[Clip], captions: Sequence[Sequence[Caption]]
) -> tuple[Fraction, ...]:
    """Packet by packet; gives the seconds at which clips begin."""
    starts = []
    sound = SoundTrack(container)
    subtitles = SubtitleTrack(container, _SUBTITLES)
    for clip, named in zip(clips, captions, strict=True):
        starts.append(pictures.seconds)
        pictures.add(clip, sound)
        sound.cut(pictures.seconds)
        subtitles.show(moved(named, starts[-1], pictures.seconds))
    pictures.finish()
    sound.finish()
    return tuple(starts)


def _one_by_one(paths: Iterable[Path]) -> Iterator[Clip]:
    for path in paths:
        with opened(path) as clip:
            yield clip


def _hear(clip: Clip, packet: Packet[av.AudioStream], sound: SoundTrack) -> None:
    for frame in clip.sounds(packet):
        sound.hear(frame, clip.begun)


class _Copied:
    """Packets as they are, moved to their place in the film."""

    def __init__(self, container: OutputContainer, first: Clip) -> None:
        self._container = container
        self._form = _form(first)
        self._time_base = first.time_base
        self._stream = container.add_stream_from_template(first.video)
        self._ticks = 0
        self._last: int | None = None

    @property
    def seconds(self) -> Fraction:
        return self._ticks * self._time_base

    def add(self, clip: Clip, sound: SoundTrack) -> None:
        if _form(clip) != self._form:
            raise _NotAlikeError
        pictures: list[Packet[VideoStream]] = []
        for packet in clip.packets():
            if not isinstance(packet.stream, VideoStream):
                _hear(clip, packet, sound)
            elif packet.size:
                pictures.append(packet)
        self._place(pictures)

    def _place(self, packets: Sequence[Packet[VideoStream]]) -> None:
        spans = [(p.pts, p.pts + (p.duration or 0)) for p in packets if p.pts is not None and not p.is_discard]
        if not packets or not packets[0].is_keyframe or len(spans) < len(packets):
            raise _NotAlikeError
        begins = min(start for start, _ in spans)
        for packet in packets:
            self._mux(packet, self._ticks - begins)
        self._ticks += max(end for _, end in spans) - begins

    def _mux(self, packet: Packet[VideoStream], offset: int) -> None:
        if packet.dts is None or packet.pts is None or (self._last is not None and packet.dts + offset <= self._last):
            raise _NotAlikeError
        packet.dts += offset
        packet.pts += offset
        self._last = packet.dts
        packet.stream = self._stream
        self._container.mux(packet)

    def finish(self) -> None:
        pass


def _form(clip: Clip) -> tuple[object, ...]:
    """What must agree for packets to stand in one stream."""
    context = clip.video.codec_context
    shape = (context.name, context.width, context.height, context.pix_fmt, clip.video.sample_aspect_ratio)
    return (*shape, clip.time_base, context.extradata)


class _Encoded:
    """Pictures decoded, fitted into the first clip's size, and encoded anew at its rate."""

    def __init__(self, container: OutputContainer, first: Clip) -> None:
        context = first.video.codec_context
        self._size = (context.width // 2 * 2, context.height // 2 * 2)
        self._fps = (first.video.average_rate or Fraction(24)).limit_denominator(_FINEST_RATE)
        self._track = PictureTrack(container, self._size, self._fps, FOOTAGE, threads=0)

    @property
    def seconds(self) -> Fraction:
        return self._track.seconds

    def add(self, clip: Clip, sound: SoundTrack) -> None:
        clip.video.thread_type = "AUTO"
        fit = _fitting(clip.video, self._size)
        timing = _Timing(self._fps)
        for packet in clip.packets():
            if not isinstance(packet.stream, VideoStream):
                _hear(clip, packet, sound)
                continue
            for frame in clip.pictures(packet):
                for picture, first in timing.due(frame):
                    self._track.show(_fitted(picture, fit), key=first)
        for picture, first in timing.rest():
            self._track.show(_fitted(picture, fit), key=first)

    def finish(self) -> None:
        self._track.finish()


class _Timing:
    """Which picture of a clip is seen at each tick of a constant rate."""

    def __init__(self, fps: Fraction) -> None:
        self._fps = fps
        self._shown = 0
        self._held: av.VideoFrame | None = None
        self._begins = Fraction(0)
        self._ends = Fraction(0)

    def due(self, frame: av.VideoFrame) -> list[tuple[av.VideoFrame, bool]]:
        """What is seen before `frame`; each with whether it is the clip's first."""
        at = (frame.pts or 0) * (frame.time_base or Fraction(0))
        if self._held is None:
            self._begins = at
        out = self._until(at)
        self._held, self._ends = frame, at + (frame.duration or 0) * (frame.time_base or Fraction(0))
        return out

    def rest(self) -> list[tuple[av.VideoFrame, bool]]:
        """What is seen to the clip's end, at least one picture."""
        shortest = self._begins if self._shown else self._begins + 1 / self._fps
        return self._until(max(self._ends, shortest))

    def _until(self, at: Fraction) -> list[tuple[av.VideoFrame, bool]]:
        ticks = round((at - self._begins) * self._fps) - self._shown
        out = [(self._held, self._shown + n == 0) for n in range(ticks) if self._held is not None]
        self._shown += len(out)
        return out


def _fitting(video: VideoStream, size: tuple[int, int]) -> Graph:
    """A filter that brings pictures to a size, the whole picture kept, between bars where its shape is another."""
    width, height = size
    graph = Graph()
    nodes = [
        graph.add_buffer(template=video),
        graph.add("scale", f"{width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2"),
        graph.add("pad", f"{width}:{height}:-1:-1"),
        graph.add("setsar", "1"),
        graph.add("format", "yuv420p"),
        graph.add("buffersink"),
    ]
    graph.link_nodes(*nodes).configure()
    return graph


def _fitted(frame: av.VideoFrame, fit: Graph) -> av.VideoFrame:
    fit.push(frame)
    fitted = fit.pull()
    assert isinstance(fitted, av.VideoFrame)
    return fitted
