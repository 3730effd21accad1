"""A film's one sound track: AAC, stereo, 48 kHz, each stretch of it as long as its pictures to the sample."""

from __future__ import annotations

from array import array
from fractions import Fraction
from typing import cast

import av
from av.audio.fifo import AudioFifo
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet

from storyboard.fast_dataclasses import dataclass
from storyboard.media.caption import ClipRange
from storyboard.media.film_tags import UNKNOWN_LANGUAGE

RATE = 48_000
FORMAT = "fltp"
LAYOUT = "stereo"
_CHANNELS = 2
BLOCK = 1024
"""Samples of a packet."""
_ZEROS = bytes(4 * BLOCK)
_SETTLED = 8
"""Silent blocks after which no earlier sound is left in the encoder."""


@dataclass(frozen=True, slots=True)
class SoundEdges:
    """How a stretch of sound begins and ends, in seconds: its first `mixes_in` sound together with the last of the
    stretch before, and `mixes_out` of it go on into the next one; `fades_in` and `fades_out` come from and go to
    silence."""

    mixes_in: Fraction = Fraction(0)
    mixes_out: Fraction = Fraction(0)
    fades_in: Fraction = Fraction(0)
    fades_out: Fraction = Fraction(0)

    @classmethod
    def of(cls, part: ClipRange) -> SoundEdges:
        """Return the edges of a range of a clip."""
        return cls(part.dissolves_in, part.dissolves_out, part.fades_in, part.fades_out)

    @property
    def are_plain(self) -> bool:
        """Whether it begins and ends with a cut."""
        return not any((self.mixes_in, self.mixes_out, self.fades_in, self.fades_out))


PLAIN = SoundEdges()


class SoundTrack:
    """The sound of an mp4 being written: `hear` a stretch, then `cut` it where its pictures end; finally `finish`."""

    def __init__(self, container: OutputContainer, language: str = UNKNOWN_LANGUAGE) -> None:
        self._film = AudioFifo()
        self._quiet = 0  # samples of silence that come after those
        self._film_samples = 0
        self._stretch = AudioFifo()
        self._resampler: AudioResampler | None = None
        self._early = 0  # samples to leave out because they come before the stretch
        self._tail: list[array[float]] = []  # what goes on sounding into the next stretch, by channel
        self._encoder = _Encoder(container, language)

    def hear(self, frame: av.AudioFrame, begun: Fraction) -> None:
        """Add sound of this stretch, of any rate, format and channels; the stretch's own time begins at `begun`."""
        if self._resampler is None:
            self._resampler = AudioResampler(format=FORMAT, layout=LAYOUT, rate=RATE)
            lead = round((Fraction(frame.time or 0) - begun) * RATE)
            _add_silence(self._stretch, lead)
            self._early = max(0, -lead)
        for part in self._resampler.resample(frame):
            _add(self._stretch, part)
        if self._early and self._stretch.samples:
            left_out = min(self._early, self._stretch.samples)
            self._stretch.read(left_out)
            self._early -= left_out

    def cut(self, end: Fraction, edges: SoundEdges = PLAIN) -> None:
        """End the stretch at this second of the film: longer sound is cut off, missing sound is silent."""
        for part in self._resampler.resample(None) if self._resampler else []:
            _add(self._stretch, part)
        wanted = round(end * RATE) - self._film_samples
        heard = min(wanted, self._stretch.samples)
        if not edges.are_plain and (heard > 0 or self._tail):
            self._pour(self._quiet)
            _add(self._film, self._shaped(wanted, edges))
            heard = wanted
        elif heard > 0:
            sound = self._stretch.read(heard)
            assert sound is not None
            self._pour(self._quiet)
            _add(self._film, sound)
        self._quiet += wanted - heard
        self._film_samples += wanted
        self._stretch, self._resampler = AudioFifo(), None
        self._encode()

    def _shaped(self, samples: int, edges: SoundEdges) -> av.AudioFrame:
        """Return the stretch with this number of samples, mixed and faded at its edges; the overlap with the next one
        is kept."""
        channels = _read(self._stretch, samples)
        mixes = min(round(edges.mixes_in * RATE), samples)
        for channel, before in zip(channels, self._tail, strict=False):
            for at in range(mixes):
                share = (at + 0.5) / mixes
                channel[at] = channel[at] * share + before[at] * (1 - share)
        fades_in, fades_out = (min(round(each * RATE), samples) for each in (edges.fades_in, edges.fades_out))
        for channel in channels:
            for at in range(fades_in):
                channel[at] *= (at + 0.5) / fades_in
            for at in range(fades_out):
                channel[-1 - at] *= (at + 0.5) / fades_out
        self._tail = _read(self._stretch, round(edges.mixes_out * RATE)) if edges.mixes_out else []
        return _frame_of(channels)

    def finish(self) -> None:
        """Write what is still held."""
        self._pour(self._quiet)
        self._take(last=True)
        self._encoder.finish()

    def _encode(self) -> None:
        """Encode whole blocks."""
        self._pour(min(self._quiet, -self._film.samples % BLOCK))
        self._take()
        while self._quiet >= BLOCK and not self._film.samples:
            if self._encoder.repeat():
                self._quiet -= BLOCK
            else:
                self._pour(BLOCK)
                self._take()

    def _pour(self, samples: int) -> None:
        _add_silence(self._film, samples)
        self._quiet -= samples

    def _take(self, *, last: bool = False) -> None:
        while self._film.samples >= BLOCK or (last and self._film.samples):
            frame = self._film.read(BLOCK, partial=last)
            assert frame is not None
            self._encoder.take(frame)


