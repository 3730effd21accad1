"""Files that are made from a film beside its clips, each kept while what it was made from is the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from storyboard.fast_dataclasses import dataclass
from storyboard.files.disk import look, read_file
from storyboard.files.writing import PUBLIC, remove, replace_file
from storyboard.film import folder as disk
from storyboard.forms import LARGEST_COUNT, is_count, is_file_name
from storyboard.plain_text import plain_json

UNFINISHED = 0
"""The size that is recorded of a file while it is made."""


@dataclass(frozen=True, slots=True)
class MadeFiles:
    """The files in `folder` that `record`, a file there, lists: by their names, what each was made from and its size.

    What a file was made from is `[VERSION, HASH]`: of the code that makes it, and of what it was given.
    """

    folder: Path
    record: str

    def has(self, target: Path, version: int, source: str) -> bool:
        """Whether the file is there as it was made from `source`."""
        found = look(target)
        if found is None or not disk.is_own_file(target):
            return False
        return list(self._known().get(target.name, ())) == [version, source, found.st_size]

    def make(self, target: Path, version: int, source: str, write: Callable[[Path], None]) -> None:
        """Make a file and record it. Raises `StoryboardError` where a file that is not ours is in the way."""
        known = self._known()
        if disk.is_own_file(target) and target.name not in known:
            raise disk.in_the_way(target)
        self._write({**known, target.name: [version, source, UNFINISHED]})  # if this is killed, the file is still ours
        write(target)
        made = look(target)
        self._write({**known, target.name: [version, source, made.st_size if made else 0]})

    def remove_others(self, wanted: Collection[str]) -> None:
        """Remove the recorded files that are not `wanted`. A file that was changed since stays."""
        known = self._known()
        unused = [name for name in known if name not in wanted]
        for name in unused:
            file = self.folder / name
            found = look(file)
            if found is not None and disk.is_own_file(file) and found.st_size == known[name][2]:
                with disk.writing(file):
                    remove(file)
        if unused:
            self._write({name: about for name, about in known.items() if name in wanted})

    def _known(self) -> Mapping[str, list[object]]:
        """Return what was recorded, by file names; nothing if that cannot be understood."""
        try:
            document = json.loads(read_file(self.folder / self.record))
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(document, dict):
            return {}
        return {name: about for name, about in document.items() if _is_record(name, about)}

    def _write(self, known: Mapping[str, Sequence[object]]) -> None:
        lines = ",\n".join(f" {plain_json(name)}: {plain_json(known[name])}" for name in sorted(known))
        with disk.writing(self.folder):
            replace_file(self.folder / self.record, f"{{\n{lines}\n}}\n", mode=PUBLIC)


def _is_record(name: object, about: object) -> bool:
    if not is_file_name(name) or not isinstance(about, list) or len(about) != 3:
        return False
    return is_count(about[2], most=LARGEST_COUNT * 1000)
