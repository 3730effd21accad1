"""The clips of tasks: real films of the promised length and shape, each with unique bytes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

Render: TypeAlias = Callable[[int, str], bytes]
"""A function that renders an mp4 of a length in seconds and an aspect ratio."""

_BOX_HEAD = 8


class SimulatedClips:
    """Rendered once per length and shape, and made unique by a box that players skip. `size` is the least size of a
    clip in bytes.
    """

    def __init__(self, render: Render | None = None, size: int = 0) -> None:
        self._render = render or small_film
        self._size = size
        self._films: dict[tuple[int, str], bytes] = {}

    def is_ready(self, seconds: int, ratio: str) -> bool:
        """Whether the clip needs no rendering."""
        return (seconds, ratio) in self._films

    def prepare(self, seconds: int, ratio: str) -> None:
        """Render a missing clip, which takes some tenths of a second."""
        if not self.is_ready(seconds, ratio):
            self._films[seconds, ratio] = self._render(seconds, ratio)

    def clip(self, seconds: int, ratio: str, name: str) -> bytes:
        """Return the clip of a name: always the same bytes, different from any other name's."""
        self.prepare(seconds, ratio)
        film = self._films[seconds, ratio]
        label = name.encode()
        filling = max(0, self._size - len(film) - len(label) - _BOX_HEAD)
        return film + (len(label) + filling + _BOX_HEAD).to_bytes(4, "big") + b"free" + label + bytes(filling)


@lru_cache(maxsize=64)
def small_film(seconds: int, ratio: str) -> bytes:
    """Render a tiny animatic; every simulator of this process sells the same."""
    from storyboard.media.animatic import render_animatic
    from storyboard.media.render_options import Card, RenderOptions

    with tempfile.TemporaryDirectory(prefix="storyboard-simulator-") as folder:
        target = Path(folder) / "clip.mp4"
        card = Card(f"simulated, {seconds} s, {ratio}", Decimal(seconds))
        render_animatic([card], ratio, target, RenderOptions(longer_side=160, fps=8))
        return target.read_bytes()
