"""Write exports to disk: beside the clips, where edited files are never overwritten, or to a path of the user's
choice."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from storyboard.errors import StoryboardError
from storyboard.files.disk import exists, is_file, is_folder, read_file
from storyboard.files.writing import PUBLIC, part_of, replace_file, write_named
from storyboard.film import folder as disk
from storyboard.film.export import BUNDLES, SUFFIXES, export
from storyboard.film.exported_film import ExportedFilm
from storyboard.film.otioz import write_otioz
from storyboard.forms import is_file_name, is_sha256
from storyboard.plain_text import plain_json
from storyboard.store.clips import sha256_of

RECORD = ".exports.json"
"""The hashes of the files that were exported, in the folder that a build leaves."""


def write_beside_clips(form: str, film: ExportedFilm, folder: Path, name: str, *, prompts: bool = False) -> Path:
    """Write the film in a format into the folder that a build leaves, as `NAME.otio`; return the file.

    A file that is not as storyboard wrote it stays: an editor may have saved its work in it. Raises `StoryboardError`
    for that, where the format cannot hold the film, and where the disk refuses.
    """
    target = folder / f"{name}{SUFFIXES[form]}"
    with disk.held(folder):
        if form in BUNDLES:
            _write_bundle(film, target, folder)
        else:
            _write_text(export(form, film, prompts=prompts), target, folder)
    return target


def write_to(form: str, film: ExportedFilm, target: Path, *, prompts: bool = False) -> None:
    """Write the film in a format to a file that the user named, replacing what is there. Its folder must exist.

    Raises `StoryboardError`.
    """
    text = None if form in BUNDLES else export(form, film, prompts=prompts)
    if text is None and exists(target) and not is_file(target):
        raise StoryboardError(f"{target} is not a file, and a bundle is written to files only")
    if not is_folder(target.parent):
        raise StoryboardError(f"{target} cannot be written: there is no folder {target.parent}")
    with disk.writing(target):
        if text is None:
            with part_of(Path(os.path.realpath(target))) as part:
                write_otioz(film, part)
        else:
            write_named(target, text)


def _write_text(text: str, target: Path, folder: Path) -> None:
    content = text.encode("utf-8", "replace")
    made = hashlib.sha256(content).hexdigest()
    with disk.writing(target):
        if not _is_there(target, made, folder):
            replace_file(target, content, mode=PUBLIC)
    _record(target, made, folder)


def _write_bundle(film: ExportedFilm, target: Path, folder: Path) -> None:
    with disk.writing(target), part_of(target) as part:
        write_otioz(film, part)
        made = sha256_of(part)
        _is_there(target, made, folder)
    _record(target, made, folder)


def _is_there(target: Path, made: str, folder: Path) -> bool:
    """Whether the file exists with this content. Raises `StoryboardError` if it is not an unedited export."""
    if not os.path.lexists(target):
        return False
    there = sha256_of(target) if disk.is_own_file(target) else ""
    if there not in (made, _recorded(folder).get(target.name)):
        raise StoryboardError(
            f"{target} is not as storyboard wrote it: it may hold work of yours",
            help="rename it, or write elsewhere with --out",
        )
    return there == made


def _recorded(folder: Path) -> Mapping[str, str]:
    """Return the hashes of exported files by their names."""
    try:
        document = json.loads(read_file(folder / RECORD))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(document, dict):
        return {}
    return {name: sha256 for name, sha256 in document.items() if is_file_name(name) and is_sha256(sha256)}


def _record(target: Path, made: str, folder: Path) -> None:
    known = _recorded(folder)
    if known.get(target.name) != made:
        lines = (
            f" {plain_json(name)}: {plain_json(sha256)}"
            for name, sha256 in sorted({**known, target.name: made}.items())
        )
        text = ",\n".join(lines)
        with disk.writing(folder):
            replace_file(folder / RECORD, f"{{\n{text}\n}}\n", mode=PUBLIC)
