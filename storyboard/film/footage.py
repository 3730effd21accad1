"""Check the files of free shots and the music; problems are reported at the author's line."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache, partial
from pathlib import Path

from storyboard.diagnostics import Diagnostic
from storyboard.diagnostics.rules.film import FOOTAGE_UNUSABLE, MUSIC_UNUSABLE
from storyboard.errors import StoryboardError
from storyboard.files.disk import is_inside, look
from storyboard.story.story import LocalSource, Music, Shot, Story


def footage_findings(story: Story, root: Path) -> Iterator[Diagnostic]:
    """Yield a finding for each unusable file: missing, outside the folder `root`, unreadable or too short."""
    _length.cache_clear()
    for shot in story.local_shots:
        source = shot.local
        if source is None or not source.file or shot.damaged:
            continue
        wrong, help_ = _wrong(source, root, partial(_check, shot, source))
        if wrong:
            yield FOOTAGE_UNUSABLE.at(source.span, wrong, help=help_, related=shot.origin.chain)
    music = story.music
    if music is not None:
        wrong, help_ = _wrong(music, root, partial(_check_music, music))
        if wrong:
            yield MUSIC_UNUSABLE.at(music.span, wrong, help=help_)


def _wrong(source: LocalSource | Music, root: Path, check: Callable[[], None]) -> tuple[str, str | None]:
    here = source.span.source.path.parent
    try:
        if not is_inside(source.path, root):
            return f"`{source.file}` is outside the project", f"copy it into {root}"
        found = look(source.path)
        if found is None:
            return f"there is no file `{source.file}`", f"paths are relative to this file's folder, {here}"
        if not stat.S_ISREG(found.st_mode):
            return f"`{source.file}` is not a file", None
        if not os.access(source.path, os.R_OK):
            return f"`{source.file}` cannot be read", "allow reading it"
        check()
    except (OSError, ValueError) as error:
        return f"`{source.file}` cannot be read: {getattr(error, 'strerror', None) or error}", None
    except StoryboardError as trouble:
        return trouble.message, trouble.help
    return "", None


def _check(shot: Shot, source: LocalSource) -> None:
    from storyboard.media.free_shots import check_length, check_picture  # brings the decoder

    if source.kind == "clip":
        check_length(source.path, _length(source.path), Fraction(source.start), Fraction(shot.seconds))
    else:
        check_picture(source.path)


def _check_music(music: Music) -> None:
    from storyboard.media.music import read_music_length  # brings the decoder

    lasts = read_music_length(music.path)
    if lasts and lasts <= Fraction(music.start):
        message = f"{music.path.name} is {float(lasts):.6g} s long, and ends before {music.start.normalize():f} s"
        raise StoryboardError(message, help="begin earlier with `from`")


@lru_cache(maxsize=1024)
def _length(path: Path) -> Fraction:
    from storyboard.media.free_shots import read_footage_length

    return read_footage_length(path)
