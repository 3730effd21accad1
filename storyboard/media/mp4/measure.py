"""Judge a clip by its sample tables and the outline of its packets, without decoding a picture."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from mmap import ACCESS_READ, mmap
from pathlib import Path

from storyboard.fast_dataclasses import dataclass
from storyboard.media.clip_format import ClipFormat, standard_rate
from storyboard.media.mp4.boxes import BoxError, Data, body, boxes, number
from storyboard.media.mp4.nal_units import NalFormat, read_nal_format
from storyboard.media.mp4.sample_tables import PICTURES, SOUND, Packets, Track, read_tracks

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

    Return None if that cannot be trusted: another codec or layout, tables that contradict each other or point
    outside the file, a first picture that is not a keyframe, or a picture that its units do not fill exactly. Such a
    clip may still be good; whoever decodes it can tell. Raises `OSError` if the file cannot be read.
    """
    if path.stat().st_size == 0:
        return None
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        try:
            return _measured(data)
        except BoxError:
            return None


def read_table_format(path: Path) -> ClipFormat | None:
    """Read a clip's format from its tables alone.

    Return None for another layout than a plain one: one video track, all of it shown, at most one sound track. Raises
    `OSError` if the file cannot be read.
    """
    if path.stat().st_size == 0:
        return None
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        try:
            return _format(read_tracks(data))
        except BoxError:
            return None


def _format(tracks: Sequence[tuple[bytes, Track]]) -> ClipFormat | None:
    seen = [track for kind, track in tracks if kind == PICTURES]
    heard = [track for kind, track in tracks if kind == SOUND]
    if len(seen) != 1 or len(heard) > 1 or not seen[0].all_shown:
        return None
    [pictures] = seen
    size, details = _sample_entry(pictures.description)
    shape = Fraction(1)
    for kind, start, end in boxes(details[_VISUAL:]):
        if kind == b"pasp" and end - start == 8:
            across, down = number(details, _VISUAL + start), number(details, _VISUAL + start + 4)
            shape = Fraction(across, down) if across and down else shape
    sound_rate = channels = 0
    for track in heard:
        _, sound = _sample_entry(track.description)
        channels, sound_rate = number(sound, 14) & 0xFFFF, number(sound, 24) >> 16
    return ClipFormat(
        fps=_rate(pictures.packets, pictures.rate),
        frames=len(pictures.packets.sizes),
        seconds=Fraction(pictures.packets.ticks, pictures.rate),
        width=size >> 16,
        height=size & 0xFFFF,
        pixel=shape,
        sound_rate=sound_rate,
        channels=channels,
    )


def _sample_entry(description: bytes) -> tuple[int, bytes]:
    """Return the number that holds the width and height of a sample description's first entry, and its body."""
    _, start, end = next(boxes(description[_ENTRIES:]))
    entry = description[_ENTRIES + start : _ENTRIES + end]
    return number(entry, 24), entry


def _rate(packets: Packets, ticks: int) -> Fraction:
    """Return the frame rate of nearly all pictures, because the last one often has another duration; or the average."""
    lasting: dict[int, int] = {}
    for count, each in packets.runs:
        lasting[each] = lasting.get(each, 0) + count
    usual = max(lasting, key=lambda each: lasting[each])
    count = len(packets.sizes)
    if lasting[usual] * 10 >= (count - 1) * 9:
        return standard_rate(Fraction(ticks, usual))
    return standard_rate(Fraction(count * ticks, packets.ticks))


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
