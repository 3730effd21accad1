"""Start a project: the files that `storyboard new` writes."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from unicodedata import normalize

from storyboard.errors import StoryboardError, UsageError
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.disk import exists, list_folder, read_packaged, reason
from storyboard.files.portable_names import refusal_of_name
from storyboard.files.writing import create_file
from storyboard.project.discovery import SUFFIX

STARTERS: Mapping[str, Mapping[str, str]] = {
    "short": {"short.story": "NAME.story"},
    "ad": {"ad.story": "NAME.story"},
    "series": {"series.story": "NAME.story", "house.story": "house.story"},
}
"""The kinds of starter projects: the files in `starter/` and their new names, the main story first."""

AGENTS = "AGENTS.md"

_FILES: Mapping[str, str] = {
    "storyboard.toml": "storyboard.toml",
    "dot-gitignore": ".gitignore",
    "dot-gitattributes": ".gitattributes",
    "stories.yml": ".github/workflows/stories.yml",
    AGENTS: AGENTS,
}
"""Every other file of `starter/`, and its new name."""

_TEMPLATES = Path(__file__).with_name("starter")


class BegunProject(NamedTuple):
    """The new project's story, the files that were written, and those that existed already."""

    story: Path
    written: tuple[Path, ...]
    kept: tuple[Path, ...]


def begin_project(name: str, base: Path, starter: str = "short") -> BegunProject:
    """Write the files of a project into a new folder `name` below `base`, or into `base` itself where the name is `.`.

    Existing files are kept. Raises UsageError for an unusable name, and if the folder or the story exists already.
    """
    here = name in (".", "./")
    folder = base if here else base / name.removesuffix(SUFFIX)
    title = folder.name.lstrip(".") if here else folder.name
    _check_name(title)
    story = folder / f"{title}{SUFFIX}"
    if here:
        _check_no_story(story)
    else:
        _check_free(folder, name)
    files = {folder / becomes.replace("NAME", title): template for template, becomes in STARTERS[starter].items()}
    files |= {folder / becomes: template for template, becomes in _FILES.items()}
    written, kept = _write(files, title)
    return BegunProject(story, written, kept)


def write_agents(folder: Path) -> Path:
    """Write `AGENTS.md` into a folder; return its path. Raises UsageError if it exists already."""
    path = folder / AGENTS
    written, _ = _write({path: AGENTS}, "")
    if not written:
        raise UsageError(f"`{AGENTS}` already exists and is not replaced", help="rename it, and run this again")
    return path


def _write(files: Mapping[Path, str], title: str) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    written: list[Path] = []
    kept: list[Path] = []
    fills = {"TITLE": _title(title), "PROJECT": _project_name(title)}
    for path, template in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            text = read_packaged(_TEMPLATES / template)
            create_file(path, re.sub("|".join(fills), lambda word: fills[word[0]], text))
        except FileExistsError:
            kept.append(path)
        except OSError as trouble:
            raise StoryboardError(f"{path} cannot be written: {reason(trouble)}") from trouble
        else:
            written.append(path)
    return tuple(written), tuple(kept)


def _check_name(name: str) -> None:
    if not name or name.startswith((".", "-")) or not name.isprintable():
        raise UsageError(f"a project cannot be named {name!r}", help="the name is used for a folder and a story")
    why = refusal_of_name(name)
    if why is not None:
        raise UsageError(f"a project cannot be named `{name}`: {why}", help="the name is used for a folder and a story")


def _check_free(folder: Path, name: str) -> None:
    try:
        taken = os.path.lexists(folder) and (not folder.is_dir() or bool(list_folder(folder)))
    except OSError as error:
        raise UsageError(f"`{name}` cannot be read: {error.strerror}") from error
    if taken:
        raise UsageError(
            f"`{name}` already exists and is not replaced",
            help="choose another name, or run `storyboard new .` in that folder",
        )


def _check_no_story(story: Path) -> None:
    if exists(story):
        message = f"`{story.name}` already exists and is not replaced"
        raise UsageError(message, help="rename it, or use another folder")


def _title(name: str) -> str:
    words = name.replace("_", " ").replace("-", " ").strip() or name
    return (words[:1].upper() + words[1:]).replace("\\", "\\\\").replace('"', '\\"')


def _project_name(name: str) -> str:
    """Return a project name such as `lantern-7f3a`: no other project of a team has it, even in a folder of the same
    name."""
    plain = "".join(char if char.isalnum() or char in "_-" else "-" for char in normalize("NFC", name))
    return f"{plain[:40].strip('-') or 'film'}-{secrets.token_hex(2)}"


def shown_names(paths: Iterable[Path], folder: Path) -> str:
    """Return the files by their names within a folder."""
    return ", ".join(str(path.relative_to(folder)) for path in paths)
