"""A subtitle track inside an mp4 (3GPP timed text), off until a viewer turns it on."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from av.container import OutputContainer
from av.packet import Packet
from av.stream import Disposition

from storyboard.media.caption import Caption
from storyboard.media.film_tags import UNKNOWN_LANGUAGE

_MILLISECOND = Fraction(1, 1000)
_LONGEST = 0xFFFF
_HEADER = b"""[Script Info]
ScriptType: v4.00+
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


class SubtitleTrack:
    """The subtitles of an mp4 being written, in order of time."""

    def __init__(self, container: OutputContainer, title: str, language: str = UNKNOWN_LANGUAGE) -> None:
        self._container = container
        self._stream = container.add_stream("mov_text")
        self._stream.codec_context.subtitle_header = _HEADER
        self._stream.time_base = _MILLISECOND
        self._stream.metadata["handler_name"] = title
        self._stream.metadata["language"] = language
        self._stream.disposition = Disposition(0)

    def show(self, captions: Iterable[Caption]) -> None:
        """Write captions; ones shorter than a millisecond are left out."""
        for caption in captions:
            start, end = milliseconds(caption.start), milliseconds(caption.end)
            if end <= start:
                continue
            packet = Packet(said(caption.text))
            packet.stream, packet.time_base, packet.is_keyframe = self._stream, _MILLISECOND, True
            packet.pts = packet.dts = start
            packet.duration = end - start
            self._container.mux(packet)


def milliseconds(seconds: Fraction) -> int:
    """Return a time in the units of a subtitle track."""
    return seconds.numerator * 1000 if seconds.denominator == 1 else round(seconds / _MILLISECOND)


def said(text: str) -> bytes:
    """Return the packet that shows a text."""
    words = text.encode("utf-8", "replace")[:_LONGEST]
    return len(words).to_bytes(2, "big") + words
