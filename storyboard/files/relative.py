"""Paths as they are written into files: relative, and with `/` on every system, so that a project can move between
systems."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def relative(path: Path | str, base: Path | str) -> str:
    """Return a path as seen from the folder `base`; the whole path if it is on another drive."""
    if sys.platform == "win32":
        try:
            return os.path.relpath(path, base).replace("\\", "/")
        except ValueError:
            return str(path).replace("\\", "/")
    else:
        return os.path.relpath(path, base)
