"""The provenance of a film as JSON: for each clip its source line, what was sent, the task, the price, its SHA-256."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from storyboard.files.relative import relative
from storyboard.film.exported_film import ExportedFilm
from storyboard.film.frame_timeline import FrameJob
from storyboard.film.source_types import film_tags, source_type_of
from storyboard.jobs.job import Job
from storyboard.media.film_tags import SourceType
from storyboard.media.mp4 import carries_credentials
from storyboard.plain_text import plain, plain_json
from storyboard.store.clips import sha256_of
from storyboard.story.story import Shot

VERSION = 1


class StorySource(TypedDict):
    """The story's file. `as_committed` says whether its files are as the commit that is checked out has them; both are
    null where git knows nothing of the story."""

    file: str
    commit: str | None
    as_committed: bool | None


class FilmSource(TypedDict):
    """The joined film: its hash, where its pictures come from, and the models that made them."""

    file: str
    sha256: str
    digital_source_type: str
    models: list[str]


class ShotSource(TypedDict):
    """A shot: its line in the story, its prompt, and what it is made from where it is not bought."""

    address: str
    source: str
    prompt: str
    made_from: NotRequired[str]
    from_file: NotRequired[str]


class ClipSource(TypedDict):
    """A clip, with the frames of the film that it fills, from the first to before the second.

    `content_credentials` says whether the file carries a C2PA manifest of its maker. What is not known is null.
    `request` is what `content` is a hash of, together with the take."""

    job: str
    file: str | None
    sha256: str | None
    digital_source_type: str | None
    content_credentials: bool | None
    model: str | None
    content: str
    key: str
    take: int
    provider: str | None
    task: str | None
    cost_usd: str | None
    frames: list[int]
    shots: list[ShotSource]
    request: dict[str, Any] | None


class Provenance(TypedDict):
    """Where a film comes from."""

    version: int
    title: str
    story: StorySource
    film: FilmSource | None
    clips: list[ClipSource]


def to_provenance(film: ExportedFilm) -> str:
    """Return the document as JSON, a line a clip."""
    document = provenance_of(film)
    lines = [f" {plain_json(name)}: {plain_json(value)}," for name, value in document.items() if name != "clips"]
    clips = ",\n".join(f"  {plain_json(clip)}" for clip in document["clips"])
    return "\n".join(["{", *lines, ' "clips": [', clips, " ]", "}", ""])


def provenance_of(film: ExportedFilm) -> Provenance:
    """Return where the film comes from. A clip that is not there has no file and no hash."""
    bought = _bought(film)
    tags = film_tags(film.cut.story, [job.result for job in film.cut.jobs], bought)
    commit = film.commit
    joined: FilmSource | None = None
    if film.film_file is not None:
        joined = {
            "file": film.film_file.name,
            "sha256": sha256_of(film.film_file),
            "digital_source_type": tags.source.address,
            "models": list(tags.models),
        }
    return {
        "version": VERSION,
        "title": plain(film.cut.story.title),
        "story": {
            "file": _path(film.cut.story.path.name),
            "commit": commit.id if commit else None,
            "as_committed": commit.is_unchanged if commit else None,
        },
        "film": joined,
        "clips": [_clip(film, job, job.job.result.job.content in bought) for job in film.line.jobs],
    }


def _bought(film: ExportedFilm) -> frozenset[str]:
    """Return the contents of the jobs whose clip is the one that the lock names as bought."""
    there = ((job.job.content, job.result.sha256, film.bought.get(job.job.content)) for job in film.cut.jobs)
    return frozenset(content for content, sha256, block in there if block and sha256 and block.clip == sha256)


def _clip(film: ExportedFilm, placed: FrameJob, is_bought: bool) -> ClipSource:
    job = placed.job.job
    block = film.bought.get(job.content)
    known = source_type_of(placed.job.result, {job.content} if is_bought else ())
    there = placed.job.clip is not None
    return {
        "job": job.id,
        "file": film.relative_path(placed.job.clip) if placed.job.clip is not None else None,
        "sha256": placed.job.result.sha256 if there else None,
        "digital_source_type": known.address if there else None,
        "content_credentials": _carries_credentials(placed.job.clip),
        "model": job.model if known is SourceType.TRAINED else None,
        "content": job.content,
        "key": placed.job.result.key,
        "take": job.take,
        "provider": block.provider if block else None,
        "task": block.task if block else None,
        "cost_usd": f"{block.cost:f}" if block and block.cost is not None else None,
        "frames": [placed.start, placed.end],
        "shots": list(_shots(film, job.shots)),
        "request": job.request.document if isinstance(job, Job) else None,
    }


def _carries_credentials(clip: Path | None) -> bool | None:
    try:
        return None if clip is None else carries_credentials(clip)
    except OSError:
        return None


def _shots(film: ExportedFilm, shots: tuple[Shot, ...]) -> Iterator[ShotSource]:
    for shot in shots:
        about: ShotSource = {"address": plain(shot.address), "source": _source(film, shot), "prompt": shot.prompt}
        if shot.local is not None:
            about |= {"made_from": shot.local.kind, "from_file": shot.local.file}
        yield about


def _source(film: ExportedFilm, shot: Shot) -> str:
    """`river.story:31`, relative to the story's folder."""
    span = shot.origin.span
    path = relative(span.source.path, film.cut.story.path.parent)
    return f"{_path(path)}:{span.position.line}"


def _path(path: str) -> str:
    return plain(os.fsencode(path).decode("utf-8", "replace"))
