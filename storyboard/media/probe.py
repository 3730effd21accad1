"""Measure a clip, and check whether it can be played from its first picture to its last."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from storyboard.fast_dataclasses import dataclass
from storyboard.media.clip import Clip, ClipTrouble, blamed_on, opened
from storyboard.media.clip_format import ClipFormat, standard_rate
from storyboard.media.mp4 import measure_tables, read_nal_format, read_table_format


@dataclass(frozen=True, slots=True)
class ClipInfo:
    """A clip's measures. `seconds` is how long its pictures last; `audio` is None for a clip without sound."""

    seconds: Decimal
    frames: int
    width: int
    height: int
    fps: Fraction
    codec: str
    audio: str | None


def probe(path: Path) -> ClipInfo:
    """Measure a clip: count all its pictures, and decode the first and the last stretch of them.

    Between those, missing, moved or empty bytes of H.264 and H.265 are found, but not bytes that were exchanged:
    decoding every picture would take seconds for each clip.

    Raises `ClipTrouble` for a file that is missing, no video, cut short or damaged.
    """
    with opened(path) as clip:
        frames, lasts, broken = _count(clip)
        if frames == 0 or frames < clip.video.frames:
            raise ClipTrouble(f"{path.name} is cut short: {frames} of {clip.video.frames} pictures are there")
        if broken:
            raise ClipTrouble(f"{path.name} is damaged: {broken} of {frames} pictures are not whole")
        _decode_ends(clip, lasts)
        context = clip.video.codec_context
        return ClipInfo(
            seconds=Decimal(lasts.numerator) / lasts.denominator,
            frames=frames,
            width=context.width,
            height=context.height,
            fps=clip.video.average_rate or frames / lasts,
            codec=context.name,
            audio=clip.audio.codec_context.name if clip.audio else None,
        )


def probe_clip(path: Path) -> Decimal:
    """Return the length of a playable clip in seconds.

    A clip whose tables and packets are whole is not decoded: that takes a hundred times longer. Every other one is
    judged by `probe`. Raises `ClipTrouble` as `probe` does.
    """
    with blamed_on(path):
        measured = measure_tables(path)
    return measured.seconds if measured else probe(path).seconds


def read_clip_format(path: Path) -> ClipFormat:
    """Read a clip's rate, frames, size and sound: from its tables, else by counting its pictures.

    Raises `ClipTrouble` for a file that is missing or no video.
    """
    with blamed_on(path):
        found = read_table_format(path)
    return found or _counted_format(path)


def _counted_format(path: Path) -> ClipFormat:
    with opened(path) as clip:
        frames, seconds, _ = _count(clip)
        if not frames:
            raise ClipTrouble(f"{path.name} holds no pictures")
        context = clip.video.codec_context
        usual, average = clip.video.base_rate, clip.video.average_rate or frames / seconds
        trusted = usual if usual and abs(usual - average) * 20 < average else average
        return ClipFormat(
            fps=standard_rate(Fraction(trusted)),
            frames=frames,
            seconds=seconds,
            width=context.width,
            height=context.height,
            pixel=Fraction(clip.video.sample_aspect_ratio or 1),
            sound_rate=clip.audio.rate if clip.audio else 0,
            channels=clip.audio.channels if clip.audio else 0,
        )


def _count(clip: Clip) -> tuple[int, Fraction, int]:
    """Count the pictures that the file really contains, their duration in seconds, and how many are damaged."""
    context, broken = clip.video.codec_context, 0
    form = read_nal_format(context.name, context.extradata or b"")
    spans = []
    for packet in clip.packets(sound=False):
        if packet.size and packet.pts is not None:
            spans.append((packet.pts, packet.pts + (packet.duration or 0)))
            broken += form is not None and form.unit_types(bytes(packet), 0, packet.size) is None
    if not spans:
        return 0, Fraction(0), 0
    ticks = max(end for _, end in spans) - min(start for start, _ in spans)
    return len(spans), max(ticks, 1) * clip.time_base, broken


def _decode_ends(clip: Clip, lasts: Fraction) -> None:
    first = next(iter(clip.pictures_from(Fraction(0))), None)
    last = sum(1 for _ in clip.pictures_from(lasts))
    if first is None or not last:
        raise ClipTrouble(f"{clip.path.name} cannot be played: no picture can be decoded")
