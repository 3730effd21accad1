"""A film's one sound track: AAC, stereo, 48 kHz, each stretch of it as long as its pictures to the sample."""

from __future__ import annotations

from fractions import Fraction

import av
from av.audio.fifo import AudioFifo
from av.audio.resampler import AudioResampler
from av.container import OutputContainer

RATE = 48_000
_FORMAT = "fltp"
_LAYOUT = "stereo"
_BLOCK = 1024


class SoundTrack:
    """The sound of an mp4 being written: hear a stretch, then `cut` it where its pictures end; `finish` at last."""

    def __init__(self, container: OutputContainer) -> None:
        self._container = container
        self._stream = container.add_stream("aac", rate=RATE, layout=_LAYOUT)
        self._film = AudioFifo()
        self._film_samples = 0
        self._stretch = AudioFifo()
        self._resampler: AudioResampler | None = None
        self._encoded = 0

    def hear(self, frame: av.AudioFrame, begun: float = 0.0) -> None:
        """Sound of this stretch, of any rate, format and channels; the stretch's own time begins at `begun`."""
        if self._resampler is None:
            self._resampler = AudioResampler(format=_FORMAT, layout=_LAYOUT, rate=RATE)
            _add_silence(self._stretch, round(((frame.time or 0.0) - begun) * RATE))
        for part in self._resampler.resample(frame):
            _add(self._stretch, part)

    def cut(self, end: Fraction) -> None:
        """The stretch ends at this second of the film: what sounds longer is left out, what is missing is silent."""
        for part in self._resampler.resample(None) if self._resampler else []:
            _add(self._stretch, part)
        wanted = round(end * RATE) - self._film_samples
        heard = min(wanted, self._stretch.samples)
        if heard > 0:
            sound = self._stretch.read(heard)
            assert sound is not None
            _add(self._film, sound)
        _add_silence(self._film, wanted - heard)
        self._film_samples += wanted
        self._stretch, self._resampler = AudioFifo(), None
        self._encode()

    def finish(self) -> None:
        """Write what is still held."""
        self._encode(last=True)
        self._container.mux(self._stream.encode(None))

    def _encode(self, *, last: bool = False) -> None:
        while self._film.samples >= _BLOCK or (last and self._film.samples):
            frame = self._film.read(_BLOCK, partial=last)
            assert frame is not None
            frame.pts, frame.time_base, frame.sample_rate = self._encoded, Fraction(1, RATE), RATE
            self._encoded += frame.samples
            self._container.mux(self._stream.encode(frame))


def _add(fifo: AudioFifo, frame: av.AudioFrame) -> None:
    frame.pts = None
    fifo.write(frame)


def _add_silence(fifo: AudioFifo, samples: int) -> None:
    while samples > 0:
        count = min(_BLOCK, samples)
        frame = av.AudioFrame(format=_FORMAT, layout=_LAYOUT, samples=count)
        frame.sample_rate = RATE
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        _add(fifo, frame)
        samples -= count
