"""How a path is written: relative to the working directory, so that it can be clicked and pasted."""

from __future__ import annotations

import os
from pathlib import Path

STDIN = Path("-")


def shown(path: Path, base: Path) -> str:
    """The path as seen from `base` (absolute, links resolved); standard input is `-`."""
    return "-" if path == STDIN else os.path.relpath(path, base)
