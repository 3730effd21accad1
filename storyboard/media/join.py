"""Join clips into one film: cuts at exact frames, sound exactly as long as the pictures, shots named in subtitles."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

import av
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from storyboard.fast_dataclasses import dataclass, replace
from storyboard.media.blending import blended, dimmed
from storyboard.media.caption import Caption, Chapter, ClipRange, moved
from storyboard.media.clip import Clip, opened
from storyboard.media.encode import CARDS, FOOTAGE, PictureTrack, copied_pictures, writing, written
from storyboard.media.film_tags import UNKNOWN_LANGUAGE, FilmTags
from storyboard.media.fitting import FilmFrame, fitted_footage, frame_of, range_packets
from storyboard.media.mp4 import concat_alike
from storyboard.media.sound import SoundEdges, SoundTrack
from storyboard.media.subtitles import SubtitleTrack, milliseconds

if TYPE_CHECKING:
    from av.container.core import Chapter as PlacedChapter

_SUBTITLES = "Shots"
_Seen: TypeAlias = "Iterator[tuple[VideoFrame, bool]]"
"""Pictures, each with whether it is the first of its range."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The film: at which second each clip begins, how long it is, and whether its pictures were copied as they were."""

    starts: tuple[Fraction, ...]
    seconds: Fraction
    copied: bool


class _Pictures(Protocol):
    """Writes a clip's pictures to the film."""

    @property
    def seconds(self) -> Fraction:
        """The length of the film so far, in seconds."""

    def add(self, clip: Clip, part: ClipRange, sound: SoundTrack) -> None:
        """Add a range of a clip."""

    def finish(self) -> None:
        """Finish after the last clip."""


class _NotAlikeError(Exception):
    """The clips' pictures cannot be copied into one stream."""


def join(
    ranges: Sequence[ClipRange],
    captions: Sequence[Sequence[Caption]],
    target: Path,
    *,
    fps: Fraction | None = None,
    tags: FilmTags | None = None,
    chapters: Sequence[Chapter] = (),
    drawn: bool = False,
) -> Joined:
    """Join ranges of clips, one after the other, into an mp4 at `target`, which is replaced at once.

    Pictures are copied where all clips are whole and agree in codec, size, pixels, time base and codec data; else they
    are encoded again at the first clip's size, others between bars, and at the rate `fps` (the first clip's). Of drawn
    clips that agree so, only shots with a transition are encoded again. A clip
    without sound is silent. `captions` are those of each range, in seconds from its beginning; the last lasts to its
    end. `tags` and `chapters` are written into the film. `drawn` says that the clips are cards, which need far less
    work to encode. Raises `ClipTrouble` for a clip that cannot be read.
    """
    clips = [part.path for part in ranges]
    if not all(part.is_whole for part in ranges):
        if drawn:
            try:
                return _join(ranges, captions, target, copied=True, fps=fps, tags=tags, chapters=chapters, drawn=True)
            except _NotAlikeError:
                pass
        return _join(ranges, captions, target, copied=False, fps=fps, tags=tags, chapters=chapters, drawn=drawn)
    try:
        with writing(target):
            template = _template(clips[0], tags)
        trailer = tags.xmp_box if tags else b""
        if cuts := concat_alike(template, clips, captions, target, chapters=chapters, trailer=trailer):
            return Joined(cuts[:-1], cuts[-1], copied=True)
        return _join(ranges, captions, target, copied=True, tags=tags, chapters=chapters)
    except _NotAlikeError:
        return _join(ranges, captions, target, copied=False, fps=fps, tags=tags, chapters=chapters, drawn=drawn)


def _template(first: Path, tags: FilmTags | None) -> bytes:
    """Write a film of one clip, with a caption, and without the clip's sound."""
    film = io.BytesIO()
    with opened(first) as clip, av.open(film, "w", format="mp4") as container:
        clip.mute()
        _tag(container, tags)
        caption = Caption("", Fraction(0), Fraction(1))
        _fill(container, _Copied(container, clip), [(clip, ClipRange(first))], [[caption]], tags)
    return film.getvalue()


