"""Runs with real clips: a story's jobs rendered small, as a run would leave them in a store."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from storyboard.cards import load_catalog
from storyboard.film import Film
from storyboard.jobs.compile import compile_story
from storyboard.jobs.job import Job
from storyboard.media.animatic import render_animatic
from storyboard.media.render_options import Card, RenderOptions
from storyboard.providers.animatic import cards_of, ratio_of
from storyboard.run.result import JobError, JobResult, JobState, RunResult
from storyboard.story.story import Story

SMALL = RenderOptions(longer_side=160, fps=12)


def run_of(story: Story, store: Path, look: RenderOptions = SMALL, *, failed: Collection[str] = ()) -> RunResult:
    """Every job's clip rendered into `store`, but for the jobs whose ids are in `failed`."""
    store.mkdir(exist_ok=True)
    jobs = compile_story(story, load_catalog(None)).value
    assert jobs is not None
    return RunResult(tuple(_failed(job) if job.id in failed else _rendered(job, store, look) for job in jobs))


def _failed(job: Job) -> JobResult:
    error = JobError("006001099", "the text was refused")
    return JobResult(job, job.content, JobState.FAILED, "refused", error=error, attempts=1)


@lru_cache(maxsize=256)
def _animatic(cards: tuple[Card, ...], ratio: str, look: RenderOptions) -> bytes:
    """The clip of these cards, rendered once for all tests."""
    with TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        render_animatic(cards, ratio, clip, look)
        return clip.read_bytes()


def _rendered(job: Job, store: Path, look: RenderOptions) -> JobResult:
    content = _animatic(tuple(cards_of(job.request)), ratio_of(job.request), look)
    sha256 = hashlib.sha256(content).hexdigest()
    clip = store / f"{sha256}.mp4"
    clip.unlink(missing_ok=True)
    clip.write_bytes(content)
    clip.chmod(0o600)
    return JobResult(job, job.content, JobState.BUILT, "new", clip=clip, sha256=sha256)


def without(result: RunResult, *ids: str) -> RunResult:
    """The same run, these jobs still running."""
    jobs = (
        replace(each, clip=None, sha256=None, state=JobState.RUNNING) if each.job.id in ids else each
        for each in result.jobs
    )
    return replace(result, jobs=tuple(jobs))


def watchable(film: Film) -> Path:
    """The film, or the draft of one whose jobs are not all there."""
    if film.film is not None:
        return film.film
    assert film.draft is not None
    return film.draft.file
