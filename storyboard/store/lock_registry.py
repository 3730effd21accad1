"""Which locks a store has served, and which clips each named when last seen: those must not be removed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from storyboard.errors import StoreError
from storyboard.files.disk import read_file
from storyboard.files.sha256 import sha256_hex
from storyboard.files.writing import PRIVATE, replace_file
from storyboard.forms import is_path, is_sha256


class KnownLocks:
    """One small file for each lock, in a folder of the store."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def remember(self, lock: Path, clips: Iterable[str]) -> None:
        """Record that a lock names these clips now; raises `StoreError` if that cannot be written."""
        self._note(lock, {"lock": str(lock), "clips": sorted(set(clips))})

    def forget(self, lock: Path) -> None:
        """Record that a lock is gone for good; if it exists again, it counts again."""
        self._note(lock, {"lock": str(lock), "clips": [], "forgotten": True})

    def _note(self, lock: Path, note: Mapping[str, object]) -> None:
        text = json.dumps(note)
        file = self._folder / f"{sha256_hex(os.fsencode(lock))}.json"
        try:
            if file.exists() and read_file(file).decode() == text:
                return
            self._folder.mkdir(mode=0o700, exist_ok=True)
            replace_file(file, text, mode=PRIVATE)
        except OSError as error:
            raise StoreError(f"the store cannot be written at {file}: {error.strerror}") from error

    def all(self) -> Mapping[Path, frozenset[str]]:
        """Return the clips that each lock named when last seen; raises `StoreError` if a note cannot be read."""
        return {lock: clips for lock, (clips, _) in self._notes().items()}

    def forgotten(self) -> frozenset[Path]:
        """Return the locks that a person said are gone for good; raises what `all` raises."""
        return frozenset(lock for lock, (_, gone) in self._notes().items() if gone and not lock.exists())

    def _notes(self) -> Mapping[Path, tuple[frozenset[str], bool]]:
        found = {}
        for file in sorted(self._folder.glob("*.json")):
            try:
                note = json.loads(read_file(file))
                if not is_path(note["lock"]) or not all(map(is_sha256, note["clips"])):
                    raise ValueError("it does not name a lock and its clips")
                found[Path(note["lock"])] = frozenset(note["clips"]), bool(note.get("forgotten"))
            except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
                raise StoreError(
                    f"{file} does not list the clips that a lock needs: {error}",
                    help="delete it and plan that story again, which writes a new one",
                ) from error
        return found
