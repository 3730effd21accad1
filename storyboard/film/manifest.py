"""`manifest.json`: what a build wrote, for other programs, and for the next build to detect changes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from storyboard.fast_dataclasses import dataclass, field
from storyboard.files.disk import look, read_file
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.film.clip_formats import ListedMedia, format_document, parse_format
from storyboard.film.folder import is_own_file
from storyboard.film.free_shots import FilmPiece, hash_of
from storyboard.film.takes import Takes, others, take_file
from storyboard.film.timeline import CutJob, Timeline
from storyboard.forms import is_count, is_file_name, is_name, is_sha256
from storyboard.media.caption import JOINER_VERSION, NO_FINISH, Finish
from storyboard.media.clip_format import ClipFormat
from storyboard.media.film_tags import FilmTags
from storyboard.plain_text import plain_json
from storyboard.story.story import Music, Shot

VERSION = 1
NAME = "manifest.json"
LARGEST_FILM = 10**15
"""Bytes of a film."""

_FRACTION = lazy_pattern(r"\d{1,40}(/[1-9]\d{0,39})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class FilmFile:
    """A joined film on disk: its recipe, its size in bytes, the second at which each clip ends, and whether every clip
    was bought."""

    recipe: str
    size: int
    ends: tuple[Fraction, ...]
    bought: bool = False

    def is_at(self, file: Path) -> bool:
        """Whether the file exists with the recorded size."""
        found = look(file)
        return found is not None and is_own_file(file) and found.st_size == self.size


@dataclass(frozen=True, slots=True)
class LeftJob:
    """A job with a clip: the clip's file name and hash, and the job's key."""

    file: str
    sha256: str
    key: str


@dataclass(frozen=True, slots=True)
class Left:
    """What an earlier build left, by its validated manifest.

    `film` is the last complete film, and `film_is_current` says whether it is of the jobs in `contents`. `draft` is set
    if that build made no complete film. `clips` are hashes by file name, `formats` those of clips by their hash, and
    `jobs` each job whose clip is there, by its content. `files` are the names of films and drafts that builds wrote and
    may replace.
    """

    film: FilmFile | None = None
    film_is_current: bool = False
    draft: FilmFile | None = None
    sheet: str | None = None
    clips: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, ClipFormat] = field(default_factory=dict)
    jobs: Mapping[str, LeftJob] = field(default_factory=dict)
    contents: tuple[str, ...] = ()
    files: frozenset[str] = frozenset()


class ListedFilm(TypedDict):
    """A film in the folder: its recipe, and the second at which each clip ends, as fractions."""

    file: str
    bytes: int
    recipe: str
    ends: list[str]
    bought: bool
    jobs: NotRequired[int]
    cards: NotRequired[list[str]]


class ListedSheet(TypedDict):
    """The contact sheet."""

    file: str
    recipe: str


ListedCut = TypedDict(
    "ListedCut",
    {"address": str, "free": NotRequired[str], "seconds": float, "in": float, "out": float},
)
"""A shot of the film; times in seconds."""

ListedJob = TypedDict(
    "ListedJob",
    {
        "id": str,
        "key": str,
        "content": str,
        "state": str,
        "clip": str | None,
        "sha256": str | None,
        "lasts": NotRequired[str],
        "media": NotRequired[ListedMedia],
        "seconds": float,
        "in": float,
        "out": float,
        "shots": list[ListedCut],
        "takes": NotRequired[list[dict[str, Any]]],
    },
)
"""A job with its clip; times in seconds of the film."""


class Manifest(TypedDict):
    """`manifest.json`. While a build replaces files, `writing` names those that it may leave."""

    version: int
    title: NotRequired[str]
    seconds: NotRequired[float]
    complete: bool
    film: ListedFilm | None
    draft: ListedFilm | None
    last_film: ListedFilm | None
    sheet: ListedSheet
    writing: NotRequired[list[str]]
    jobs: list[ListedJob]


def is_manifest(content: bytes) -> bool:
    """Whether a file's content is one of our manifests, even if it was damaged since."""
    return content.lstrip().startswith((b'{\n "version":', b'{"version":'))


@dataclass(frozen=True, slots=True)
class FilmNames:
    """The file names of the complete film and of its draft."""

    film: str
    draft: str


@dataclass(frozen=True, slots=True)
class Films:
    """What a build leaves to watch: `film` if it is complete, else perhaps a `draft`, in which the jobs `cards` are
    cards, and the `last` complete film."""

    film: FilmFile | None = None
    draft: FilmFile | None = None
    last: FilmFile | None = None
    cards: tuple[str, ...] = ()


def film_recipe(
    pieces: Sequence[FilmPiece], tags: FilmTags, finish: Finish = NO_FINISH, music: Music | None = None
) -> str:
    """Return a hash of everything that the joined film is made of: clips, their order, cuts, subtitles, and the source
    of its pictures. A new title alone does not change it."""
    jobs = [[each.sha256, [_shot_recipe(shot) for shot in each.job.shots]] for each in pieces]
    made_of: list[object] = [JOINER_VERSION, jobs, tags.source, tags.models, tags.chapters]
    if tags.language:
        made_of.append(tags.language)
    if finish != NO_FINISH:
        made_of.append([finish.loudness, finish.burn_in])
    if music is not None:
        made_of.append([hash_of(music.path), str(music.start.normalize()), str(music.gain.normalize())])
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()


def _shot_recipe(shot: Shot) -> list[object]:
    beside = shot.beside
    part = [str(shot.part.start), str(shot.part.end)] if shot.part else None
    transition = [shot.transition.written] if shot.transition else []
    return [shot.address, str(shot.seconds), part, beside.say, beside.captions, *transition]


