"""Wait until a file that a run used changes: one that it read, listed or looked for."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from storyboard.files.transcript import Transcript, stamp_of

PAUSE = 50
"""Milliseconds without further changes until a change counts as complete: editors may save in several steps."""
LOOK_AGAIN = 1000
"""Milliseconds after which everything is checked even without a notification."""


class UsedFiles:
    """The files and folders that a run used, as it found them, without its own output."""

    def __init__(self, depends: Transcript, output: Collection[Path]) -> None:
        self._output = tuple(f"{os.path.realpath(folder)}{os.sep}" for folder in output)
        ours = {path: stamp for path, stamp in depends.stamps.items() if not self._is_output(path)}
        self._listed = {
            path: _names(path) if _stamp(path) == stamp else _names_among(path, ours)
            for path, stamp in ours.items()
            if os.path.isdir(path)
        }
        self._stamps = {path: stamp for path, stamp in ours.items() if path not in self._listed}
        self._there = {path: was for path, was in depends.there.items() if not self._is_output(path)}

    def __len__(self) -> int:
        """Return the number of files and folders."""
        return sum(stamp is not None for stamp in self._stamps.values())

    def changed(self) -> list[Path]:
        """Return what has changed. Of a folder, only its stories and subfolders count."""
        return [Path(path) for path in dict.fromkeys(self._changed())]

    def _changed(self) -> Iterator[str]:
        yield from (path for path, stamp in self._stamps.items() if _stamp(path) != stamp)
        yield from (path for path, was in self._there.items() if os.path.exists(path) != was)
        for folder, names in self._listed.items():
            others = (os.path.join(folder, name) for name in sorted(_names(folder) ^ names))
            yield from (path for path in others if not self._is_output(path))

    def _is_output(self, path: str) -> bool:
        return f"{path}{os.sep}".startswith(self._output)

    def wait(self) -> list[Path]:
        """Wait until something changes; return what did. Raises KeyboardInterrupt."""
        from watchfiles import watch

        if now := self.changed():
            return now
        for _ in watch(
            *self._folders(),
            watch_filter=None,
            step=PAUSE,
            rust_timeout=LOOK_AGAIN,
            yield_on_timeout=True,
            recursive=False,
        ):
            if now := self.changed():
                return now
        raise KeyboardInterrupt

    def _folders(self) -> set[str]:
        """Return the folders to watch: for a missing file, the nearest existing one."""
        folders = set(self._listed)
        for path in (*self._stamps, *self._there):
            folder = os.path.dirname(path)
            while folder and not os.path.isdir(folder) and folder != os.path.dirname(folder):
                folder = os.path.dirname(folder)
            folders.add(folder or os.sep)
        return folders


def _stamp(path: str) -> object:
    try:
        return stamp_of(os.stat(path))
    except OSError:
        return None


def _names_among(folder: str, paths: Iterable[str]) -> frozenset[str]:
    """Return the names in a folder that the run used; others may be new."""
    start = os.path.join(folder, "")
    below = (path.removeprefix(start) for path in paths if path.startswith(start))
    names = {path.partition(os.sep)[0] for path in below}
    return frozenset(name for name in names if _counts(name, os.path.isdir(os.path.join(folder, name))))


def _counts(name: str, is_folder: bool) -> bool:
    """Whether a new entry of this name matters."""
    return not name.startswith(".") and (name.endswith(".story") or (is_folder and name != "build"))


def _names(folder: str) -> frozenset[str]:
    """Return the stories and subfolders in a folder, without hidden ones and build output."""
    try:
        with os.scandir(folder) as entries:
            return frozenset(entry.name for entry in entries if _counts(entry.name, entry.is_dir()))
    except OSError:
        return frozenset()
