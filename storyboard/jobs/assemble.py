"""The jobs of one stretch: packed, then written out with their hashes."""

from __future__ import annotations

from collections.abc import Sequence

from storyboard.jobs.existing_jobs import Reuse
from storyboard.jobs.job import Job
from storyboard.jobs.key import base_of, content_of, filled_in
from storyboard.jobs.packable_run import Stretch, parameters_of
from storyboard.jobs.packing import pack
from storyboard.jobs.payload import part_of, payload_of, transport_of
from storyboard.jobs.pictures import Pictures
from storyboard.story.story import Shot


def jobs_of(stretch: Stretch, reuse: Reuse, number: int = 1) -> tuple[Job, ...] | None:
    """A stretch's jobs, the first of them the scene's `number`th; None where no jobs can hold it.

    Its shots must be judged: whole seconds, none damaged.
    """
    pieces = [stretch.piece(shot) for shot in stretch.shots]
    pictures = Pictures(stretch)
    existing = reuse.windows(stretch, pieces, pictures)
    sizes = pack(pieces, stretch.room, lambda start, end: (start, end) in existing)
    if sizes is None:
        return None
    jobs: list[Job] = []
    start = 0
    for size in sizes:
        shots = stretch.shots[start : start + size]
        seconds = sum([piece.seconds for piece in pieces[start : start + size]])
        text = pictures.of(start, start + size, seconds)
        jobs.append(_job(stretch, shots, text, reuse, number + len(jobs)))
        start += size
    return tuple(jobs)


def _job(stretch: Stretch, shots: Sequence[Shot], picture: str, reuse: Reuse, number: int) -> Job:
    card = stretch.card
    parts = [part_of(shot) for shot in shots]
    parameters = parameters_of(shots)
    payload = payload_of(card, parts, parameters, stretch.negative)
    base = base_of(card.name, picture)
    take = reuse.take(shots, base)
    return Job(
        id=f"{shots[0].scene}#{number}",
        scene=shots[0].scene,
        shots=tuple(shots),
        seconds=sum([part.seconds for part in parts]),
        model=card.name,
        payload=payload,
        base=base,
        take=take,
        content=content_of(card.name, picture, take),
        picture=filled_in(card, payload),
        transport=transport_of(card, parameters),
    )
