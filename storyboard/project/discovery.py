"""Find the stories of a command: the named files, and those below the named folders."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from stat import S_ISDIR

from storyboard.errors import UsageError
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.disk import is_inside, is_unsaved, list_folder, real
from storyboard.files.project_root import project_root
from storyboard.project.gitignore import Ignore, ignores_above, ignores_of, is_ignored

SUFFIX = ".story"
LOCK_SUFFIX = f"{SUFFIX}.lock"
BUILD = "build"
"""The folder of build output beside a story; a scan skips it."""


class Target(NamedTuple):
    """A file of the run, links resolved; `named` if the command line named it and not its folder."""

    path: Path
    named: bool


def find_targets(names: Sequence[str], base: Path) -> tuple[Target, ...]:
    """Return the files that arguments select, each once, in the order given; those of a folder by path.

    Raises UsageError if an argument is neither file nor folder, or a folder holds no story.
    """
    found: dict[Path, Target] = {}
    for name in names:
        for target in _targets(name, base):
            before = found.get(target.path)
            found[target.path] = Target(target.path, target.named or bool(before and before.named))
    return tuple(found.values())


def _targets(name: str, base: Path) -> Iterator[Target]:
    path = base / name
    try:
        is_folder = not is_unsaved(path) and S_ISDIR(path.stat().st_mode)
        if not is_folder:
            check_link(path)
        path = real(path)
    except FileNotFoundError:
        raise UsageError(f"there is no file or folder `{name}`", help=_beside(path)) from None
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(f"`{name}` cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if not is_folder:
        yield Target(path, named=True)
        return
    below = list(stories_below(path))
    if not below:
        raise UsageError(
            f"there is no story below `{name}`",
            help="names of stories end in .story; `storyboard new NAME` creates one",
        )
    yield from (Target(story, named=False) for story in below)


def check_link(story: Path) -> None:
    """Raise UsageError if a story is a link that leads out of its project: the target was never meant to be read, shown
    or formatted as a story."""
    if story.is_symlink() and not is_inside(story, project_root(story.parent)):
        raise UsageError(
            f"`{story.name}` is a link to a place outside its project",
            help="copy the file into the project, or put a `storyboard.toml` into the folder that contains both",
        )


def _beside(path: Path) -> str | None:
    """Suggest a story of a similar name in the same folder."""
    from storyboard.diagnostics.suggest import did_you_mean

    try:
        names = [entry.name for entry in list_folder(path.parent)]
    except OSError:
        return None
    return f"there is `{path.name}{SUFFIX}`" if path.name + SUFFIX in names else did_you_mean(path.name, names)


def stories_below(folder: Path) -> Iterator[Path]:
    """Yield every story file below a folder, by path, except hidden files, files ignored by git, and build output."""
    folder = real(folder)  # so only links need to be resolved below it
    open_folders: list[tuple[Path, tuple[Ignore, ...]]] = [(folder, ignores_above(folder))]
    while open_folders:
        current, above = open_folders.pop()
        ignores = (*above, *ignores_of(current))
        files, folders = [], []
        for entry in _entries(current):
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                if entry.name != BUILD and not is_ignored(Path(entry.path), True, ignores):
                    folders.append(Path(entry.path))
            elif entry.name.endswith(SUFFIX) and entry.is_file() and not is_ignored(Path(entry.path), False, ignores):
                path = Path(entry.path)
                if entry.is_symlink():
                    check_link(path)
                    path = real(path)
                files.append(path)
        yield from files
        open_folders += [(below, ignores) for below in reversed(folders)]


def locks_below(folder: Path) -> Iterator[Path]:
    """Yield every lock below a folder, by path, also of deleted stories; except hidden files and build output."""
    open_folders = [folder]
    while open_folders:
        try:
            entries = list_folder(open_folders.pop())
        except OSError:
            continue
        folders = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
        yield from (Path(entry.path) for entry in entries if entry.name.endswith(LOCK_SUFFIX) and not entry.is_dir())
        wanted = (entry for entry in reversed(folders) if entry.name != BUILD and not entry.name.startswith("."))
        open_folders += (Path(entry.path) for entry in wanted)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        return list_folder(folder)
    except OSError as error:
        raise UsageError(f"the folder {folder} cannot be read: {error.strerror}") from error
