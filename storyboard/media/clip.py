"""A clip opened for reading; every problem is reported as trouble with that file."""

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
"""Containers with their own pictures. Playlists are excluded, because they could name any file or address."""


class ClipTrouble(StoryboardError):
    """A file is not a playable clip, or not the expected one."""


@contextmanager
def opened(path: Path) -> Iterator[Clip]:
    """The clip at `path`. Raises `ClipTrouble` if it is missing or holds no video."""
    with blamed_on(path):
        film = av.open(str(path), options={"format_whitelist": _FORMATS}, metadata_errors="replace")
    try:
        if not film.streams.video:
            raise ClipTrouble(f"{path.name} holds no video")
        if not is_decodable(film.streams.video[0]):
            raise ClipTrouble(f"{path.name} cannot be played: its pictures are encrypted or in an unknown codec")
        yield Clip(path, film)
    finally:
        film.close()


def is_decodable(stream: VideoStream | AudioStream) -> bool:
    """Whether a stream is in a codec that can be read here. PyAV's types do not say that others have no context."""
    return getattr(stream, "codec_context", None) is not None


class Clip:
    """A readable clip: its `video` stream, and its `audio` where it has any. Reading raises `ClipTrouble`.

    Its pictures begin at the second `begun` of its own time.
    """

    def __init__(self, path: Path, film: InputContainer) -> None:
        self.path = path
        self._film = film
        self.video: VideoStream = film.streams.video[0]
        self.audio: AudioStream | None = next(filter(is_decodable, film.streams.audio), None)
        self.time_base: Fraction = self.video.time_base or Fraction(1, 1000)
        self.begun: Fraction = (self.video.start_time or 0) * self.time_base

    def mute(self) -> None:
        """Ignore its sound from now on."""
        self.audio = None

    def seek(self, seconds: Fraction) -> None:
        """Continue reading at the last keyframe before `seconds`, counted from the first picture."""
        with blamed_on(self.path):
            self._film.seek(round((self.begun + seconds) / self.time_base), stream=self.video)

    @property
    def seconds(self) -> Fraction:
        """The duration of its pictures by its header; 0 if unknown."""
        if self.video.duration:
            return self.video.duration * self.time_base
        return Fraction(self._film.duration or 0, 1_000_000)

    def packets(self, *, sound: bool = True) -> Iterator[_AnyPacket]:
        """Yield all packets in the order of the file, of the pictures and, where there is any and it is wanted, the
        sound."""
        streams = [self.video, self.audio] if sound and self.audio else [self.video]
        with blamed_on(self.path):
            yield from cast(Iterator[_AnyPacket], self._film.demux(streams))

    def pictures(self, packet: Packet[VideoStream]) -> list[av.VideoFrame]:
        """Decode the pictures of a packet."""
        with blamed_on(self.path):
            return packet.decode()

    def sounds(self, packet: Packet[AudioStream]) -> list[av.AudioFrame]:
        """Decode the sound of a packet."""
        with blamed_on(self.path):
            return packet.decode()

    def pictures_from(self, seconds: Fraction) -> Iterator[av.VideoFrame]:
        """Yield pictures from the last keyframe before `seconds`."""
        with blamed_on(self.path):
            self._film.seek(round((self.begun + seconds) / self.time_base), stream=self.video)
            yield from self._film.decode(self.video)


@contextmanager
def blamed_on(path: Path) -> Iterator[None]:
    """Turn read errors into ClipTrouble about this clip."""
    try:
        yield
    except (av.FFmpegError, OSError) as error:
        words = error.strerror or str(error)
        raise ClipTrouble(f"{path.name} cannot be played: {words[:1].lower()}{words[1:]}") from error
