"""Compiled jobs, and blocks of a lock that tell of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from storyboard.cards import builtin_cards
from storyboard.jobs.compile import compile_story
from storyboard.jobs.job import Job
from storyboard.jobs.key import job_key
from storyboard.jobs.lock import EMPTY_LOCK, Block, Lock
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.story.story import Shot
from tests.support.past import WHOSE
from tests.support.shots import story


def jobs_of(shots: Sequence[Shot], lock: Lock = EMPTY_LOCK) -> tuple[Job, ...]:
    """The jobs of a story of these shots, which must have no errors."""
    outcome = compile_story(story(shots), builtin_cards(), lock)
    assert outcome.value is not None, outcome.diagnostics
    return outcome.value


def block(job: Job, **more: Any) -> Block:
    """A block that tells of a running task of the job."""
    running = Block(
        shots=job.addresses,
        content=job.content,
        base=job.base,
        take=job.take,
        provider=WHOSE.provider,
        base_url=WHOSE.base_url,
        dialect=WHOSE.dialect,
        attempt=1,
        task="t",
        clip=None,
        seconds=job.seconds,
        cost=Decimal("0.5"),
        state=PurchaseState.SUBMITTED,
        key=job_key(job, "kirin"),
    )
    return replace(running, **more)
