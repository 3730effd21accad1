"""Pictures for tests."""

from __future__ import annotations

from pathlib import Path

from PIL import Image


def save_picture(
    path: Path, size: tuple[int, int] = (40, 70), color: tuple[int, int, int] = (40, 120, 200), orientation: int = 1
) -> Path:
    """A picture whose upper half is white; `orientation` is the EXIF tag of that name."""
    picture = Image.new("RGB", size, color)
    picture.paste((255, 255, 255), (0, 0, size[0], size[1] // 2))
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture.save(path, exif=exif)
    return path
