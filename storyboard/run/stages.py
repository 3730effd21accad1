"""Where the getting of a job is: each stage's function gives the next stage, or the job's outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from storyboard.providers.answers import Task, Unclear
from storyboard.run.policy import Cause
from storyboard.run.result import JobResult
from storyboard.store import Attempt

FORGOTTEN = Unclear("no answer to its submit is known")
"""The cause, where the process that sent it is gone."""


@dataclass(frozen=True, slots=True)
class Buy:
    """Attempt `number` is to be made. `tries` counts how often the gateway was not reached for it, `waited` the seconds
    that it made us wait for its rate."""

    number: int
    tries: int = 0
    waited: float = 0.0


@dataclass(frozen=True, slots=True)
class Seek:
    """It may have been sent; nobody knows what became of it. `tries` counts resends that did not leave."""

    attempt: Attempt
    cause: Cause = FORGOTTEN
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Follow:
    """Its task is known. `task` is what was said of it and not judged yet; `fresh`: nobody has asked about it yet.

    `ends_at` is when its time is over (monotonic seconds). `troubles` counts answers in a row that said nothing,
    `empty` those that said it was completed and gave no address, `asked` the addresses that were no longer good,
    `wrong` the downloads that were not what was promised.
    """

    attempt: Attempt
    task: Task | None = None
    fresh: bool = False
    ends_at: float = -1.0
    troubles: int = 0
    empty: int = 0
    asked: int = 0
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class Fetch:
    """Its task is completed, and has given an address. `received` bytes of the clip are here."""

    follow: Follow
    url: str
    received: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """Its task failed, which is written down."""

    attempt: Attempt


Stage: TypeAlias = Buy | Seek | Follow | Fetch | Failed
Next: TypeAlias = Stage | JobResult
