"""Write an mp4: H.264 pictures at a constant rate, in a file that is replaced atomically."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
from av.codec.codec import UnknownCodecError
from av.container import OutputContainer
from av.video.frame import PictureType
from av.video.stream import VideoStream

from storyboard.errors import StoryboardError
from storyboard.files.writing import append, part_of

_BT709 = "colorprim=bt709:transfer=bt709:colormatrix=bt709"
CARDS = {
    "preset": "ultrafast",
    "tune": "stillimage",
    "qp": "20",
    "x264-params": f"keyint=480:scenecut=0:ipratio=1.6:partitions=none:me=dia:merange=4:{_BT709}",
}
"""Encoder options for drawn cards, in which hardly anything changes between pictures."""
FOOTAGE = {"preset": "veryfast", "crf": "16"}
"""Encoder options for footage that is encoded again, without visible loss."""


@contextmanager
def written(target: Path, kind: Literal["mp4", "mov"] = "mp4", trailer: bytes = b"") -> Iterator[OutputContainer]:
    """Yield an mp4 or QuickTime file to write to; it replaces `target` on success and is removed otherwise. The boxes
    `trailer` are appended.

    Raises `StoryboardError` if it cannot be written.
    """
    with writing(target), part_of(target) as part:
        with av.open(str(part), "w", format=kind, options={"movflags": "+faststart"}) as container:
            yield container
        append(part, trailer)


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Turn write errors into a StoryboardError about this film."""
    try:
        yield
    except (OSError, av.FFmpegError) as error:
        raise StoryboardError(f"{target} cannot be written: {error.strerror or error}") from error


def copied_pictures(container: OutputContainer, source: VideoStream) -> VideoStream:
    """Add a stream for packets that are copied, also of a codec that can be read here but not written."""
    try:
        return container.add_stream_from_template(source)
    except UnknownCodecError:
        return container.add_stream_from_template(source, opaque=True)


class PictureTrack:
    """The pictures of an mp4 being written, one after the other at `fps` a second."""

    def __init__(
        self,
        container: OutputContainer,
        size: tuple[int, int],
        fps: Fraction,
        options: dict[str, str],
        threads: int = 1,
    ) -> None:
        self._container = container
        self._fps = fps
        self._stream = container.add_stream("libx264", rate=fps, options=options)
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = 1 / fps
        self._stream.codec_context.thread_count = threads  # another number of threads is another stream of bytes
        self._count = 0

    @property
    def seconds(self) -> Fraction:
        """The duration of the pictures so far, in seconds."""
        return self._count / self._fps

    def show(self, frame: av.VideoFrame, *, key: bool = False) -> None:
        """Add a picture, without keeping a reference; `key` makes it a keyframe."""
        frame.pts, frame.time_base = self._count, 1 / self._fps
        frame.pict_type = PictureType.I if key else PictureType.NONE
        self._container.mux(self._stream.encode(frame))
        self._count += 1

    def finish(self) -> None:
        """Write what the encoder still holds."""
        self._container.mux(self._stream.encode(None))