def _join(
    ranges: Sequence[ClipRange],
    captions: Sequence[Sequence[Caption]],
    target: Path,
    *,
    copied: bool,
    fps: Fraction | None = None,
    tags: FilmTags | None = None,
    chapters: Sequence[Chapter] = (),
    drawn: bool = False,
) -> Joined:
    with opened(ranges[0].path) as first, written(target, trailer=tags.xmp_box if tags else b"") as container:
        _tag(container, tags)
        frame = _frame(first, fps)
        pictures: _Pictures = (
            _Encoded(container, frame, drawn=drawn)
            if not copied
            else _Spliced(container, first, frame)
            if drawn
            else _Copied(container, first)
        )
        starts = _fill(container, pictures, _one_by_one(ranges), captions, tags)
        container.set_chapters(list(_placed(chapters, starts, pictures.seconds)))
    return Joined(starts, pictures.seconds, copied)


def _placed(chapters: Sequence[Chapter], starts: Sequence[Fraction], end: Fraction) -> Iterator[PlacedChapter]:
    """Yield the chapters at their times in milliseconds, each up to the next."""
    times = [starts[chapter.first] for chapter in chapters]
    for number, (chapter, start, until) in enumerate(zip(chapters, times, [*times[1:], end], strict=False)):
        yield {
            "id": number,
            "start": milliseconds(start),
            "end": milliseconds(until),
            "time_base": Fraction(1, 1000),
            "metadata": {"title": chapter.title},
        }


def _tag(container: OutputContainer, tags: FilmTags | None) -> None:
    container.metadata.update(tags.plain if tags else {})


def _frame(first: Clip, fps: Fraction | None) -> FilmFrame:
    frame = frame_of(first)
    return frame if fps is None else replace(frame, fps=fps)


def _fill(
    container: OutputContainer,
    pictures: _Pictures,
    clips: Iterable[tuple[Clip, ClipRange]],
    captions: Sequence[Sequence[Caption]],
    tags: FilmTags | None,
) -> tuple[Fraction, ...]:
    """Add packet by packet; return the seconds at which clips begin."""
    starts = []
    language = tags.track_language if tags else UNKNOWN_LANGUAGE
    sound = SoundTrack(container, language)
    subtitles = SubtitleTrack(container, _SUBTITLES, language)
    for (clip, part), named in zip(clips, captions, strict=True):
        starts.append(pictures.seconds + part.dissolves_in / 2)
        pictures.add(clip, part, sound)
        sound.cut(pictures.seconds, SoundEdges.of(part))
        subtitles.show(moved(named, starts[-1], pictures.seconds + part.dissolves_out / 2))
    pictures.finish()
    sound.finish()
    return tuple(starts)


def _one_by_one(ranges: Iterable[ClipRange]) -> Iterator[tuple[Clip, ClipRange]]:
    for part in ranges:
        with opened(part.path) as clip:
            yield clip, part


class _Copied:
    """Copies packets, moved to their place in the film."""

    def __init__(self, container: OutputContainer, first: Clip) -> None:
        self._container = container
        self._form = _form(first)
        self._time_base = first.time_base
        self._stream = copied_pictures(container, first.video)
        self._ticks = 0
        self._last: int | None = None

    @property
    def seconds(self) -> Fraction:
        return self._ticks * self._time_base

    def add(self, clip: Clip, part: ClipRange, sound: SoundTrack) -> None:
        if _form(clip) != self._form:
            raise _NotAlikeError
        pictures: list[Packet[VideoStream]] = []
        for packet in clip.packets():
            if not isinstance(packet.stream, VideoStream):
                for frame in clip.sounds(packet):
                    sound.hear(frame, clip.begun)
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


