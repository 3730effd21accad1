"""A clip opened for reading; whatever is wrong with it is told as trouble with that file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias, cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from storyboard.errors import StoryboardError

_AnyPacket: TypeAlias = "Packet[VideoStream] | Packet[AudioStream]"


_FORMATS = "mov,mp4,matroska,webm,avi,mpegts,mpeg,ogg,flv,mxf"
"""Containers that hold their own pictures. A playlist could name any file or address, so it is none of them."""


class ClipTrouble(StoryboardError):
    """A file is no clip that can be played, or not the one that was promised."""


@contextmanager
def opened(path: Path) -> Iterator[Clip]:
    """The clip at `path`. Raises `ClipTrouble` if it is missing or holds no video."""
    with blamed_on(path):
        film = av.open(str(path), options={"format_whitelist": _FORMATS})
    try:
        if not film.streams.video:
            raise ClipTrouble(f"{path.name} holds no video")
        yield Clip(path, film)
    finally:
        film.close()


class Clip:
    """A readable clip: its `video` stream, and its `audio` where it has any. Reading raises `ClipTrouble`.

    Its pictures begin at the second `begun` of its own time.
    """

    def __init__(self, path: Path, film: InputContainer) -> None:
        self.path = path
        self._film = film
        self.video: VideoStream = film.streams.video[0]
        self.audio: AudioStream | None = film.streams.audio[0] if film.streams.audio else None
        self.time_base: Fraction = self.video.time_base or Fraction(1, 1000)
        self.begun: Fraction = (self.video.start_time or 0) * self.time_base

    def mute(self) -> None:
        """Leave its sound out of all that is read from now on."""
        self.audio = None

    def seek(self, seconds: Fraction) -> None:
        """Go on reading at the last keyframe before `seconds`, counted from the first picture."""
        with blamed_on(self.path):
            self._film.seek(round((self.begun + seconds) / self.time_base), stream=self.video)

    @property
    def seconds(self) -> Fraction:
        """How long its pictures last, as its header says; 0 where it does not."""
        if self.video.duration:
            return self.video.duration * self.time_base
        return Fraction(self._film.duration or 0, 1_000_000)

    def packets(self, *, sound: bool = True) -> Iterator[_AnyPacket]:
        """All packets in the order of the file, of the pictures and, where there is any and it is wanted, the sound."""
        streams = [self.video, self.audio] if sound and self.audio else [self.video]
        with blamed_on(self.path):
            yield from cast(Iterator[_AnyPacket], self._film.demux(streams))

    def pictures(self, packet: Packet[VideoStream]) -> list[av.VideoFrame]:
        """The pictures that come out of a packet."""
        with blamed_on(self.path):
            return packet.decode()

    def sounds(self, packet: Packet[AudioStream]) -> list[av.AudioFrame]:
        """The sound that comes out of a packet."""
        with blamed_on(self.path):
            return packet.decode()

    def pictures_from(self, seconds: Fraction) -> Iterator[av.VideoFrame]:
        """Pictures from the last place before `seconds` that can be jumped to."""
        with blamed_on(self.path):
            self._film.seek(round((self.begun + seconds) / self.time_base), stream=self.video)
            yield from self._film.decode(self.video)


@contextmanager
def blamed_on(path: Path) -> Iterator[None]:
    """What is wrong with reading a clip is told as trouble with it."""
    try:
        yield
    except (av.FFmpegError, OSError) as error:
        words = error.strerror or str(error)
        raise ClipTrouble(f"{path.name} cannot be played: {words[:1].lower()}{words[1:]}") from error
