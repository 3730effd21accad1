"""The identity of a job: `base`, `content` and `key`, hashes of its request and of nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storyboard.files.sha256 import sha256_hex
from storyboard.jobs.canonical import canonical

if TYPE_CHECKING:
    from storyboard.jobs.job import Job

KEY_VERSION = 2
"""Raised when the definition below changes; results of older versions stay where they are."""


def base_of(request: str) -> str:
    """Return the content without take; `request` is the canonical JSON of the request's document."""
    return _hash(f'{_HEAD},"request":{request}}}')


def content_of(request: str, take: int) -> str:
    """Return the hash by which packing and the lock match jobs: the same for every provider."""
    return _hash(f'{_HEAD},"request":{request},"take":{take}}}')


def key_of(request: str, take: int, provider: str) -> str:
    """Return the hash by which the ledger and the store know a result."""
    return _hash(f'{_HEAD},"provider":{canonical(provider)},"request":{request},"take":{take}}}')


def job_key(job: Job, provider: str) -> str:
    """Return a job's key with a provider; `provider` names everything about it that changes the clip (`animatic/1`)."""
    return key_of(canonical(job.request.document), job.take, provider)


def external_id(key: str, take: int, number: int) -> str:
    """Return our own id of an attempt: the same on every machine, so that each finds what another has sent."""
    return f"sb-{key[:40]}-{take}-{number}"


_HEAD = f'{{"key_version":{KEY_VERSION}'


def _hash(document: str) -> str:
    return sha256_hex(document.encode())