class _Spliced(_Copied):
    """Packets as they are where a range begins with a keyframe, and between them what had to be encoded again, in the
    way in which cards are encoded."""

    def __init__(self, container: OutputContainer, first: Clip, frame: FilmFrame) -> None:
        super().__init__(container, first)
        self._frame = frame
        self._before: ClipRange | None = None

    def add(self, clip: Clip, part: ClipRange, sound: SoundTrack) -> None:
        if part.end is None:
            super().add(clip, part, sound)
            return
        if _form(clip) != self._form:
            raise _NotAlikeError
        packets = range_packets(clip, part, sound)
        ends = part.end - part.dissolves_out
        copied = self._copied_pictures(packets, ends - part.start - part.fades_out)
        if part.dissolves_in or part.fades_in or not copied:
            self._encode(part)
        else:
            self._place(copied)
            if part.fades_out:
                self._encode(replace(part, start=ends - part.fades_out, end=ends, dissolves_out=Fraction(0)))
        self._before = part

    def _copied_pictures(
        self, packets: Sequence[Packet[VideoStream]], seconds: Fraction
    ) -> Sequence[Packet[VideoStream]]:
        """Return the packets of the first so many seconds; none where they cannot stand alone."""
        wanted = packets[: round(seconds * self._frame.fps)]
        lasts = sum(packet.duration or 0 for packet in wanted) * self._time_base
        times = [packet.pts for packet in wanted]
        in_order = times == [packet.dts for packet in wanted]
        is_alone = bool(wanted) and wanted[0].is_keyframe and in_order and lasts == seconds
        return wanted if is_alone else ()

    def _encode(self, part: ClipRange) -> None:
        """Encode a range, and put it in."""
        film = io.BytesIO()
        with opened(part.path) as clip, av.open(film, "w", format="mp4") as container:
            clip.mute()
            encoded = _Encoded(container, self._frame, drawn=True, before=self._before)
            encoded.add(clip, part, None)
            encoded.finish()
        film.seek(0)
        with av.open(film, "r") as source:
            made = Clip(part.path, source)
            if _form(made) != self._form:
                raise _NotAlikeError
            self._place([packet for packet in source.demux(made.video) if packet.size])


def _form(clip: Clip) -> tuple[object, ...]:
    """Return what must agree for packets to be in one stream."""
    context = clip.video.codec_context
    shape = (context.name, context.width, context.height, context.pix_fmt, clip.video.sample_aspect_ratio)
    return (*shape, clip.time_base, context.extradata)


class _Encoded:
    """Pictures decoded, fitted into the first clip's size, and encoded again at its rate."""

    def __init__(
        self, container: OutputContainer, frame: FilmFrame, *, drawn: bool, before: ClipRange | None = None
    ) -> None:
        self._frame = frame
        size = (self._frame.width, self._frame.height)
        self._track = PictureTrack(container, size, self._frame.fps, CARDS if drawn else FOOTAGE, threads=0)
        self._before = before

    @property
    def seconds(self) -> Fraction:
        return self._track.seconds

    def add(self, clip: Clip, part: ClipRange, sound: SoundTrack | None) -> None:
        pictures = fitted_footage(clip, part, self._frame, sound)
        if not part.has_transitions or part.end is None:
            for picture, first in pictures:
                self._track.show(picture, key=first)
            return
        left = round((part.end - part.start - part.dissolves_out) * self._frame.fps)
        with ExitStack() as stack:
            if part.dissolves_in and self._before is not None:
                pictures = self._dissolved(stack.enter_context(opened(self._before.path)), self._before, part, pictures)
            for number, (picture, first) in enumerate(_faded(pictures, part, self._frame.fps, left)):
                if number < left:
                    self._track.show(picture, key=first)
        self._before = part

    def _dissolved(self, clip: Clip, before: ClipRange, part: ClipRange, pictures: _Seen) -> _Seen:
        """Yield the pictures, the first ones blended with the last of the range before, which is of `clip`."""
        frames = round(part.dissolves_in * self._frame.fps)
        tail = replace(before, start=(before.end or Fraction(0)) - part.dissolves_in)
        unders = islice(fitted_footage(clip, tail, self._frame), frames)
        for number, ((under, _), (over, first)) in enumerate(zip(unders, pictures, strict=False)):
            yield blended(under, over, (number + 0.5) / frames), first
        yield from pictures

    def finish(self) -> None:
        self._track.finish()


def _faded(pictures: _Seen, part: ClipRange, fps: Fraction, frames: int) -> _Seen:
    """Yield the pictures, the first and the last of so many frames dimmed where the range fades."""
    begins, ends = round(part.fades_in * fps), round(part.fades_out * fps)
    for number, (picture, first) in enumerate(pictures):
        level = min(_level(number, begins), _level(frames - 1 - number, ends))
        yield (dimmed(picture, level) if level < 1 else picture), first


def _level(number: int, frames: int) -> float:
    """Return the brightness of a picture that is `number` pictures away from black in a fade."""
    return min(1.0, (number + 0.5) / frames) if number >= 0 and frames else 1.0