class _Encoder:
    """Encodes blocks of sound. In a long silence every packet is the same, so it is repeated instead of encoded again:
    a film of cards joins ten times as fast."""

    def __init__(self, container: OutputContainer, language: str) -> None:
        self._container = container
        self._stream = container.add_stream("aac", rate=RATE, layout=LAYOUT)
        self._stream.metadata["language"] = language
        self._taken = 0
        self._silent_blocks = 0
        self._silence: bytes | None = None
        self._time: int | None = None

    def take(self, frame: av.AudioFrame) -> None:
        """Encode the next block."""
        silent = _is_silent(frame)
        if silent and self.repeat():
            return
        self._silent_blocks = self._silent_blocks + 1 if silent else 0
        frame.pts, frame.time_base, frame.sample_rate = self._taken, Fraction(1, RATE), RATE
        self._taken += frame.samples
        for packet in self._stream.encode(frame):
            self._mux(packet)
            self._silence = bytes(packet) if self._silent_blocks >= _SETTLED else None

    def repeat(self) -> bool:
        """Repeat the previous silent block, if silence has lasted long enough."""
        if self._silent_blocks < _SETTLED or self._silence is None:
            return False
        self._silent_blocks += 1
        self._mux(self._repeated(self._silence))
        return True

    def finish(self) -> None:
        """Write what is still held."""
        for packet in self._stream.encode(None):
            self._mux(packet)

    def _repeated(self, payload: bytes) -> Packet[AudioStream]:
        packet = cast("Packet[AudioStream]", Packet(payload))
        packet.stream, packet.duration, packet.is_keyframe = self._stream, BLOCK, True
        return packet

    def _mux(self, packet: Packet[AudioStream]) -> None:
        """Write packets without gaps, including repeated ones."""
        if self._time is None:
            self._time = packet.pts or 0
        packet.pts = packet.dts = self._time
        packet.time_base = Fraction(1, RATE)
        self._time += packet.duration or BLOCK
        self._container.mux(packet)


def _is_silent(frame: av.AudioFrame) -> bool:
    return frame.samples == BLOCK and all(bytes(plane).startswith(_ZEROS) for plane in frame.planes)


def _read(fifo: AudioFifo, samples: int) -> list[array[float]]:
    """Take a number of samples of each channel; missing ones are silent."""
    there = min(samples, fifo.samples)
    sound = fifo.read(there) if there else None
    channels = []
    for number in range(_CHANNELS):
        given = bytes(sound.planes[number])[: 4 * there] if sound is not None else b""
        channels.append(array("f", given + bytes(4 * samples - len(given))))
    return channels


def _frame_of(channels: list[array[float]]) -> av.AudioFrame:
    frame = av.AudioFrame(format=FORMAT, layout=LAYOUT, samples=len(channels[0]))
    frame.sample_rate = RATE
    for plane, channel in zip(frame.planes, channels, strict=True):
        plane.update(channel.tobytes().ljust(plane.buffer_size, b"\0"))
    return frame


def _add(fifo: AudioFifo, frame: av.AudioFrame) -> None:
    frame.pts = None
    fifo.write(frame)


def _add_silence(fifo: AudioFifo, samples: int) -> None:
    while samples > 0:
        count = min(BLOCK, samples)
        _add(fifo, silent_frame(count))
        samples -= count


def silent_frame(samples: int) -> av.AudioFrame:
    """Return a number of silent samples."""
    frame = av.AudioFrame(format=FORMAT, layout=LAYOUT, samples=samples)
    frame.sample_rate = RATE
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    return frame
