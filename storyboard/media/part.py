"""Unfinished files: beside what they will become, hidden, and known by their ending to who has to clear them away."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PART = ".part"
"""How their names end; they begin with a dot."""


@contextmanager
def part_of(target: Path) -> Iterator[Path]:
    """A file to fill in, which becomes `target` at once when all went well, and is gone otherwise."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", suffix=PART, dir=target.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        if part.stat().st_nlink == 1:  # a hard link's mode is that of the file it shares
            part.chmod(0o644)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
