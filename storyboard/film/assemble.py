"""From a run's results to what a build leaves: clips, the joined film, the contact sheet, the manifest."""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from os.path import samestat
from pathlib import Path
from typing import TypeAlias

from storyboard.film import folder as disk
from storyboard.film import manifest
from storyboard.film.contact_sheet import render_sheet, sheet_recipe
from storyboard.film.manifest import FilmFile, Left
from storyboard.film.names import CLIP_PATTERN, TAKE_PATTERN
from storyboard.film.takes import TAKES, Takes, others, take_file
from storyboard.film.thumbnails import posters
from storyboard.film.timeline import Cut, CutJob, make_cut
from storyboard.media.caption import Caption
from storyboard.run.result import RunResult
from storyboard.story.story import Story

SHEET = "index.html"
CLIPS = "clips"
NO_TAKES: Takes = {}

_Clip: TypeAlias = tuple[Path, str]
"""A clip in the store, and its hash."""


@dataclass(frozen=True, slots=True)
class Film:
    """What was left in `folder`. `film` is None unless every job's clip is there; `clips` are in the order of the jobs,
    None for those that are missing; `takes` are those that it does not show."""

    folder: Path
    film: Path | None
    sheet: Path
    manifest: Path
    clips: tuple[Path | None, ...]
    seconds: Fraction
    takes: tuple[Path, ...] = ()


def assemble(story: Story, result: RunResult, folder: Path, name: str | None = None, takes: Takes = NO_TAKES) -> Film:
    """Leave in `folder` what the run brought, and nothing of another film; `name` is the film's, else the folder's.
    `takes` are left and shown beside those that the film has.

    What is there already and still right is not made again. Raises `StoryboardError` where the disk refuses or a clip
    cannot be read; what is left then is consistent, and the next build goes on from there.
    """
    film_file = folder / f"{name or folder.name}.mp4"
    with disk.held(folder):
        disk.remove_parts(folder, folder / CLIPS, folder / TAKES)
        left = manifest.read_manifest(folder)
        film = _kept_film(result, left, film_file)
        cut = make_cut(story, result, film.ends if film else None)
        takes_left = _takes(cut, takes, folder)
        changes = _changes(_clips(cut, folder) | takes_left, left, folder)
        if changes or film is None:
            _remove(folder / manifest.NAME)  # until all is as the next one says, there is none to believe
        if film is None:
            _remove(film_file)
        for file, clip in changes.items():
            _remove(file) if clip is None else disk.place_clip(clip, file)
        disk.remove_if_empty(folder / TAKES)
        if film is None and cut.complete:
            film = _joined(cut, film_file)
            cut = cut if film.ends == cut.ends else make_cut(story, result, film.ends)
        sheet = sheet_recipe(cut, film_file.name, takes)
        if left.sheet != sheet or not (folder / SHEET).is_file():
            pictures = posters(cut, folder / SHEET, takes)
            disk.write_text(folder / SHEET, render_sheet(cut, film_file.name, pictures, takes))
        disk.write_text(folder / manifest.NAME, manifest.render_manifest(cut, film_file.name, film, sheet, takes))
    clips = tuple(folder / CLIPS / job.file if job.clip else None for job in cut.jobs)
    made = film_file if film else None
    return Film(folder, made, folder / SHEET, folder / manifest.NAME, clips, cut.seconds, tuple(takes_left))


def _kept_film(result: RunResult, left: Left, film_file: Path) -> FilmFile | None:
    """The film of an earlier build, if it is this one."""
    if left.film is None or not result.complete or left.film.recipe != manifest.film_recipe(result):
        return None
    there = film_file.is_file() and film_file.stat().st_size == left.film.size
    return left.film if there and len(left.film.ends) == len(result.jobs) else None


def _joined(cut: Cut, film_file: Path) -> FilmFile:
    from storyboard.media.join import join  # brings the encoder: only where a film is made

    clips = [job.clip for job in cut.jobs if job.clip is not None]
    joined = join(clips, [_captions(job) for job in cut.jobs], film_file)
    return FilmFile(
        manifest.film_recipe(RunResult(tuple(job.result for job in cut.jobs))),
        film_file.stat().st_size,
        (*joined.starts[1:], joined.seconds),
    )


def _captions(job: CutJob) -> list[Caption]:
    return [Caption(each.shot.address, each.enters, each.leaves) for each in job.shots]


def _clips(cut: Cut, folder: Path) -> dict[Path, _Clip]:
    return {folder / CLIPS / job.file: (job.clip, job.result.sha256 or "") for job in cut.jobs if job.clip is not None}


def _takes(cut: Cut, takes: Takes, folder: Path) -> dict[Path, _Clip]:
    return {folder / take_file(job, take): (take.clip, take.sha256) for job in cut.jobs for take in others(job, takes)}


def _changes(wanted: Mapping[Path, _Clip], left: Left, folder: Path) -> dict[Path, Path | None]:
    """Files in the folders of clips that are to come from the store, or, with None, to go."""
    with disk.writing(folder / CLIPS):
        (folder / CLIPS).mkdir(exist_ok=True)
        ours = [*_named(folder / CLIPS, CLIP_PATTERN), *_named(folder / TAKES, TAKE_PATTERN)]
        changes: dict[Path, Path | None] = {file: None for file in sorted(ours) if file not in wanted}
        for file, (clip, sha256) in wanted.items():
            if not _delivered(clip, file, left.clips.get(file.name) == sha256):
                changes[file] = clip
    return changes


def _named(folder: Path, pattern: re.Pattern[str]) -> list[Path]:
    return [file for file in folder.iterdir() if pattern.fullmatch(file.name)] if folder.is_dir() else []


def _delivered(clip: Path, file: Path, said: bool) -> bool:
    """Whether `file` is the clip: the same file, or one that the manifest vouches for and that has its size."""
    try:
        there = file.stat()
    except FileNotFoundError:
        return False
    given = clip.stat()
    return stat.S_ISREG(there.st_mode) and (samestat(there, given) or (said and there.st_size == given.st_size))


def _remove(file: Path) -> None:
    with disk.writing(file):
        file.unlink(missing_ok=True)
