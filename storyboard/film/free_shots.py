"""Clips of shots that are not bought: rendered for one film, and kept in its folder by a hash of their source."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from storyboard.errors import StoryboardError
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.files.disk import is_file, look
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.files.transcript import stamp_of
from storyboard.files.writing import remove
from storyboard.film import folder as disk
from storyboard.media.render_options import RENDERER_VERSION
from storyboard.run.result import JobError, JobResult, JobState
from storyboard.story.story import Shot, Story

if TYPE_CHECKING:
    from storyboard.media.fitting import FilmFrame

FOLDER = ".free"
"""Where they are kept, in the folder of the film."""
_NAME = lazy_pattern(r"[0-9a-f]{64}\.mp4")
_VERSION = 1


@dataclass(frozen=True, slots=True)
class FreeJob:
    """A shot that is not bought, among the film's jobs. `content` is a hash of its source."""

    id: str
    scene: str
    shots: tuple[Shot, ...]
    content: str
    model: str = ""
    base: str = ""
    take: int = 1


@dataclass(frozen=True, slots=True)
class FreeResult:
    """A shot that is not bought, with its clip once that is made."""

    job: FreeJob
    clip: Path | None = None
    sha256: str | None = None
    state: JobState = JobState.SKIPPED
    reason: str = ""
    error: JobError | None = None

    @property
    def key(self) -> str:
        """What names it in the manifest."""
        return self.job.content


FilmPiece: TypeAlias = JobResult | FreeResult
"""A piece of a film: a bought job or a free shot."""


def in_story_order(story: Story, bought: Sequence[JobResult]) -> tuple[FilmPiece, ...]:
    """Return all pieces of a film in story order; free shots without their clips. Raises `StoryboardError` for a file
    that cannot be read."""
    if not story.local_shots:
        return tuple(bought)
    return tuple(_in_order(story, bought))


def _in_order(story: Story, bought: Sequence[JobResult]) -> Iterator[FilmPiece]:
    first = {each.job.shots[0].address: each for each in bought}
    for shot in story.shots:
        if shot.local is not None:
            yield FreeResult(FreeJob(shot.address, shot.scene, (shot,), _content(shot)))
        elif shot.address in first:
            yield first[shot.address]


def rendered(pieces: Sequence[FilmPiece], folder: Path, *, drawn: bool, ratio: str) -> tuple[FilmPiece, ...]:
    """Return the pieces, free shots with their clips: those that are there from an earlier build, or made now.

    They get the size and rate of the first bought clip, so nothing is rendered before there is one; without any bought
    job the size follows from `ratio`. `drawn` means that the other clips are animatics. Raises `StoryboardError`.
    """
    if not any(isinstance(each, FreeResult) for each in pieces):
        return tuple(pieces)
    frame = _frame(pieces, ratio)
    if frame is None:
        return tuple(pieces)
    kept = folder / FOLDER
    disk.refuse_link(kept)
    disk.remove_parts(kept)
    return tuple(_made(each, frame, kept, drawn=drawn) if isinstance(each, FreeResult) else each for each in pieces)


def remove_unused(pieces: Sequence[FilmPiece], folder: Path) -> None:
    """Remove the kept clips that none of the pieces uses."""
    kept = folder / FOLDER
    used = {each.clip for each in pieces}
    if kept.is_symlink():
        return
    with disk.writing(kept):
        for file in kept.iterdir() if kept.is_dir() else ():
            if file not in used and _NAME.fullmatch(file.name) and disk.is_own_file(file):
                remove(file)
    disk.remove_if_empty(kept)


def _frame(pieces: Sequence[FilmPiece], ratio: str) -> FilmFrame | None:
    from storyboard.media.free_shots import read_frame  # brings the decoder

    bought = [each for each in pieces if isinstance(each, JobResult)]
    clip = next((each.clip for each in bought if each.clip is not None), None)
    if clip is not None:
        return read_frame(clip)
    if bought:
        return None
    from storyboard.media.animatic import picture_size
    from storyboard.media.fitting import FilmFrame
    from storyboard.media.render_options import USUAL_LOOK

    return FilmFrame(*picture_size(ratio, USUAL_LOOK.longer_side), Fraction(USUAL_LOOK.fps))


def _made(piece: FreeResult, frame: FilmFrame, folder: Path, *, drawn: bool) -> FreeResult:
    recipe = [piece.job.content, frame.width, frame.height, str(frame.fps), drawn, RENDERER_VERSION]
    target = folder / f"{hashlib.sha256(json.dumps(recipe).encode()).hexdigest()}.mp4"
    if not is_file(target) or not disk.is_own_file(target):
        with disk.writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        _render(piece.job.shots[0], frame, target, drawn=drawn)
    return replace(piece, clip=target, sha256=_hash(str(target)), state=JobState.BUILT)


def _render(shot: Shot, frame: FilmFrame, target: Path, *, drawn: bool) -> None:
    from storyboard.media.free_shots import render_footage, render_still, render_title

    source = shot.local
    assert source is not None
    if source.kind == "clip":
        render_footage(source.path, source.start, shot.seconds, frame, target, drawn=drawn)
    elif source.kind == "still":
        render_still(source.path, shot.seconds, frame, target, drawn=drawn)
    else:
        render_title(shot.prompt, shot.seconds, frame, target, drawn=drawn)


def _content(shot: Shot) -> str:
    """Return a hash of a free shot's source: the bytes of its file, never its path."""
    source = shot.local
    assert source is not None
    made_from = shot.prompt if source.kind == "card" else hash_of(source.path)
    about = [_VERSION, source.kind, made_from, str(source.start.normalize()), str(shot.seconds.normalize())]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()


def hash_of(file: Path) -> str:
    """Return the SHA-256 of a file. Raises `StoryboardError` if it cannot be read."""
    try:
        found = look(file)
        return _hash(str(file), *(stamp_of(found) or ()) if found else ())
    except OSError as error:
        raise StoryboardError(f"{file} cannot be read: {error.strerror}") from error


@lru_cache(maxsize=4096)
def _hash(file: str, *_stamp: int) -> str:
    with Path(file).open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
