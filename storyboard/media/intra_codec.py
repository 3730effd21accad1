"""Codecs of copies that any editing program decodes, and the size of their files; light to import."""

from __future__ import annotations

from collections.abc import Mapping

from storyboard.fast_dataclasses import dataclass, field
from storyboard.media.clip_format import ClipFormat

INTRA_VERSION = 1
"""Increased when the same clip gives another copy."""

_BLOCK = 16
_SOUND_BYTES = 48_000 * 2
"""Bytes of a second of one channel."""


@dataclass(frozen=True, slots=True)
class IntraCodec:
    """A codec in which every picture is a keyframe.

    `encoder`, `pixels` and `options` are FFmpeg's names. `block_bytes` is how many bytes a block of 16 by 16 pixels
    takes at most, and `least` the smallest width and height that the codec holds.
    """

    name: str
    title: str
    encoder: str
    pixels: str
    block_bytes: float
    least: tuple[int, int] = (16, 16)
    options: Mapping[str, str] = field(default_factory=dict)

    def size_of(self, clip: ClipFormat) -> int:
        """Return the approximate size of a clip's copy in bytes."""
        blocks = -(-clip.width // _BLOCK) * -(-clip.height // _BLOCK)
        return round(clip.frames * blocks * self.block_bytes + clip.seconds * _SOUND_BYTES * clip.channels)

    def holds(self, clip: ClipFormat) -> bool:
        """Whether pictures of the clip's size can be encoded."""
        return clip.width >= self.least[0] and clip.height >= self.least[1]


INTRA_CODECS = {
    each.name: each
    for each in (
        IntraCodec("dnxhr", "DNxHR HQ", "dnxhd", "yuv422p", 28_672 / 255, (256, 120), {"profile": "dnxhr_hq"}),
        IntraCodec("prores", "ProRes 422 HQ", "prores_ks", "yuv422p10le", 115, options={"profile": "hq"}),
    )
}
