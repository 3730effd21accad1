"""Whether an mp4 file carries Content Credentials (C2PA): a box of a fixed kind at the top of the file."""

from __future__ import annotations

from mmap import ACCESS_READ, mmap
from pathlib import Path
from uuid import UUID

_C2PA_BOX = UUID("d8fec3d6-1b0e-483c-9297-5828877ec481").bytes
"""The kind of the box (C2PA specification, embedding manifests into BMFF-based assets)."""
_HEAD, _LONG_HEAD = 8, 16


def carries_credentials(path: Path) -> bool:
    """Whether the file has a C2PA box; whether its signature is good is not asked. Raises `OSError`."""
    if path.stat().st_size == 0:
        return False
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        at = 0
        while at + _HEAD <= len(data):
            size, head = int.from_bytes(data[at : at + 4], "big"), _HEAD
            if size == 1:
                size, head = int.from_bytes(data[at + _HEAD : at + _LONG_HEAD], "big"), _LONG_HEAD
            if data[at + 4 : at + _HEAD] == b"uuid" and data[at + head : at + head + len(_C2PA_BOX)] == _C2PA_BOX:
                return True
            if size < head:  # 0: the box goes on to the end of the file
                return False
            at += size
    return False
