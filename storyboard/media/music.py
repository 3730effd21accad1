"""Music for a film: the length of a sound file, and mixing it under the film's own sound."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer

from storyboard.media.clip import ClipTrouble, blamed_on

_FORMATS = "mp3,wav,w64,aiff,flac,ogg,aac,ac3,mov,mp4,matroska,webm,avi,mpegts,caf"
"""Containers with their own sound. Playlists are excluded, because they could name any file or address."""


def read_music_length(path: Path) -> Fraction:
    """Return the length of a file's sound in seconds, 0 if unknown. Raises `ClipTrouble` for a file without playable
    sound."""
    with opened_music(path) as music:
        stream = music.streams.audio[0]
        with blamed_on(path):
            for packet in music.demux(stream):
                if packet.size and packet.decode():
                    break
            else:
                raise ClipTrouble(f"{path.name} holds no sound that can be played")
        if stream.duration and stream.time_base:
            return stream.duration * stream.time_base
        return Fraction(music.duration or 0, 1_000_000)


@contextmanager
def opened_music(path: Path) -> Iterator[InputContainer]:
    """Open the file at `path`, which must have sound. Raises `ClipTrouble` if it is missing or has none."""
    with blamed_on(path):
        music = av.open(str(path), options={"format_whitelist": _FORMATS})
    try:
        if not music.streams.audio:
            raise ClipTrouble(f"{path.name} holds no sound")
        yield music
    finally:
        music.close()
