"""Inspect a clip automatically: cuts, black and frozen stretches, loudness."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
from av.audio.resampler import AudioResampler
from PIL import Image, ImageChops, ImageStat

from storyboard.fast_dataclasses import dataclass, field
from storyboard.media.clip import opened
from storyboard.media.inspection import ClipInspection, FrameSpan

_WIDTH, _HEIGHT = 64, 36
_DARK = 26
"""A tenth of white."""
_DARK_SHARE = 0.98
_STILL = 0.255
"""Largest mean difference from the first picture of a frozen stretch, out of 255."""
_LEAST_CHANGE = 8.0
_PEAK = 3.0
_NEIGHBOURS = 4
_SOUND_RATE = 8000
_WINDOW = _SOUND_RATE // 10


def inspect_clip(file: Path) -> ClipInspection:
    """Inspect every picture of a clip, small and grey, and its sound. Raises `ClipTrouble`."""
    with opened(file) as clip:
        seen, heard = _Seen(), _Heard()
        for packet in clip.packets():
            if packet.stream.type == "video":
                for frame in clip.pictures(packet):
                    seen.look(frame)
            elif clip.audio is not None:
                for sound in clip.sounds(packet):
                    heard.listen(sound)
        rate = clip.video.average_rate or clip.video.guessed_rate or Fraction(24)
        loudness = tuple(heard.windows) if clip.audio is not None else None
    return ClipInspection(
        fps=Fraction(rate),
        frames=len(seen.changes),
        cuts=tuple(_peaks(seen.changes)),
        black=tuple(_stretches(seen.dark)),
        frozen=tuple(seen.frozen_stretches()),
        loudness=loudness,
    )


@dataclass
class _Seen:
    """What was seen in the pictures so far. `changes` has the mean difference of each picture from the last one."""

    changes: list[float] = field(default_factory=list)
    dark: list[bool] = field(default_factory=list)
    _last: Image.Image | None = None
    _held: Image.Image | None = None
    _held_from: int = 0
    _frozen: list[FrameSpan] = field(default_factory=list)

    def look(self, frame: av.VideoFrame) -> None:
        grey = frame.reformat(width=_WIDTH, height=_HEIGHT, format="gray")
        plane = grey.planes[0]
        picture = Image.frombuffer("L", (_WIDTH, _HEIGHT), bytes(plane), "raw", "L", plane.line_size, 1)
        number = len(self.changes)
        self.changes.append(_difference(picture, self._last) if self._last is not None else 0.0)
        self.dark.append(sum(picture.histogram()[:_DARK]) >= _DARK_SHARE * _WIDTH * _HEIGHT)
        if self._held is None or _difference(picture, self._held) > _STILL:
            self._end_of_hold(number)
            self._held, self._held_from = picture, number
        self._last = picture

    def _end_of_hold(self, number: int) -> None:
        if number - self._held_from > 1:
            self._frozen.append(FrameSpan(self._held_from, number))

    def frozen_stretches(self) -> list[FrameSpan]:
        """Return all of them, including one at the end."""
        self._end_of_hold(len(self.changes))
        self._held_from = len(self.changes)
        return self._frozen


@dataclass
class _Heard:
    """The loudest sample of each tenth of a second, in dBFS."""

    windows: list[int] = field(default_factory=list)
    _resampler: AudioResampler = field(default_factory=lambda: AudioResampler("s16", "mono", _SOUND_RATE))
    _rest: bytes = b""

    def listen(self, sound: av.AudioFrame) -> None:
        for part in self._resampler.resample(sound):
            self._rest += bytes(part.planes[0])[: part.samples * 2]
        size = _WINDOW * 2
        while len(self._rest) >= size:
            self.windows.append(_peak_level(self._rest[:size]))
            self._rest = self._rest[size:]


def _peak_level(samples: bytes) -> int:
    loudest = max(map(abs, array("h", samples)))
    return round(20 * math.log10(loudest / 32768)) if loudest else -120


def _difference(one: Image.Image, other: Image.Image) -> float:
    return ImageStat.Stat(ImageChops.difference(one, other)).mean[0]


def _peaks(changes: Sequence[float]) -> Iterator[int]:
    """Return the pictures that differ from the previous one far more than those around them."""
    for at, change in enumerate(changes):
        around = [*changes[max(1, at - _NEIGHBOURS) : at], *changes[at + 1 : at + 1 + _NEIGHBOURS]]
        if change >= _LEAST_CHANGE and around and change >= _PEAK * max(around):
            yield at


def _stretches(flags: Sequence[bool]) -> Iterator[FrameSpan]:
    begun = None
    for at, flag in enumerate([*flags, False]):
        if flag and begun is None:
            begun = at
        elif not flag and begun is not None:
            yield FrameSpan(begun, at)
            begun = None
