"""Copies of a film's clips for programs that cannot decode H.264: made once, and kept beside the clips."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from storyboard.byte_size import byte_size
from storyboard.errors import StoryboardError
from storyboard.files.disk import free_space, look, read_file
from storyboard.files.writing import PUBLIC, replace_file
from storyboard.film import folder as disk
from storyboard.film.exported_film import ExportedFilm
from storyboard.forms import LARGEST_COUNT, is_count, is_name
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
    """The copies of a film's clips, those of them that are still to be made, and about how many bytes those take."""

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
    known = _recorded(place)
    to_make = tuple(copy for copy in copies.values() if not _is_made(copy, known))
    return CopyPlan(codec, place, tuple(copies.values()), to_make, sum(codec.size_of(copy.form) for copy in to_make))


def make_copies(plan: CopyPlan, begin: Callable[[MediaCopy], None]) -> None:
    """Make the copies that are missing, one after the other; each is told to `begin` first, and stays when it is done.

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
        _remove_unused(plan)
        for copy in plan.to_make:
            known = _recorded(plan.folder)
            if disk.is_own_file(copy.target) and copy.target.name not in known:
                raise disk.in_the_way(copy.target)
            begin(copy)
            from storyboard.media.intra_copy import write_intra_copy  # brings the encoder

            write_intra_copy(copy.clip, copy.form, plan.codec, copy.target)
            made = look(copy.target)
            _record(plan.folder, {**known, copy.target.name: [INTRA_VERSION, copy.sha256, made.st_size if made else 0]})


def with_copies(film: ExportedFilm, plan: CopyPlan) -> ExportedFilm:
    """The film with its copies linked in place of the clips."""
    return replace(film, copies={copy.clip: copy.target for copy in plan.copies})


def _is_made(copy: MediaCopy, known: Mapping[str, Sequence[object]]) -> bool:
    found = look(copy.target)
    if found is None or not disk.is_own_file(copy.target):
        return False
    return list(known.get(copy.target.name, ())) == [INTRA_VERSION, copy.sha256, found.st_size]


def _remove_unused(plan: CopyPlan) -> None:
    known = _recorded(plan.folder)
    wanted = {copy.target.name for copy in plan.copies}
    unused = [name for name in known if name not in wanted]
    for name in unused:
        file = plan.folder / name
        found = look(file)
        if found is not None and disk.is_own_file(file) and found.st_size == known[name][2]:
            with disk.writing(file):
                file.unlink(missing_ok=True)
    if unused:
        _record(plan.folder, {name: about for name, about in known.items() if name in wanted})


def _recorded(folder: Path) -> Mapping[str, list[object]]:
    """What was recorded of copies, by their file names; nothing where that cannot be understood."""
    try:
        document = json.loads(read_file(folder / RECORD))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(document, dict):
        return {}
    return {name: about for name, about in document.items() if _is_record(name, about)}


def _is_record(name: object, about: object) -> bool:
    if not is_name(name) or "/" in name or not isinstance(about, list) or len(about) != 3:
        return False
    return is_count(about[2], most=LARGEST_COUNT * 1000)


def _record(folder: Path, known: Mapping[str, Sequence[object]]) -> None:
    lines = ",\n".join(f" {json.dumps(name, ensure_ascii=False)}: {json.dumps(known[name])}" for name in sorted(known))
    with disk.writing(folder):
        replace_file(folder / RECORD, f"{{\n{lines}\n}}\n", mode=PUBLIC)
