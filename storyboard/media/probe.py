"""Measure a clip, and find out whether it can be played from its first picture to its last."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from storyboard.media.clip import Clip, ClipTrouble, blamed_on, opened
from storyboard.media.mp4 import measure_tables, read_nal_format

_TOLERANCE = Fraction(1, 2)
_TOLERANCE_SHARE = Fraction(1, 20)


@dataclass(frozen=True, slots=True)
class ClipInfo:
    """A clip's measures. `seconds` is how long its pictures last; `audio` is None for a clip without sound."""

    seconds: Decimal
    frames: int
    width: int
    height: int
    fps: Fraction
    codec: str
    pixel_format: str
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
            pixel_format=context.pix_fmt or "",
            audio=clip.audio.codec_context.name if clip.audio else None,
        )


def verify_clip(path: Path, seconds: Decimal | int) -> Decimal:
    """Return the length of a clip that should last about `seconds`.

    Raises `ClipTrouble` as `probe_clip` does, and where the clip has another length.
    """
    lasts = probe_clip(path)
    if not is_about(lasts, seconds):
        raise ClipTrouble(f"{path.name} lasts {lasts:.1f} s where {seconds} s were promised")
    return lasts


def probe_clip(path: Path) -> Decimal:
    """Return the length of a playable clip in seconds.

    A clip whose tables and packets are whole is not decoded: that takes a hundred times longer. Every other one is
    judged by `probe`. Raises `ClipTrouble` as `probe` does.
    """
    with blamed_on(path):
        measured = measure_tables(path)
    return measured.seconds if measured else probe(path).seconds


def read_length(path: Path) -> Fraction:
    """Return the seconds that a clip's tables or its header give; 0 where they do not say.

    Raises `ClipTrouble` for a file that is missing or no video.
    """
    with blamed_on(path):
        measured = measure_tables(path)
    if measured is not None:
        return Fraction(measured.seconds)
    with opened(path) as clip:
        return clip.seconds


def is_about(lasts: Decimal | Fraction, seconds: Decimal | int) -> bool:
    """Return whether a length is the promised one, within half a second, or a twentieth for long clips."""
    return abs(Fraction(lasts) - Fraction(seconds)) <= max(_TOLERANCE, Fraction(seconds) * _TOLERANCE_SHARE)


def _count(clip: Clip) -> tuple[int, Fraction, int]:
    """Count the pictures that the file really holds, the seconds they last, and how many of them are not whole."""
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
