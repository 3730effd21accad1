"""The jobs of one stretch: packed, then written out with their hashes."""

from __future__ import annotations

from collections.abc import Sequence

from storyboard.jobs.canonical import canonical
from storyboard.jobs.job import Job
from storyboard.jobs.key import base_of, content_of, filled_in
from storyboard.jobs.packing import pack
from storyboard.jobs.payload import part_of, payload_of, transport_of
from storyboard.jobs.reuse import Reuse
from storyboard.jobs.stretch import Stretch, parameters_of
from storyboard.story.model import Shot


def jobs_of(stretch: Stretch, reuse: Reuse, number: int = 1) -> tuple[Job, ...] | None:
    """A stretch's jobs, the first of them the scene's `number`th; None where no jobs can hold it.

    Its shots must be judged: whole seconds, none damaged.
    """
    existing = reuse.windows(stretch)
    pieces = [stretch.piece(shot) for shot in stretch.shots]
    sizes = pack(pieces, stretch.room, lambda start, end: (start, end) in existing)
    if sizes is None:
        return None
    jobs: list[Job] = []
    at = 0
    for size in sizes:
        jobs.append(_job(stretch, stretch.shots[at : at + size], reuse, number + len(jobs)))
        at += size
    return tuple(jobs)


def _job(stretch: Stretch, shots: Sequence[Shot], reuse: Reuse, number: int) -> Job:
    card = stretch.card
    parts = [part_of(shot) for shot in shots]
    parameters = parameters_of(shots)
    payload = payload_of(card, parts, parameters, stretch.negative)
    picture = filled_in(card, payload)
    text = canonical(picture)
    base = base_of(card.name, text)
    take = reuse.take(shots, base)
    return Job(
        id=f"{shots[0].scene}#{number}",
        scene=shots[0].scene,
        shots=tuple(shots),
        seconds=sum(part.seconds for part in parts),
        model=card.name,
        payload=payload,
        base=base,
        take=take,
        content=content_of(card.name, text, take),
        picture=picture,
        transport=transport_of(card, parameters),
    )
