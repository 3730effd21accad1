"""Format paths relative to the working directory, so that they can be clicked and pasted."""

from __future__ import annotations

from pathlib import Path

from storyboard.files.relative import relative

STDIN = Path("-")


def shown(path: Path, base: Path) -> str:
    """The path as seen from `base` (absolute, links resolved), with `/` on every system; standard input is `-`."""
    return "-" if path == STDIN else relative(path, base)
