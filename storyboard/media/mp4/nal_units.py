"""The units (NAL) that a picture of H.264 or H.265 consists of in an mp4, read without decoding it."""

from __future__ import annotations

from storyboard.fast_dataclasses import dataclass
from storyboard.media.mp4.boxes import Data

_LAYOUTS = {"h264": (4, 0, 0x1F), "hevc": (21, 1, 0x3F)}
"""By codec: the byte of its setup record with the width of lengths; shift and mask of the type in a unit's head."""
_PICTURES = {"h264": range(1, 6), "hevc": range(32)}
_KEYFRAMES = {"h264": range(5, 6), "hevc": range(16, 22)}


@dataclass(frozen=True, slots=True)
class NalFormat:
    """How the pictures of a track are divided into units: the codec, and the bytes of the length before each unit."""

    codec: str
    length_bytes: int

    def unit_types(self, data: Data, start: int, end: int) -> set[int] | None:
        """Return the types of the units between two places; None if units do not fill that stretch.

        A picture that was moved by a byte, or overwritten with zeros, has units that do not.
        """
        _, shift, mask = _LAYOUTS[self.codec]
        width, types, at = self.length_bytes, set(), start
        while at + width < end:
            length = int.from_bytes(data[at : at + width])
            if length:
                types.add(data[at + width] >> shift & mask)
            at += width + length
        return types if types and at <= end else None

    def is_picture(self, types: set[int] | None) -> bool:
        """Whether units of these types hold a picture."""
        return types is not None and any(each in _PICTURES[self.codec] for each in types)

    def is_keyframe(self, types: set[int] | None) -> bool:
        """Whether units of these types hold a picture with which a decoder can begin."""
        return types is not None and any(each in _KEYFRAMES[self.codec] for each in types)


def read_nal_format(codec: str, setup: bytes) -> NalFormat | None:
    """Read a codec's setup record (`avcC`, `hvcC`). None for other codecs, and other forms of the record."""
    if codec not in _LAYOUTS:
        return None
    at = _LAYOUTS[codec][0]
    return NalFormat(codec, (setup[at] & 3) + 1) if len(setup) > at and setup[0] == 1 else None
