"""Beginning a project: the files that `storyboard new` writes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from storyboard.errors import UsageError
from storyboard.files.disk import list_folder, read_packaged
from storyboard.files.writing import create_file
from storyboard.project.discovery import SUFFIX

FILES: Mapping[str, str] = {
    "NAME.story": "NAME.story",
    "storyboard.toml": "storyboard.toml",
    "dot-gitignore": ".gitignore",
    "dot-gitattributes": ".gitattributes",
    "stories.yml": ".github/workflows/stories.yml",
}
"""Each file of `starter/`, and what it becomes."""

_TEMPLATES = Path(__file__).with_name("starter")


def begin_project(name: str, base: Path) -> tuple[Path, ...]:
    """Makes the folder `name` below `base` with a story of that name; the files written, the story first.

    Raises UsageError for a name that cannot be one, or where something stands already; nothing is overwritten.
    """
    folder = base / name.removesuffix(SUFFIX)
    _check_name(folder.name)
    _check_free(folder, name)
    written = []
    for template, becomes in FILES.items():
        path = folder / becomes.replace("NAME", folder.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        create_file(path, read_packaged(_TEMPLATES / template).replace("TITLE", _title(folder.name)))
        written.append(path)
    return tuple(written)


def _check_name(name: str) -> None:
    if not name or name.startswith((".", "-")) or not name.isprintable():
        raise UsageError(f"a project cannot be called {name!r}", help="its name becomes a folder and a story's name")


def _check_free(folder: Path, name: str) -> None:
    try:
        taken = os.path.lexists(folder) and (not folder.is_dir() or bool(list_folder(folder)))
    except OSError as error:
        raise UsageError(f"`{name}` cannot be read: {error.strerror}") from error
    if taken:
        raise UsageError(f"`{name}` is there already, and is left as it is", help="choose another name")


def _title(name: str) -> str:
    words = name.replace("_", " ").replace("-", " ").strip() or name
    return (words[:1].upper() + words[1:]).replace("\\", "\\\\").replace('"', '\\"')
