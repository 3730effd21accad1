"""Find the root of a project, and the folder that paths in a file are relative to."""

from __future__ import annotations

from pathlib import Path

from storyboard.files.disk import exists, is_folder, real

MARKS = ("storyboard.toml", ".git")
"""Markers of a project's folder; the first takes precedence over the second at any distance."""
STANDARD_INPUT = Path("-")
"""The path of a source that is not a file."""


def folder_of(path: Path) -> Path:
    """Return the folder that paths in a file are relative to."""
    return real(Path.cwd() if path == STANDARD_INPUT else path.parent)


def project_root(path: Path) -> Path:
    """Return the project root of a story or folder: the nearest folder upwards that holds `storyboard.toml`, else
    the nearest with `.git`, else the story's own folder."""
    return root_above(own_folder(path))


def own_folder(path: Path) -> Path:
    """Return the folder of a story, with links resolved; a folder is its own."""
    return real(path) if is_folder(path) else folder_of(real(path) if path != STANDARD_INPUT else path)


def root_above(folder: Path) -> Path:
    """Return the project root of a folder."""
    for mark in MARKS:
        for place in (folder, *folder.parents):
            if exists(place / mark):
                return place
    return folder
