"""What names a job: `base`, `content` and `key`, hashes of what makes its picture and of nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

from storyboard.cards.model_card import Json, ModelCard
from storyboard.jobs.canonical import canonical, quoted

if TYPE_CHECKING:
    from storyboard.jobs.job import Job

KEY_VERSION = 1
"""Raised when the definition below changes; results of older versions stay where they are."""

_LEFT_OUT = frozenset(["model", "callback_url", "external_task_id"])


def filled_in(card: ModelCard, payload: Mapping[str, Json]) -> dict[str, Json]:
    """What enters the hashes: the payload with the card's defaults, without `model` and anything of transport."""
    left_out = card.transports | _LEFT_OUT
    return {name: value for name, value in {**card.defaults, **payload}.items() if name not in left_out}


def base_of(model: str, picture: str) -> str:
    """The content without take; `picture` is the canonical JSON of the payload filled in."""
    return _hash(f"{_head(model, picture)}}}")


def content_of(model: str, picture: str, take: int) -> str:
    """What packing and the lock match by: the same for every provider."""
    return _hash(f'{_head(model, picture)},"take":{take}}}')


def key_of(model: str, picture: str, take: int, provider: str) -> str:
    """What the ledger and the store know a result by."""
    return _hash(f'{_head(model, picture)},"provider":{canonical(provider)},"take":{take}}}')


def job_key(job: Job, provider: str) -> str:
    """A job's key with a provider; `provider` names all that changes its picture (`kirin`, `animatic/1`)."""
    return key_of(job.model, canonical(job.picture), job.take, provider)


def _head(model: str, picture: str) -> str:
    return f'{{"key_version":{KEY_VERSION},"model":{quoted(model)},"payload":{picture}'


def _hash(document: str) -> str:
    return sha256(document.encode()).hexdigest()
