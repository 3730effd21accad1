"""What a clip is, and whether it can be played from its first picture to its last."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from storyboard.media.clip import Clip, ClipTrouble, opened

_TOLERANCE = Decimal("0.5")
_TOLERANCE_SHARE = Decimal("0.05")


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
    """Measure a clip. All its pictures are counted, the first and the last stretch of them decoded.

    Between those (H.264, H.265) it is seen where bytes are missing, moved or empty, not where some were exchanged: to
    decode every picture takes seconds for each clip.

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


def verify_clip(path: Path, seconds: Decimal | int) -> ClipInfo:
    """Measure a clip that should last about `seconds`: half a second more or less, or a twentieth for long ones.

    Raises `ClipTrouble` as `probe` does, and where it lasts another time.
    """
    info = probe(path)
    if abs(info.seconds - seconds) > max(_TOLERANCE, seconds * _TOLERANCE_SHARE):
        raise ClipTrouble(f"{path.name} lasts {info.seconds:.1f} s where {seconds} s were promised")
    return info


def _count(clip: Clip) -> tuple[int, Fraction, int]:
    """Pictures that the file really holds, the seconds they last, and how many of them are not whole."""
    width, broken = _length_width(clip), 0
    spans = []
    for packet in clip.packets(sound=False):
        if packet.size and packet.pts is not None:
            spans.append((packet.pts, packet.pts + (packet.duration or 0)))
            broken += width is not None and not _adds_up(memoryview(packet), width)
    if not spans:
        return 0, Fraction(0), 0
    ticks = max(end for _, end in spans) - min(start for start, _ in spans)
    return len(spans), max(ticks, 1) * clip.time_base, broken


def _length_width(clip: Clip) -> int | None:
    """How many bytes tell the length of each unit of a picture; None for codecs whose pictures have no such units."""
    context = clip.video.codec_context
    setup, at = context.extradata or b"", _SETUP.get(context.name)
    return None if at is None or len(setup) <= at or setup[0] != 1 else (setup[at] & 3) + 1


_SETUP = {"h264": 4, "hevc": 21}
"""Where a codec's setup tells it."""


def _adds_up(picture: memoryview, width: int) -> bool:
    """Whether its units fill it, as none does that was moved, or is empty."""
    at = units = 0
    while at + width <= len(picture):
        length = int.from_bytes(picture[at : at + width])
        units += length > 0
        at += width + length
    return units > 0 and at <= len(picture)


def _decode_ends(clip: Clip, lasts: Fraction) -> None:
    first = next(iter(clip.pictures_from(Fraction(0))), None)
    last = sum(1 for _ in clip.pictures_from(lasts))
    if first is None or not last:
        raise ClipTrouble(f"{clip.path.name} cannot be played: no picture can be decoded")
