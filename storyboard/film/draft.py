"""The draft: an incomplete film, joined with an animatic card for each job without a clip."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from storyboard.fast_dataclasses import dataclass, replace
from storyboard.files.writing import PART
from storyboard.film.timeline import CutJob, Timeline
from storyboard.media.render_options import RENDERER_VERSION, RenderOptions
from storyboard.run.result import JobResult

_FEW = 3
"""How many jobs are named individually."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft on disk: its number of jobs, and the ids of those that are cards because their clip is missing."""

    file: Path
    jobs: int
    cards: tuple[str, ...]

    @property
    def words(self) -> str:
        """`7 of 8 jobs; quay#2 is a card`."""
        there = f"{self.jobs - len(self.cards)} of {self.jobs} {'job' if self.jobs == 1 else 'jobs'}"
        if not self.cards:
            return there
        named = ", ".join(self.cards[:_FEW])
        if len(self.cards) > _FEW:
            named += f" and {len(self.cards) - _FEW} more"
        return f"{there}; {named} {'is a card' if len(self.cards) == 1 else 'are cards'}"


def missing_jobs(cut: Timeline) -> tuple[str, ...]:
    """Return the ids of the jobs without a clip."""
    return tuple(job.job.id for job in cut.jobs if job.clip is None and not job.is_free)


def with_cards(cut: Timeline, folder: Path) -> Timeline:
    """Return the film with a card in place of each missing clip. The cards are not rendered yet."""
    jobs = (_with_card(job, folder / f".card-{number}{PART}") for number, job in enumerate(cut.jobs))
    return replace(cut, jobs=tuple(jobs))


def _with_card(job: CutJob, card: Path) -> CutJob:
    if job.clip is not None or not isinstance(job.result, JobResult):
        return job
    return replace(job, result=replace(job.result, clip=card, sha256=f"card {RENDERER_VERSION} {job.job.content}"))


def render_cards(before: Timeline, after: Timeline) -> tuple[Path, ...]:
    """Render the cards that `after` has and `before` lacks, as large as the first clip that is there."""
    from storyboard.media.animatic import render_animatic  # brings the encoder: only where a draft is made
    from storyboard.providers.animatic import cards_of, ratio_of

    look = _look_of([job.clip for job in before.jobs if job.clip is not None])
    made = []
    for job, filled in zip(before.jobs, after.jobs, strict=True):
        if job.clip is None and filled.clip is not None and isinstance(job.result, JobResult):
            request = job.result.job.request
            render_animatic(cards_of(request), ratio_of(request), filled.clip, look)
            made.append(filled.clip)
    return tuple(made)


def _look_of(clips: Sequence[Path]) -> RenderOptions:
    from storyboard.media.probe import probe

    first = probe(clips[0])
    return RenderOptions(longer_side=max(first.width, first.height), fps=max(1, round(first.fps)))