def render_manifest(
    cut: Timeline, names: FilmNames, films: Films, sheet: str, takes: Takes, *, formats: Mapping[str, ClipFormat]
) -> str:
    """Return the manifest's text, one line per job. The same build gives the same text."""
    draft = _film(names.draft, films.draft)
    head: dict[str, Any] = {
        "version": VERSION,
        "title": cut.story.title,
        "seconds": _number(cut.seconds),
        "complete": films.film is not None,
        "film": _film(names.film, films.film),
        "draft": draft and {**draft, "jobs": len(cut.jobs), "cards": list(films.cards)},
        "last_film": _film(names.film, films.last) if films.film is None else None,
        "sheet": {"file": "index.html", "recipe": sheet},
    }
    lines = [f" {plain_json(name)}: {plain_json(value)}," for name, value in head.items()]
    jobs = ",\n".join("  " + plain_json(_job(job, formats) | _takes(job, takes)) for job in cut.jobs)
    return "\n".join(["{", *lines, ' "jobs": [', jobs, " ]", "}", ""])


def render_unfinished(names: FilmNames, last: FilmFile | None, writing: Sequence[str], clips: Mapping[str, str]) -> str:
    """Return the manifest while a build replaces files: it vouches only for the last complete film and `clips`, hashes
    by file name. `writing` are the names of films and drafts that the build may leave behind if it is killed."""
    head: dict[str, Any] = {
        "version": VERSION,
        "complete": False,
        "film": None,
        "draft": None,
        "last_film": _film(names.film, last),
        "sheet": {"file": "index.html", "recipe": "0" * 64},
        "writing": list(writing),
        "jobs": [{"content": "0" * 64, "clip": f"clips/{name}", "sha256": sha256} for name, sha256 in clips.items()],
    }
    return plain_json(head) + "\n"


def _film(name: str, film: FilmFile | None) -> dict[str, Any] | None:
    if film is None:
        return None
    return {
        "file": name,
        "bytes": film.size,
        "recipe": film.recipe,
        "ends": [str(end) for end in film.ends],
        "bought": film.bought,
    }


def _job(job: CutJob, formats: Mapping[str, ClipFormat]) -> dict[str, Any]:
    there = job.clip is not None
    media = formats.get(job.result.sha256 or "")
    return {
        "id": job.job.id,
        "key": job.result.key,
        "content": job.job.content,
        "state": "done" if there else str(job.result.state),
        "clip": f"clips/{job.file}" if there else None,
        "sha256": job.result.sha256 if there else None,
        **({"lasts": str(job.lasts)} if job.lasts is not None else {}),
        **({"media": format_document(media)} if there and media else {}),
        "seconds": _number(job.end - job.start),
        "in": _number(job.start),
        "out": _number(job.end),
        "shots": [
            {
                "address": each.shot.address,
                **({"free": each.shot.local.kind} if each.shot.local else {}),
                "seconds": _number(Fraction(each.shot.seconds)),
                "in": _number(each.start),
                "out": _number(each.end),
            }
            for each in job.shots
        ],
    }


def _takes(job: CutJob, takes: Takes) -> dict[str, Any]:
    kept = [{"take": each.number, "clip": take_file(job, each), "sha256": each.sha256} for each in others(job, takes)]
    return {"takes": kept} if kept else {}


def _number(seconds: Fraction) -> int | float:
    """To the millisecond."""
    if seconds.denominator == 1:
        return seconds.numerator
    milliseconds = round(seconds * 1000)
    return milliseconds // 1000 if milliseconds % 1000 == 0 else milliseconds / 1000


def read_manifest(folder: Path) -> Left:
    """Return what the folder's manifest says about the last build; empty if there is no valid one."""
    try:
        document = json.loads(read_file(folder / NAME))
        return _left(document) if document["version"] == VERSION else Left()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Left()


def _left(document: Mapping[str, Any]) -> Left:
    """Parse a manifest; raises ValueError if a field is malformed."""
    films = [document["film"], document.get("last_film"), document.get("draft")]
    current, last, draft = (_film_file(film) if film else None for film in films)
    sheet, writing = document["sheet"]["recipe"], document.get("writing", [])
    clips = [*document["jobs"], *(take for job in document["jobs"] for take in job.get("takes", ()))]
    there = {Path(each["clip"]).name: each["sha256"] for each in clips if each["clip"]}
    contents = tuple(job["content"] for job in document["jobs"])
    with_clip = [job for job in document["jobs"] if job["clip"]]
    media = {job["sha256"]: parse_format(job["media"]) for job in with_clip if job.get("media")}
    if not all(map(is_sha256, (*there.values(), *contents, sheet))):
        raise ValueError("a hash")
    if not all(map(is_file_name, writing)):
        raise ValueError("a file's name")
    return Left(
        film=current or last,
        film_is_current=current is not None,
        draft=draft,
        sheet=sheet,
        clips=there,
        formats={sha256: found for sha256, found in media.items() if found is not None},
        jobs={
            job["content"]: LeftJob(Path(job["clip"]).name, job["sha256"], job["key"])
            for job in with_clip
            if is_name(job.get("key"))
        },
        contents=contents,
        files=frozenset((*(film["file"] for film in films if film), *writing)),
    )


def _film_file(film: Mapping[str, Any]) -> FilmFile:
    ends = film["ends"]
    is_known = is_sha256(film["recipe"]) and is_count(film["bytes"], most=LARGEST_FILM) and is_file_name(film["file"])
    if not is_known:
        raise ValueError("a field of the film")
    if not all(isinstance(end, str) and _FRACTION.fullmatch(end) for end in ends):
        raise ValueError("the end of a clip")
    return FilmFile(film["recipe"], film["bytes"], tuple(Fraction(end) for end in ends), film.get("bought") is True)
