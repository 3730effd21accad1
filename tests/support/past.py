"""A past made by hand: attempts and clips, with the clock moved by hand too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from storyboard.jobs.job import Job
from storyboard.jobs.key import job_key
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.store import Attempt, StoryRef, Whose
from storyboard.store.price_class import price_class_of

STORY = StoryRef("/film", "night.story")
WHOSE = Whose("kirin", "https://gateway.test", "generation", "0123456789abcdef")


@dataclass
class FakePast:
    """Satisfies `Past`: it is its own ledger and its own clips."""

    attempts: list[Attempt] = field(default_factory=list)
    clip_names: set[str] = field(default_factory=set)

    @property
    def ledger(self) -> FakePast:
        return self

    @property
    def clips(self) -> FakePast:
        return self

    def has(self, sha256: str) -> bool:
        return sha256 in self.clip_names

    def history(self, keys: Iterable[str]) -> Mapping[str, tuple[Attempt, ...]]:
        wanted = set(keys)
        found: dict[str, tuple[Attempt, ...]] = {}
        for attempt in self.attempts:
            if attempt.key in wanted:
                found[attempt.key] = (*found.get(attempt.key, ()), attempt)
        return found

    def of_story(self, story: StoryRef) -> tuple[Attempt, ...]:
        return tuple(attempt for attempt in self.attempts if attempt.story == story)

    def durations(self, rate: str, latest: int = 50) -> list[tuple[int, float]]:
        return [(a.seconds, a.took) for a in self._of_rate(rate) if a.took is not None][:latest]

    def charges(self, rate: str, latest: int = 50) -> list[tuple[int, Decimal]]:
        return [(a.seconds, a.charged) for a in self._of_rate(rate) if a.charged is not None][:latest]

    def bought(self, job: Job, state: PurchaseState = PurchaseState.DONE, **more: Any) -> Attempt:
        """Writes an attempt at a job; a done one's clip is there."""
        at = float(len(self.attempts))
        attempt = Attempt(
            key=job_key(job, "kirin"),
            number=1,
            external_id=f"sb-{job.content[:8]}-{len(self.attempts)}",
            whose=WHOSE,
            story=STORY,
            state=state,
            content=job.content,
            addresses=job.addresses,
            seconds=job.seconds,
            model=job.model,
            request=job.request,
            run="r",
            opened_at=at,
            take=job.take,
            base=job.base,
            task="t",
            rate=price_class_of(job.request),
        )
        if state is PurchaseState.DONE:
            attempt = replace(attempt, clip=f"clip of {job.content}")
            self.clip_names.add(f"clip of {job.content}")
        attempt = replace(attempt, **more)
        self.attempts.append(attempt)
        return attempt

    def _of_rate(self, rate: str) -> list[Attempt]:
        return [a for a in reversed(self.attempts) if a.rate == rate]
