"""Deliver clips from the store to the folder of a film, and remove those that an earlier build left there."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from os.path import samestat
from pathlib import Path
from typing import TypeAlias

from storyboard.fast_dataclasses import replace
from storyboard.files.disk import list_folder, look_at_sealed
from storyboard.film import folder as disk
from storyboard.film import manifest
from storyboard.film.manifest import FilmNames, Left
from storyboard.film.names import CLIP_PATTERN, TAKE_PATTERN
from storyboard.film.takes import TAKES, Takes, others, take_file
from storyboard.film.timeline import Timeline
from storyboard.store.clips import sha256_of

SHEET = "index.html"
CLIPS = "clips"
InStore: TypeAlias = Callable[[str], bool]
"""Whether the store has a clip of that SHA-256."""
StoredClip: TypeAlias = tuple[Path, str]
"""A clip in the store, and its hash."""
NO_CLIPS: Mapping[str, str] = {}


def begin_changes(
    folder: Path, names: FilmNames, left: Left, *, is_bought: bool, clips: Mapping[str, str] = NO_CLIPS
) -> None:
    """Write an interim manifest: until the next one, it vouches only for the last complete film. If that is replaced by
    a bought one, it counts as bought from now on, because the build may be killed at any time. `clips` are those that
    stay, or are there before anything else changes: hashes by file name."""
    last = left.film and replace(left.film, bought=left.film.bought or is_bought)
    ours = [name for name in (names.film, names.draft) if name in left.files or not os.path.lexists(folder / name)]
    disk.replace_text(
        folder / manifest.NAME, manifest.render_unfinished(names, last, ours, clips), manifest.is_manifest
    )


def clips_of(cut: Timeline, folder: Path) -> dict[Path, StoredClip]:
    """Return the clips of a film, by their file names in the folder."""
    return {folder / CLIPS / job.file: (job.clip, job.result.sha256 or "") for job in cut.jobs if job.clip is not None}


def takes_of(cut: Timeline, takes: Takes, folder: Path) -> dict[Path, StoredClip]:
    """Return the takes that the film does not show, by their file names in the folder."""
    return {folder / take_file(job, take): (take.clip, take.sha256) for job in cut.jobs for take in others(job, takes)}


def clip_changes(
    wanted: Mapping[Path, StoredClip], left: Left, folder: Path, in_store: InStore
) -> dict[Path, Path | None]:
    """Return the files in the clip folders to deliver from the store or, with None, to remove.

    Raises `StoryboardError` if a foreign file is in the way.
    """
    with disk.writing(folder / CLIPS):
        (folder / CLIPS).mkdir(exist_ok=True)
        named = [*_named(folder / CLIPS, CLIP_PATTERN), *_named(folder / TAKES, TAKE_PATTERN)]
        unwanted = (file for file in sorted(named) if file not in wanted)
        changes: dict[Path, Path | None] = {file: None for file in unwanted if _is_ours(file, left, in_store)}
        for file, (clip, sha256) in wanted.items():
            if _delivered(clip, file, left.clips.get(file.name) == sha256):
                continue
            if not _may_replace(file, clip, sha256, left, in_store):
                raise disk.in_the_way(file)
            changes[file] = clip
    return changes


_LARGEST_CLIP = 1 << 30
"""Bytes: no gateway's clip of a few seconds comes near it, so a larger file is foreign and is not read to know that."""


def _is_ours(file: Path, left: Left, in_store: InStore) -> bool:
    """Whether a file is a clip exactly as an earlier build left it, so that it can be removed."""
    if not disk.is_own_file(file) or file.stat().st_size > _LARGEST_CLIP:
        return False
    sha256 = sha256_of(file)
    return sha256 == left.clips.get(file.name) or in_store(sha256)


def _may_replace(file: Path, clip: Path, wanted: str, left: Left, in_store: InStore) -> bool:
    """Whether a clip may replace a file: a listed one is ours, even if it was damaged since."""
    if not os.path.lexists(file):
        return True
    listed = disk.is_own_file(file) and file.name in left.clips
    if listed or _is_ours(file, left, in_store):
        return True
    same_size = disk.is_own_file(file) and file.stat().st_size == clip.stat().st_size
    return same_size and sha256_of(file) == wanted


def _named(folder: Path, pattern: re.Pattern[str]) -> list[Path]:
    try:
        return [folder / entry.name for entry in list_folder(folder) if pattern.fullmatch(entry.name)]
    except FileNotFoundError:
        return []


def _delivered(clip: Path, file: Path, said: bool) -> bool:
    """Whether `file` is the clip: the same file, or one that the manifest lists and that has its size."""
    there, given = look_at_sealed(file), clip.stat()
    if there is None or not disk.is_own_file(file):
        return False
    return samestat(there, given) or (said and there.st_size == given.st_size)
