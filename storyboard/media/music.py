"""Music for a film: how long a file of sound is, and mixing it under the film's own sound."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer

from storyboard.media.clip import ClipTrouble, blamed_on

_FORMATS = "mp3,wav,w64,aiff,flac,ogg,aac,ac3,mov,mp4,matroska,webm,avi,mpegts,caf"
"""Containers that hold their own sound. A playlist could name any file or address, so it is none of them."""


def read_music_length(path: Path) -> Fraction:
    """The length of a file's sound in seconds, 0 where it does not say. Raises `ClipTrouble` for what has no sound that
    can be played."""
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
    """The file at `path`, which has sound. Raises `ClipTrouble` if it is missing or has none."""
    with blamed_on(path):
        music = av.open(str(path), options={"format_whitelist": _FORMATS})
    try:
        if not music.streams.audio:
            raise ClipTrouble(f"{path.name} holds no sound")
        yield music
    finally:
        music.close()
