"""Copies of a film's clips for programs that cannot decode H.264: made once, and kept beside the clips."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from storyboard.byte_size import byte_size
from storyboard.errors import StoryboardError
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.files.disk import free_space
from storyboard.film import folder as disk
from storyboard.film.exported_film import ExportedFilm
from storyboard.film.made_files import MadeFiles
from storyboard.media.clip_format import ClipFormat
from storyboard.media.intra_codec import INTRA_VERSION, IntraCodec

RECORD = ".copies.json"
"""What each copy was made from, and its size, in the folder of copies."""


@dataclass(frozen=True, slots=True)
class MediaCopy:
    """A clip, its SHA-256 and format, and where its copy goes."""

    clip: Path
    sha256: str
    form: ClipFormat
    target: Path


@dataclass(frozen=True, slots=True)
class CopyPlan:
    """The copies of a film's clips, those still to be made, and their approximate size in bytes."""

    codec: IntraCodec
    folder: Path
    copies: tuple[MediaCopy, ...]
    to_make: tuple[MediaCopy, ...]
    size: int


def plan_copies(film: ExportedFilm, codec: IntraCodec, folder: Path) -> CopyPlan:
    """Plan copies of the film's clips in the folder that a build leaves."""
    place = folder / f"media-{codec.name}"
    copies: dict[Path, MediaCopy] = {}
    for shot in film.line.shots:
        clip, sha256 = film.media(shot), shot.job.result.sha256
        if clip is not None and shot.media is not None and sha256 is not None:
            copies[clip] = MediaCopy(clip, sha256, shot.media, place / f"{clip.stem}.mov")
    made = MadeFiles(place, RECORD)
    to_make = tuple(copy for copy in copies.values() if not made.has(copy.target, INTRA_VERSION, copy.sha256))
    return CopyPlan(codec, place, tuple(copies.values()), to_make, sum(codec.size_of(copy.form) for copy in to_make))


def make_copies(plan: CopyPlan, begin: Callable[[MediaCopy], None]) -> None:
    """Make the missing copies one by one; `begin` is called before each, and finished ones stay.

    Copies that no clip of the film needs any more are removed. Raises `StoryboardError` if there is no room, where a
    clip cannot be read, or where a file that is not ours is in the way.
    """
    disk.refuse_link(plan.folder)
    with disk.writing(plan.folder):
        room = free_space(plan.folder)
    if plan.to_make and room < plan.size:
        raise StoryboardError(
            f"the copies take about {byte_size(plan.size)}, and {byte_size(room)} are free at {plan.folder}",
            help="make room, or export without --media",
        )
    with disk.held(plan.folder):
        disk.remove_parts(plan.folder)
        made = MadeFiles(plan.folder, RECORD)
        made.remove_others({copy.target.name for copy in plan.copies})
        for copy in plan.to_make:
            made.make(copy.target, INTRA_VERSION, copy.sha256, partial(_write, copy, plan.codec, begin))


def _write(copy: MediaCopy, codec: IntraCodec, begin: Callable[[MediaCopy], None], target: Path) -> None:
    from storyboard.media.intra_copy import write_intra_copy  # brings the encoder

    begin(copy)
    write_intra_copy(copy.clip, copy.form, codec, target)


def with_copies(film: ExportedFilm, plan: CopyPlan) -> ExportedFilm:
    """Return the film with its copies linked instead of the clips."""
    return replace(film, copies={copy.clip: copy.target for copy in plan.copies})
