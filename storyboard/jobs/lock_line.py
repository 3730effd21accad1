"""A line of a lock, as JSON. Its schema is made from this; no command that reads a lock needs it."""

from __future__ import annotations

from typing import TypedDict


class LockLine(TypedDict):
    """A job that was bought, or that is being bought. Hashes are in hexadecimal; `cost` is in US dollars, as a text."""

    shots: list[str]
    content: str
    base: str
    take: int
    provider: str
    base_url: str
    dialect: str
    attempt: int
    task: str | None
    clip: str | None
    seconds: int
    cost: str | None
    state: str
    key: str
