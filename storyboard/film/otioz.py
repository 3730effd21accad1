"""An OTIOZ bundle: the OpenTimelineIO list and all of its media in one zip file."""

from __future__ import annotations

import shutil
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from storyboard.files.disk import look
from storyboard.film.exported_film import ExportedFilm
from storyboard.film.otio import to_otio

_VERSION = "1.0.0"
_FOLDER = "media"
_DATE = (1980, 1, 1, 0, 0, 0)
"""The same film gives the same bytes, so no file has a date."""


def bundled_media(film: ExportedFilm) -> tuple[Path, ...]:
    """Return the media that go into the bundle, each once, in the order of the film."""
    found = [film.media(shot) for shot in film.line.shots]
    music = film.music.file if film.music is not None else None
    return tuple(dict.fromkeys(file for file in [*found, music] if file is not None))


def write_otioz(film: ExportedFilm, target: Path) -> None:
    """Write the bundle to a file that may be there already. Raises `OSError`."""
    with ZipFile(target, "w", allowZip64=True) as bundle:
        _add_text(bundle, "version.txt", _VERSION)
        _add_text(bundle, "content.otio", to_otio(film, lambda file: f"{_FOLDER}/{file.name}"))
        for file in bundled_media(film):
            about = _entry(f"{_FOLDER}/{file.name}", ZIP_STORED)
            found = look(file)
            about.file_size = found.st_size if found else 0
            with file.open("rb") as media, bundle.open(about, "w") as copy:
                shutil.copyfileobj(media, copy, 1 << 20)


def _add_text(bundle: ZipFile, name: str, text: str) -> None:
    bundle.writestr(_entry(name, ZIP_DEFLATED), text.encode())


def _entry(name: str, method: int) -> ZipInfo:
    entry = ZipInfo(name, _DATE)
    entry.compress_type = method
    entry.external_attr = 0o644 << 16
    return entry
