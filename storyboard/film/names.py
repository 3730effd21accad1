"""Names of build output: readable, in story order, safe on every file system."""

from __future__ import annotations

import re
import unicodedata

from storyboard.files.lazy_pattern import lazy_pattern

_LONGEST = 120
_UNSAFE = lazy_pattern(r"[^\w-]")
CLIP_PATTERN = lazy_pattern(r"\d{2,}-.*-\d+\.mp4", re.DOTALL)
"""Pattern of the file name of a delivered clip."""
TAKE_PATTERN = lazy_pattern(r"\d{2,}-.*-\d+\.take-\d+\.mp4", re.DOTALL)
"""Pattern of the file name of another take."""


def clip_name(number: int, width: int, job_id: str) -> str:
    """`01-arrival-1.mp4` for the first job of the film, `arrival#1`."""
    scene, _, index = job_id.rpartition("#")
    return f"{number:0{width}}-{_safe(scene)}-{index}.mp4"


def take_name(file: str, take: int) -> str:
    """`01-arrival-1.take-2.mp4` for another take of the job whose clip is `01-arrival-1.mp4`."""
    return f"{file.removesuffix('.mp4')}.take-{take}.mp4"


def _safe(name: str) -> str:
    """Return the name with only letters, digits, `_` and `-`, up to a number of bytes."""
    kept = "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else _UNSAFE.sub("-", c) for c in name)
    return kept.encode("utf-8", "replace")[:_LONGEST].decode("utf-8", "ignore")
