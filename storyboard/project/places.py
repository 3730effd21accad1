"""The folders that a build writes to: tested before anything is bought, and hidden from git."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from storyboard.errors import StoryboardError
from storyboard.files.disk import exists, reason
from storyboard.files.writing import create_file, try_writing
from storyboard.project.gitignore import IGNORE_FILE

CLIP_ROOM = 32_000_000
"""Bytes that must be free where clips are kept; most clips are smaller."""
LOCK_ROOM = 1_000_000
"""Bytes that must be free where a lock is written."""


def try_places(folders: Iterable[Path], room: int = CLIP_ROOM) -> None:
    """Raise StoryboardError for the first folder that cannot be made or written, or has no room for a clip."""
    for folder in dict.fromkeys(folders):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            try_writing(folder, room)
        except OSError as trouble:
            raise StoryboardError(
                f"{folder} cannot be written: {reason(trouble)}; nothing was bought",
                help=f"{room // 1_000_000} MB must be free there; use --out or --store to choose another place",
            ) from trouble


def hide_from_git(folder: Path) -> None:
    """Write a `.gitignore` of `*` into a folder of build output that has none. Raises StoryboardError."""
    file = folder / IGNORE_FILE
    if exists(file):
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        create_file(file, "*\n")
    except FileExistsError:
        if not folder.is_dir():
            raise StoryboardError(f"{folder} cannot be written: it is not a folder") from None
    except OSError as trouble:
        raise StoryboardError(f"{file} cannot be written: {reason(trouble)}") from trouble
