"""Explain why a job has to be bought: what changed since the story's previous jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from storyboard.cards.model_card import Catalog
from storyboard.jobs.canonical import canonical
from storyboard.jobs.job import Job
from storyboard.jobs.request import Request, settings_of
from storyboard.plan.previous_jobs import Before, PreviousJobs
from storyboard.source import Span

MOST_NAMED = 3


class Reasons:
    """The reasons for all jobs of one story."""

    def __init__(self, jobs: Sequence[Job], catalog: Catalog, memory: PreviousJobs) -> None:
        self._catalog = catalog
        self._memory = memory
        self._now = {address for job in jobs for address in job.addresses}
        self._newcomers = {
            scene: [address for job in group for address in job.addresses if memory.holding(address) is None]
            for scene, group in groupby(jobs, key=lambda job: job.scene)
        }
        self._lines = _lines_of_settings(jobs)

    def why(self, job: Job) -> str:
        """Return the reason in the author's words."""
        others = self._memory.takes(job.base) - {job.take}
        if others:
            return f"new take: {job.take}"
        before = self._memory.of_shots(job.addresses)
        if before is not None:
            return ", ".join(self._changes(before, job)) or "rendered in a different way than before"
        if all(self._memory.holding(address) is None for address in job.addresses):
            return "new"
        return self._repacked(job)

    def _repacked(self, job: Job) -> str:
        inserted = [address for address in job.addresses if self._memory.holding(address) is None]
        if inserted:
            return f"repacked: {_listed(inserted, 'was', 'were')} inserted"
        befores = [before for address in job.addresses if (before := self._memory.holding(address))]
        once = dict.fromkeys(address for before in befores for address in before.addresses)
        removed = [address for address in once if address not in self._now]
        if removed:
            return f"repacked: {_listed(removed, 'was', 'were')} removed"
        beside = self._newcomers.get(job.scene, [])
        if beside:
            return f"repacked: {_listed(beside, 'was', 'were')} inserted"
        return "repacked: its shots share jobs differently than before"

    def _changes(self, before: Before, job: Job) -> Iterator[str]:
        if before.request is None:
            yield "its text or its settings changed"
            return
        if before.request.model != job.model:
            yield "`model` changed"
        pairs = list(zip(job.addresses, before.request.shots, job.request.shots, strict=False))
        prompts = [address for address, (was, _), (now, _) in pairs if was != now]
        if prompts:
            yield f"{'prompt' if len(prompts) == 1 else 'prompts'} of {_listed(prompts)} changed"
        lengths = [address for address, (_, was), (_, now) in pairs if was != now]
        if lengths:
            yield f"length of {_listed(lengths)} changed"
        yield from self._settings(before.request, job)

    def _settings(self, before: Request, job: Job) -> Iterator[str]:
        card = self._catalog[job.model]
        was, now = settings_of(card, before.settings), job.request.settings
        if before.negative != job.request.negative:
            yield "shared negatives changed"
        for name in card.parameters:
            if canonical(was.get(name)) != canonical(now.get(name)):
                yield f"`{name}` changed{self._level(job, name)}"

    def _level(self, job: Job, parameter: str) -> str:
        """Return the level of a setting's line, inferred from the shots that it affects."""
        spans = {shot.setting_spans.get(parameter) for shot in job.shots}
        span = next(iter(spans))
        if len(spans) > 1 or span is None:
            return ""
        reach = self._lines.get(span, Counter())
        if reach.total() == len(self._now):
            return " in the story"
        return f" in scene `{job.scene}`" if len(reach) == 1 and reach.total() > len(job.shots) else ""


def _lines_of_settings(jobs: Sequence[Job]) -> dict[Span, Counter[str]]:
    """Count, for each setting's line, the shots of each scene that it affects."""
    lines: dict[Span, Counter[str]] = {}
    for job in jobs:
        for shot in job.shots:
            for span in shot.setting_spans.values():
                lines.setdefault(span, Counter())[job.scene] += 1
    return lines


def _listed(addresses: Sequence[str], one: str = "", many: str = "") -> str:
    """Return `a`, `b` and `c`, or a count if there are more."""
    verb = one if len(addresses) == 1 else many
    if len(addresses) > MOST_NAMED:
        names = f"{len(addresses)} shots"
    else:
        *head, last = [f"`{address}`" for address in addresses]
        names = f"{', '.join(head)} and {last}" if head else last
    return f"{names} {verb}".strip()
