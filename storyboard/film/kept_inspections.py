"""The results of clip inspections, kept in the folder of the film by the clips' content, so that none is inspected
twice."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

from storyboard.errors import StoryboardError
from storyboard.files.disk import read_file
from storyboard.film.folder import replace_text
from storyboard.media.inspection import INSPECTION_VERSION, ClipInspection, FrameSpan

NAME = ".inspections.json"
_START = b'{"inspections":'


def inspect_all(
    clips: Mapping[str, Path], folder: Path, begin: Callable[[int], None]
) -> tuple[Mapping[str, ClipInspection], Mapping[str, str]]:
    """Inspect clips; return the results by SHA-256, and why others cannot be read. Only new clips are inspected;
    `begin` is called with their number. Raises `StoryboardError` where the folder cannot be written.
    """
    known = read_inspections(folder)
    new = {sha256: file for sha256, file in clips.items() if sha256 not in known}
    troubles: dict[str, str] = {}
    if new:
        begin(len(new))
        seen, troubles = _look(new)
        known |= seen
        _write(folder, {sha256: known[sha256] for sha256 in clips if sha256 in known})
    return {sha256: known[sha256] for sha256 in clips if sha256 in known}, troubles


def _look(clips: Mapping[str, Path]) -> tuple[dict[str, ClipInspection], dict[str, str]]:
    from storyboard.media.clip_inspection import inspect_clip  # brings the decoder: only for a new clip

    def look(file: Path) -> ClipInspection | str:
        try:
            return inspect_clip(file)
        except StoryboardError as trouble:
            return trouble.message

    with ThreadPoolExecutor(min(len(clips), os.cpu_count() or 1)) as pool:
        found = dict(zip(clips, pool.map(look, clips.values()), strict=True))
    seen = {sha256: each for sha256, each in found.items() if isinstance(each, ClipInspection)}
    return seen, {sha256: each for sha256, each in found.items() if isinstance(each, str)}


def _write(folder: Path, seen: Mapping[str, ClipInspection]) -> None:
    lines = ",\n".join(f'"{sha256}": {json.dumps(_document(each))}' for sha256, each in sorted(seen.items()))
    text = f'{{"inspections": {INSPECTION_VERSION}, "clips": {{\n{lines}\n}}}}\n'
    replace_text(folder / NAME, text, lambda content: content.startswith(_START))


def _document(seen: ClipInspection) -> dict[str, Any]:
    return {
        "fps": str(seen.fps),
        "frames": seen.frames,
        "cuts": seen.cuts,
        "black": seen.black,
        "frozen": seen.frozen,
        "loudness": seen.loudness,
    }


def read_inspections(folder: Path) -> dict[str, ClipInspection]:
    """Return what was seen in clips and is kept in the folder of their film, by SHA-256; nothing if the file is not
    ours, damaged, or of another version."""
    try:
        document = json.loads(read_file(folder / NAME))
        if document["inspections"] != INSPECTION_VERSION:
            return {}
        return {sha256: _inspection(each) for sha256, each in document["clips"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError, RecursionError):
        return {}


def _inspection(kept: Mapping[str, Any]) -> ClipInspection:
    loudness = kept["loudness"]
    return ClipInspection(
        fps=_positive(Fraction(kept["fps"])),
        frames=int(kept["frames"]),
        cuts=_numbers(kept["cuts"]),
        black=_stretches(kept["black"]),
        frozen=_stretches(kept["frozen"]),
        loudness=None if loudness is None else _numbers(loudness),
    )


def _positive(rate: Fraction) -> Fraction:
    if rate <= 0:
        raise ValueError(rate)
    return rate


def _numbers(kept: Iterable[Any]) -> tuple[int, ...]:
    return tuple(int(each) for each in kept)


def _stretches(kept: Iterable[Any]) -> tuple[FrameSpan, ...]:
    return tuple(FrameSpan(int(start), int(end)) for start, end in kept)
