"""Copies of clips for programs that cannot decode H.264: every picture is a keyframe, and the sound is PCM."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.audio.fifo import AudioFifo
from av.audio.resampler import AudioResampler
from av.container import OutputContainer
from av.video.stream import VideoStream

from storyboard.media.clip import Clip, ClipTrouble, blamed_on, opened
from storyboard.media.clip_format import ClipFormat
from storyboard.media.encode import written
from storyboard.media.fitting import PictureTiming
from storyboard.media.intra_codec import IntraCodec

_RATE = 48_000
_BLOCK = 4800


def write_intra_copy(path: Path, form: ClipFormat, codec: IntraCodec, target: Path) -> None:
    """Copy a clip into a QuickTime file at `target`: as many pictures of the same size and rate, and its sound.

    Raises `ClipTrouble` for a clip that cannot be read or is too small for the codec, and `StoryboardError` if the
    file cannot be written.
    """
    if not codec.holds(form):
        least = "x".join(map(str, codec.least))
        raise ClipTrouble(f"{path.name} is {form.width}x{form.height}; {codec.title} takes pictures from {least} up")
    with opened(path) as clip, written(target, "mov") as container:
        pictures = _Pictures(container, form, codec, clip.path)
        sound = _Sound(container, clip) if clip.audio else None
        clip.video.thread_type = "AUTO"
        timing = PictureTiming(form.fps, None, clip.begun + form.frames / form.fps)
        for packet in clip.packets():
            if isinstance(packet.stream, VideoStream):
                for seen in clip.pictures(packet):
                    for picture, _ in timing.due(seen):
                        pictures.show(picture)
            elif sound is not None:
                for heard in clip.sounds(packet):
                    sound.hear(heard)
        for picture, _ in timing.rest():
            pictures.show(picture)
        pictures.finish()
        if sound is not None:
            sound.finish(form.frames / form.fps)


class _Pictures:
    """The pictures of a copy."""

    def __init__(self, container: OutputContainer, form: ClipFormat, codec: IntraCodec, path: Path) -> None:
        self._container = container
        self._path = path
        self._fps = form.fps
        stream = container.add_stream(codec.encoder, rate=form.fps, options=dict(codec.options))
        self._stream = cast("VideoStream", stream)
        self._stream.width, self._stream.height = form.width, form.height
        self._stream.pix_fmt = codec.pixels
        self._stream.codec_context.time_base = 1 / form.fps
        self._stream.codec_context.thread_count = 0
        self._pixels = codec.pixels
        self._count = 0

    def show(self, frame: av.VideoFrame) -> None:
        with blamed_on(self._path):
            picture = frame.reformat(self._stream.width, self._stream.height, self._pixels)
        picture.pts, picture.time_base = self._count, 1 / self._fps
        self._container.mux(self._stream.encode(picture))
        self._count += 1

    def finish(self) -> None:
        self._container.mux(self._stream.encode(None))


class _Sound:
    """The sound of a copy, which begins and ends with its pictures."""

    def __init__(self, container: OutputContainer, clip: Clip) -> None:
        assert clip.audio is not None
        self._container = container
        self._begun = clip.begun
        layout = "mono" if clip.audio.channels == 1 else "stereo"
        self._stream = container.add_stream("pcm_s16le", rate=_RATE, layout=layout)
        self._resampler = AudioResampler(format="s16", layout=layout, rate=_RATE)
        self._layout = layout
        self._heard = AudioFifo()
        self._early: int | None = None

    def hear(self, frame: av.AudioFrame) -> None:
        if self._early is None:
            lead = round((Fraction(frame.time or 0) - self._begun) * _RATE)
            self._early = max(0, -lead)
            self._add_silence(lead)
        for part in self._resampler.resample(frame):
            self._add(part)

    def finish(self, seconds: Fraction) -> None:
        for part in self._resampler.resample(None) if self._early is not None else []:
            self._add(part)
        if self._early:
            self._heard.read(min(self._early, self._heard.samples))
        wanted = round(seconds * _RATE)
        self._add_silence(wanted - self._heard.samples)
        passed = 0
        while passed < wanted:
            block = self._heard.read(min(_BLOCK, wanted - passed))
            assert block is not None
            block.pts, block.time_base, block.sample_rate = passed, Fraction(1, _RATE), _RATE
            self._container.mux(self._stream.encode(block))
            passed += block.samples
        self._container.mux(self._stream.encode(None))

    def _add(self, frame: av.AudioFrame) -> None:
        frame.pts = None
        self._heard.write(frame)

    def _add_silence(self, samples: int) -> None:
        while samples > 0:
            frame = av.AudioFrame(format="s16", layout=self._layout, samples=min(_BLOCK, samples))
            frame.sample_rate = _RATE
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            self._add(frame)
            samples -= frame.samples
