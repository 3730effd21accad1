"""Finding and reading files: the project's root, and the bytes of one file."""

from __future__ import annotations

import os
from pathlib import Path

from storyboard.safe_read import read_file

MARKS = ("storyboard.toml", ".git")
"""What a project's folder holds; the first counts before the second, however far above."""
STANDARD_INPUT = Path("-")
"""The path of a source that is no file."""


def real(path: Path) -> Path:
    """The path, absolute, with links resolved; it need not exist."""
    return Path(os.path.realpath(path))


def folder_of(path: Path) -> Path:
    """The folder that the paths in a file are relative to."""
    return real(Path.cwd() if path == STANDARD_INPUT else path.parent)


def project_root(path: Path) -> Path:
    """Where the project of a story (or folder) begins: the nearest folder upwards that holds `storyboard.toml`, else
    the nearest with `.git`, else the story's own folder."""
    folder = real(path) if path.is_dir() else folder_of(real(path) if path != STANDARD_INPUT else path)
    for mark in MARKS:
        for place in (folder, *folder.parents):
            if (place / mark).exists():
                return place
    return folder


def read_regular(path: Path) -> bytes:
    """All of a regular file; raises OSError for anything else, so that no pipe or device is waited for."""
    return read_file(path)


def reason(trouble: OSError) -> str:
    """Why the system refused, in a few words."""
    return (trouble.strerror or str(trouble)).lower() if trouble.strerror else str(trouble)
