"""Change a finished film as a whole: its loudness (EBU R 128), and text drawn into its pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.audio.fifo import AudioFifo
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.filter import Graph
from av.filter.loudnorm import stats
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from storyboard.media.canvas import FramePatch, copy_of, paste, piece
from storyboard.media.caption import Caption, MusicRange
from storyboard.media.clip import blamed_on
from storyboard.media.encode import FOOTAGE, copied_pictures, written
from storyboard.media.film_tags import UNKNOWN_LANGUAGE
from storyboard.media.fonts import system_fonts
from storyboard.media.music import opened_music
from storyboard.media.slate import Layout, Painter
from storyboard.media.sound import FORMAT, LAYOUT, RATE, SoundTrack, silent_frame
from storyboard.media.time_bar import Patch

_HIGHEST_PEAK = -1.0
"""Highest allowed peak, in dBTP: above it, players clip."""
_LEAST_GAIN = 0.1
"""Smallest audible change, in decibels."""


def gain_to(film: Path, loudness: float) -> float:
    """Return the gain in decibels that brings a film to `loudness` (in LUFS), or as near as its peaks allow; 0 for a
    silent one."""
    with blamed_on(film), av.open(str(film)) as container:
        if not container.streams.audio:
            return 0.0
        found = json.loads(stats(f"I={loudness}:TP={_HIGHEST_PEAK}:print_format=json", container.streams.audio[0]))
    integrated, peak = float(found["input_i"]), float(found["input_tp"])
    if integrated <= -70:  # the gate of EBU R 128: nothing louder was heard
        return 0.0
    gain = min(loudness - integrated, _HIGHEST_PEAK - peak)
    return gain if abs(gain) >= _LEAST_GAIN else 0.0


def finish_film(
    film: Path,
    target: Path,
    *,
    gain: float = 0.0,
    labels: Sequence[Caption] = (),
    music: MusicRange | None = None,
    trailer: bytes = b"",
) -> None:
    """Write the film again at `target`, with `music` under its sound, its sound louder by `gain` decibels, and with
    each of `labels` drawn into the pictures while it lasts. Everything else stays as it is; the boxes `trailer` stand
    at the end."""
    with (
        blamed_on(film),
        _opened(music) as playing,
        av.open(str(film)) as source,
        written(target, trailer=trailer) as out,
    ):
        out.metadata.update(source.metadata)
        video, audio, subtitles = source.streams.video[0], source.streams.audio[0], source.streams.subtitles[:1]
        pictures = _Labelled(out, video, labels) if labels else _Copied(out, video)
        sound, volume = SoundTrack(out, audio.language or UNKNOWN_LANGUAGE), _Volume(audio, gain, playing)
        track = out.add_stream_from_template(subtitles[0]) if subtitles else None
        if track is not None:
            track.metadata.update(subtitles[0].metadata)
            track.disposition = Disposition(0)
        for packet in source.demux([video, audio, *subtitles]):
            if isinstance(packet.stream, AudioStream):
                for frame in packet.decode():
                    for louder in volume.louder(cast(av.AudioFrame, frame)):
                        sound.hear(louder, Fraction(0))
            elif isinstance(packet.stream, VideoStream):
                pictures.take(cast("Packet[VideoStream]", packet))
            elif packet.size and track is not None:
                packet.stream = track
                out.mux(packet)
        pictures.finish()
        for louder in volume.rest():
            sound.hear(louder, Fraction(0))
        sound.cut(pictures.end * (video.time_base or Fraction(1)))
        sound.finish()
        out.set_chapters(source.chapters())
        source.close()  # `target` may be `film`, and Windows replaces no file that is open


@contextmanager
def _opened(music: MusicRange | None) -> Iterator[_MusicReader | None]:
    """Open the music, if there is any. Raises `ClipTrouble` if it cannot be read."""
    if music is None:
        yield None
        return
    with opened_music(music.path) as file:
        yield _MusicReader(music, file)


class _Copied:
    """Pictures as they are. `end` is where the last one ends, in ticks of the stream."""

    def __init__(self, out: OutputContainer, video: VideoStream) -> None:
        self._out = out
        self._stream = copied_pictures(out, video)
        self.end = 0

    def take(self, packet: Packet[VideoStream]) -> None:
        """Add a packet."""
        if packet.size:
            self.end = max(self.end, (packet.pts or 0) + (packet.duration or 0))
            packet.stream = self._stream
            self._out.mux(packet)

    def finish(self) -> None:
        """All packets were taken."""


class _Labelled:
    """Pictures with labels, encoded again, each at its own time. `end` is as for those that are copied."""

    def __init__(self, out: OutputContainer, video: VideoStream, labels: Sequence[Caption]) -> None:
        self._out = out
        self._stream = out.add_stream("libx264", rate=video.average_rate or 24, options=FOOTAGE)
        self._stream.width, self._stream.height = video.width, video.height
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = video.time_base or Fraction(1, 24)
        self._painter = Painter(Layout(video.width, video.height), system_fonts())
        self._labels = labels
        self._shown: tuple[str, FramePatch] | None = None
        self.end = 0

    def take(self, packet: Packet[VideoStream]) -> None:
        """Draw into the pictures that come out of a packet."""
        for frame in packet.decode():
            self.end = max(self.end, (frame.pts or 0) + (frame.duration or 0))
            own = copy_of(frame)
            text = self._text_at(Fraction(frame.time or 0))
            if text:
                paste(own, self._patch(text))
            self._out.mux(self._stream.encode(own))

    def _text_at(self, time: Fraction) -> str:
        return next((each.text for each in self._labels if each.start <= time < each.end), "")

    def _patch(self, text: str) -> FramePatch:
        if self._shown is None or self._shown[0] != text:
            place = round(24 * self._painter.layout.unit) // 2 * 2
            self._shown = text, piece(Patch(self._painter.label(text), place, place))
        return self._shown[1]

    def finish(self) -> None:
        """Write what the encoder still holds."""
        self._out.mux(self._stream.encode(None))


class _MusicReader:
    """Music for a film: stereo, from its offset, and silent after the end of its file."""

    def __init__(self, music: MusicRange, file: InputContainer) -> None:
        self._music = music
        self._file = file
        self._ready = AudioFifo()
        self._early = round(music.start * RATE)
        self._frames = self._decoded()
        self._read = 0

    @property
    def gain(self) -> float:
        """Its gain in decibels."""
        return self._music.gain

    def read(self, samples: int) -> av.AudioFrame:
        """Return the next so many samples."""
        while self._ready.samples < samples:
            self._ready.write(next(self._frames, None) or silent_frame(samples))
            left_out = min(self._early, self._ready.samples)
            if left_out:
                self._ready.read(left_out)
                self._early -= left_out
        frame = self._ready.read(samples)
        assert frame is not None
        frame.pts, frame.time_base, frame.sample_rate = self._read, Fraction(1, RATE), RATE
        self._read += samples
        return frame

    def _decoded(self) -> Iterator[av.AudioFrame]:
        resampler = AudioResampler(format=FORMAT, layout=LAYOUT, rate=RATE)
        with blamed_on(self._music.path):
            for frame in self._file.decode(audio=0):
                for part in resampler.resample(frame):
                    part.pts = None
                    yield part
            for part in resampler.resample(None):
                part.pts = None
                yield part


class _Volume:
    """FFmpeg's filters that make sound louder, and mix music with it."""

    def __init__(self, stream: AudioStream, gain: float, music: _MusicReader | None) -> None:
        self._graph = Graph()
        self._music = music
        self._entry = self._graph.add_abuffer(template=stream)
        self._music_entry = None
        louder, sink = self._graph.add("volume", f"{gain:.2f}dB"), self._graph.add("abuffersink")
        if music is None:
            self._graph.link_nodes(self._entry, louder, sink)
        else:
            self._music_entry = self._graph.add_abuffer(
                sample_rate=RATE, format=FORMAT, layout=LAYOUT, time_base=Fraction(1, RATE)
            )
            quieter = self._graph.add("volume", f"{music.gain:.2f}dB")
            mix = self._graph.add("amix", "inputs=2:normalize=0")
            self._entry.link_to(mix, 0, 0)
            self._graph.link_nodes(self._music_entry, quieter)
            quieter.link_to(mix, 0, 1)
            self._graph.link_nodes(mix, louder, sink)
        self._graph.configure()

    def louder(self, frame: av.AudioFrame) -> Iterator[av.AudioFrame]:
        """Yield the sound that is ready after this frame."""
        samples = frame.samples
        self._entry.push(frame)
        if self._music is not None and self._music_entry is not None:
            self._music_entry.push(self._music.read(samples))
        yield from self._ready()

    def rest(self) -> Iterator[av.AudioFrame]:
        """Yield the sound that the filters still hold."""
        for entry in (self._entry, self._music_entry):
            if entry is not None:
                entry.push(None)
        yield from self._ready()

    def _ready(self) -> Iterator[av.AudioFrame]:
        while True:
            try:
                yield cast(av.AudioFrame, self._graph.pull())
            except (av.BlockingIOError, av.EOFError):
                return
