"""Hints beside the lines: the length of a prompt against its limit, where jobs begin, what a scene costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain

from lsprotocol import types

from storyboard.cards.model_card import Catalog, ModelCard
from storyboard.jobs.job import Job
from storyboard.jobs.limits import prompt_limit
from storyboard.jobs.lock import Lock
from storyboard.lsp.live_check import LiveReport
from storyboard.lsp.positions import PositionCodec
from storyboard.money import dollars
from storyboard.report.style import counted
from storyboard.source import Span
from storyboard.story.story import Shot
from storyboard.syntax.tree import SceneDecl, StoryDecl


def limit_of(card: ModelCard, shot: Shot, job: Job | None) -> int:
    """Return how many characters a shot's prompt may have: in a job of several shots, or alone; before it is in a job,
    what lint allows."""
    if job is None or card.shared_job is None:
        return prompt_limit(card, shot)
    return card.shared_job.max_prompt if len(job.shots) > 1 else card.max_prompt


def price_of(jobs: Iterable[Job], catalog: Catalog) -> Decimal | None:
    """Return what jobs cost by their cards, in US dollars; None if a card states no price."""
    prices = []
    for job in jobs:
        per_second = catalog[job.model].price_per_second(job.request.settings)
        if per_second is None:
            return None
        prices.append(per_second * job.seconds)
    return sum(prices, Decimal(0))


def shots_by_header(report: LiveReport) -> dict[Span, list[Shot]]:
    """Return the shots of a story by the line of their header; several shots share one in a template or a loop."""
    shots: dict[Span, list[Shot]] = defaultdict(list)
    for file in report.compiled.files if report.compiled else ():
        for shot in file.story.shots if file.story else ():
            shots[shot.origin.span].append(shot)
    return shots


def jobs_by_address(report: LiveReport) -> dict[str, Job]:
    """Return the job of each shot; empty if there are errors."""
    return {address: job for job in (report.story.jobs if report.story else ()) for address in job.addresses}


def inlay_hints(report: LiveReport, start: int, end: int, codec: PositionCodec) -> Iterator[types.InlayHint]:
    """Return the hints at the ends of the `shot` lines between two offsets."""
    if report.project is None:
        return
    catalog, jobs = report.project.catalog, jobs_by_address(report)
    for header, shots in shots_by_header(report).items():
        if header.source.path != report.path or header.end < start or header.start > end:
            continue
        label = " · ".join(_parts(shots, jobs, catalog))
        if label:
            place = codec.position(header.source.text, header.end)
            yield types.InlayHint(place, label, padding_left=True)


def _parts(shots: Sequence[Shot], jobs: dict[str, Job], catalog: Catalog) -> Iterator[str]:
    bought = [shot for shot in shots if shot.local is None and shot.model in catalog and shot.prompt]
    if bought:
        limits = [limit_of(catalog[shot.model], shot, jobs.get(shot.address)) for shot in bought]
        shot, limit = max(zip(bought, limits, strict=True), key=lambda each: len(each[0].prompt) / each[1])
        yield f"{len(shot.prompt)}/{limit}"
    job = jobs.get(shots[0].address)
    if len(shots) > 1:
        yield f"{len(shots)} shots"
    elif job is not None and job.addresses[0] == shots[0].address:
        yield f"{job.seconds} s"
        yield f"job {job.id}"


def lenses(report: LiveReport, codec: PositionCodec) -> Iterator[types.CodeLens]:
    """Return a line above the story and above each scene: how many shots, how long, and at what price.

    After errors, jobs and prices are left out but the lines stay: the text would jump whenever a word is half typed.
    """
    for statement in report.file.statements if report.file else ():
        if isinstance(statement, StoryDecl | SceneDecl):
            scene = statement.name.text if isinstance(statement, SceneDecl) else None
            yield types.CodeLens(codec.range(statement.span), types.Command(_title(report, scene), ""))


def _title(report: LiveReport, scene: str | None) -> str:
    """Return the line above a scene; above the story if `scene` is None."""
    if report.story is not None and report.project is not None:
        shots = [shot for shot in report.story.story.shots if scene in (None, shot.scene)]
        jobs = [job for job in report.story.jobs if scene in (None, job.scene)]
        return " · ".join(_summary(shots, jobs, report.project.catalog, report.story.lock))
    expanded = (
        chain.from_iterable(file.story.shots for file in report.compiled.files if file.story) if report.compiled else ()
    )
    shots = [shot for shot in expanded if scene in (None, shot.scene)]
    return " · ".join([*(_extent(shots) if shots else ()), "no jobs while there are errors"])


def is_bought(job: Job, lock: Lock) -> bool:
    """Whether the lock names a clip of the job."""
    block = lock.blocks.get(job.content)
    return block is not None and block.clip is not None


def _summary(shots: Sequence[Shot], jobs: Sequence[Job], catalog: Catalog, lock: Lock) -> Iterator[str]:
    yield from _extent(shots)
    if jobs:
        yield counted(len(jobs), "job")
        price = price_of(jobs, catalog)
        if price is not None:
            yield dollars(price)
        missing = sum(not is_bought(job, lock) for job in jobs)
        yield f"{missing} to buy" if missing else "bought"


def _extent(shots: Sequence[Shot]) -> Iterator[str]:
    """Return how many shots there are, and how long they are in the film."""
    yield counted(len(shots), "shot")
    seconds = sum((shot.film_seconds - shot.overlap for shot in shots), Decimal(0))
    yield f"{seconds.normalize():f} s"
