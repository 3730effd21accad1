"""The input of an animatic, and the report on it; light to import, unlike the rendering itself."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from storyboard.fast_dataclasses import dataclass

RENDERER_VERSION = 2
"""Increased when the same cards give another picture; part of an animatic's key."""


@dataclass(frozen=True, slots=True)
class Card:
    """One shot of the job: what it shows, and for how many seconds."""

    prompt: str
    seconds: Decimal


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """The picture's longer side in pixels and its frames a second. `fonts` are the font files to use; None: the
    machine's own."""

    longer_side: int = 1280
    fps: int = 24
    fonts: tuple[Path, ...] | None = None


USUAL_LOOK = RenderOptions()


@dataclass(frozen=True, slots=True)
class RenderReport:
    """The result: its length in frames and seconds, warnings about it, and warnings about everything drawn with these
    fonts (`font_warnings`)."""

    frames: int
    seconds: Decimal
    warnings: tuple[str, ...] = ()
    font_warnings: tuple[str, ...] = ()
