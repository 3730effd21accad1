"""Writing an mp4: H.264 pictures of a constant rate and AAC sound of exactly their length."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

SAMPLE_RATE = 48_000
_LAYOUT = "stereo"
_SOUND_BLOCK = 1024
_CARD_OPTIONS = {
    "preset": "ultrafast",
    "tune": "stillimage",
    "qp": "20",
    "x264-params": "keyint=480:scenecut=0:ipratio=1.6:colorprim=bt709:transfer=bt709:colormatrix=bt709",
}


@contextmanager
def written(target: Path) -> Iterator[Path]:
    """A temporary name beside `target`, which becomes `target` when all went well and vanishes otherwise."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", suffix=".part.mp4", dir=target.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        part.chmod(0o644)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


class Writer:
    """An mp4 being written: pictures first come first served, sound to their length. A context manager."""

    def __init__(
        self, target: Path, width: int, height: int, fps: Fraction, options: dict[str, str] | None = None
    ) -> None:
        self._container = av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"})
        self._fps = fps
        self._video: VideoStream = self._container.add_stream("libx264", rate=fps)
        self._video.width, self._video.height, self._video.pix_fmt = width, height, "yuv420p"
        self._video.options = {**(_CARD_OPTIONS if options is None else options)}
        self._video.codec_context.thread_count = 1  # another number of threads is another stream of bytes
        self._video.codec_context.time_base = 1 / fps
        self._sound: AudioStream = self._container.add_stream("aac", rate=SAMPLE_RATE, layout=_LAYOUT)
        self._pictures = 0
        self._samples = 0

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._container.mux(self._video.encode(None))
            self._container.mux(self._sound.encode(None))
        self._container.close()

    def picture(self, frame: av.VideoFrame, *, key: bool = False) -> None:
        """Add a frame, of which the encoder keeps nothing; `key` makes it one that a player can jump to."""
        frame.pts, frame.time_base = self._pictures, 1 / self._fps
        frame.pict_type = av.video.frame.PictureType.I if key else av.video.frame.PictureType.NONE
        self._container.mux(self._video.encode(frame))
        self._pictures += 1

    def silence(self) -> None:
        """Silence up to where the pictures are."""
        wanted = round(self._pictures * SAMPLE_RATE / self._fps)
        while self._samples < wanted:
            count = min(_SOUND_BLOCK, wanted - self._samples)
            frame = av.AudioFrame(format="fltp", layout=_LAYOUT, samples=count)
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            frame.sample_rate, frame.time_base, frame.pts = SAMPLE_RATE, Fraction(1, SAMPLE_RATE), self._samples
            self._samples += count
            self._container.mux(self._sound.encode(frame))
