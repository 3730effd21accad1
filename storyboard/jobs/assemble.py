"""Build the jobs of one stretch: packed, with requests and hashes."""

from __future__ import annotations

from collections.abc import Sequence

from storyboard.jobs.existing_jobs import Reuse
from storyboard.jobs.job import Job
from storyboard.jobs.key import base_of, content_of
from storyboard.jobs.packable_run import PackableRun, parameters_of
from storyboard.jobs.packing import pack
from storyboard.jobs.request import request_of
from storyboard.jobs.request_texts import RequestTexts
from storyboard.story.story import Shot


def jobs_of(stretch: PackableRun, reuse: Reuse, number: int = 1) -> tuple[Job, ...] | None:
    """Return a stretch's jobs, numbered from `number` within the scene; None if no jobs can hold it. Its shots must
    have been checked: whole seconds, none damaged.
    """
    pieces = [stretch.piece(shot) for shot in stretch.shots]
    texts = RequestTexts(stretch)
    existing = reuse.windows(stretch, pieces, texts)
    sizes = pack(pieces, stretch.room, lambda start, end: (start, end) in existing)
    if sizes is None:
        return None
    jobs: list[Job] = []
    start = 0
    for size in sizes:
        shots = stretch.shots[start : start + size]
        jobs.append(_job(stretch, shots, texts.of(start, start + size), reuse, number + len(jobs)))
        start += size
    return tuple(jobs)


def _job(stretch: PackableRun, shots: Sequence[Shot], text: str, reuse: Reuse, number: int) -> Job:
    card = stretch.card
    written = parameters_of(shots)
    base = base_of(text)
    take = reuse.take(shots, base)
    return Job(
        id=f"{shots[0].scene}#{number}",
        scene=shots[0].scene,
        shots=tuple(shots),
        request=request_of(card, shots, written, stretch.negative),
        base=base,
        take=take,
        content=content_of(text, take),
        written=frozenset(written) - card.transports,
        transport={name: value for name, value in written.items() if name in card.transports},
        max_clip_bytes=card.max_clip_bytes,
    )
