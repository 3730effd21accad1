"""What Kirin would be sent of a job."""

from __future__ import annotations

from storyboard.cards.model_card import Json
from storyboard.jobs.job import Job
from storyboard.providers.kirin.gateway import Kirin
from storyboard.providers.protocol import Order


def payload_of(job: Job) -> dict[str, Json]:
    """The payload, by the built-in cards."""
    return Kirin().payload(Order("sb-test", job.request, job.written, job.transport))
