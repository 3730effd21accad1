"""Paths as they are written down: relative, and with `/` on every system, so that a project may move between them."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def relative(path: Path | str, base: Path | str) -> str:
    """The path as seen from the folder `base`; on another drive than that, the whole path."""
    if sys.platform == "win32":
        try:
            return os.path.relpath(path, base).replace("\\", "/")
        except ValueError:
            return str(path).replace("\\", "/")
    else:
        return os.path.relpath(path, base)
