"""Stories as checked, made by hand: for tests of what comes after checking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from storyboard.source import Source, Span
from storyboard.story.story import Negatives, Origin, Scene, Shot, Story

MODEL = "kirin_v3_t2v"
_PLACES = count()


def span() -> Span:
    """A place of its own: one line of a source."""
    at = next(_PLACES)
    return Span(_SOURCE, at * 2, at * 2 + 1)


_SOURCE = Source(Path("/film/night.story"), "x\n" * 1_000_000)


def shot(name: str, seconds: float | Decimal = 5, prompt: str | None = None, *, scene: str = "s", **more: Any) -> Shot:
    """A shot of kirin_v3_t2v; its prompt is its name unless given."""
    negative = more.pop("negative", ())
    plain = Shot(
        address=f"{scene}.{name}",
        scene=scene,
        name=name,
        seconds=Decimal(str(seconds)),
        prompt=f"Prompt of {name}." if prompt is None else prompt,
        model=MODEL,
        parameters={},
        negative=Negatives(tuple(negative), span() if negative else None),
        pack="auto",
        take=None,
        split_before=False,
        origin=Origin(span()),
    )
    return replace(plain, **more)


def run(*seconds: int, scene: str = "s", **more: Any) -> list[Shot]:
    """Shots a, b, c … of these lengths."""
    return [shot(chr(ord("a") + at), length, scene=scene, **more) for at, length in enumerate(seconds)]


def story(shots: Sequence[Shot]) -> Story:
    """A story of these shots."""
    names = dict.fromkeys(one.scene for one in shots)
    scenes = tuple(Scene(name, "", "", None, span()) for name in names)
    return Story(Path("/film/night.story"), "Night", "", None, None, span(), scenes, tuple(shots))
