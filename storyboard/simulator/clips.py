"""The clips that tasks give: real films of the promised length and shape, each with bytes of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

Render: TypeAlias = Callable[[int, str], bytes]
"""An mp4 of so many seconds and such an aspect ratio."""

_BOX_HEAD = 8


class SimulatedClips:
    """Rendered once for each length and shape, and told apart by a box that players skip.

    `size` is how many bytes a clip has at least.
    """

    def __init__(self, render: Render | None = None, size: int = 0) -> None:
        self._render = render or small_film
        self._size = size
        self._films: dict[tuple[int, str], bytes] = {}

    def is_ready(self, seconds: int, ratio: str) -> bool:
        """Whether nothing needs to be rendered for it."""
        return (seconds, ratio) in self._films

    def prepare(self, seconds: int, ratio: str) -> None:
        """Render what is missing; takes some tenths of a second."""
        if not self.is_ready(seconds, ratio):
            self._films[seconds, ratio] = self._render(seconds, ratio)

    def clip(self, seconds: int, ratio: str, name: str) -> bytes:
        """The clip of that name: the same bytes every time, other bytes than any other name's."""
        self.prepare(seconds, ratio)
        film = self._films[seconds, ratio]
        label = name.encode()
        filling = max(0, self._size - len(film) - len(label) - _BOX_HEAD)
        return film + (len(label) + filling + _BOX_HEAD).to_bytes(4, "big") + b"free" + label + bytes(filling)


def small_film(seconds: int, ratio: str) -> bytes:
    """A tiny animatic."""
    from storyboard.media.animatic import render_animatic
    from storyboard.media.render_options import Card, RenderOptions

    with tempfile.TemporaryDirectory(prefix="storyboard-simulator-") as folder:
        target = Path(folder) / "clip.mp4"
        card = Card(f"simulated, {seconds} s, {ratio}", Decimal(seconds))
        render_animatic([card], ratio, target, RenderOptions(longer_side=160, fps=8))
        return target.read_bytes()
