"""Judge a clip by its sample tables and the outline of its packets, without decoding a picture."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from mmap import ACCESS_READ, mmap
from pathlib import Path

from storyboard.media.mp4.boxes import BoxError, Data, body, boxes
from storyboard.media.mp4.nal_units import NalFormat, read_nal_format
from storyboard.media.mp4.sample_tables import PICTURES, read_tracks

_ENTRIES = 8
"""Bytes of a sample description before its entries."""
_VISUAL = 78
"""Bytes of a video entry before its own boxes."""
_CODECS = dict.fromkeys((b"avc1", b"avc3"), ("h264", b"avcC")) | dict.fromkeys((b"hvc1", b"hev1"), ("hevc", b"hvcC"))


@dataclass(frozen=True, slots=True)
class MeasuredTables:
    """The length of a clip whose tables and packets are whole."""

    seconds: Decimal
    frames: int


def measure_tables(path: Path) -> MeasuredTables | None:
    """Measure an H.264 or H.265 clip without decoding it.

    Return None where that cannot be trusted: another codec or layout, tables that contradict each other or point
    outside the file, a first picture that is not a keyframe, or a picture that its units do not fill exactly. Such a
    clip may still be good; whoever decodes it can tell. Raises `OSError` where the file cannot be read.
    """
    if path.stat().st_size == 0:
        return None
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        try:
            return _measured(data)
        except BoxError:
            return None


def _measured(data: Data) -> MeasuredTables | None:
    found = [track for kind, track in read_tracks(data) if kind == PICTURES]
    if len(found) != 1:
        return None
    track = found[0]
    form = _nal_format(track.description)
    if form is None or not track.all_shown:
        return None
    pictures = [form.unit_types(data, start, end) for start, end in track.packet_spans()]
    if not form.is_keyframe(pictures[0]) or not all(map(form.is_picture, pictures)):
        return None
    return MeasuredTables(Decimal(track.packets.ticks) / track.rate, len(pictures))


def _nal_format(description: bytes) -> NalFormat | None:
    kind, start, end = next(boxes(description[_ENTRIES:]))
    codec, setup = _CODECS.get(kind, ("", b""))
    if not codec:
        return None
    return read_nal_format(codec, body(description[_ENTRIES + start + _VISUAL : _ENTRIES + end], setup))
