"""The stages of a purchase: each stage's function returns the next stage, or how the job ends in this run."""

from __future__ import annotations

from typing import TypeAlias

from storyboard.fast_dataclasses import dataclass
from storyboard.providers.answers import Task, Unclear
from storyboard.run.policy import Cause
from storyboard.run.result import JobResult
from storyboard.store import Attempt

FORGOTTEN = Unclear("the reply to its submit was never recorded")
"""The cause, where the process that sent it is gone."""


@dataclass(frozen=True, slots=True)
class Buy:
    """Attempt `number` is to be made.

    `tries` counts the failed connections to the gateway, `waited` the seconds that its rate limit made us wait.
    `looked`: its id was looked up in this run and not found, so it is not looked up before every try.
    """

    number: int
    tries: int = 0
    waited: float = 0.0
    looked: bool = False


@dataclass(frozen=True, slots=True)
class Recover:
    """It may have been sent, and the outcome is not known. `tries` counts resends that did not leave.

    `alone` is false while another machine may still send it.
    """

    attempt: Attempt
    cause: Cause = FORGOTTEN
    tries: int = 0
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Poll:
    """Its task is known. `task` is the last answer about it, if it was not judged yet; `fresh`: it has not been polled
    yet.

    `ends_at` is when this run stops polling, `finished_at` when the task was first known to have finished (monotonic
    seconds, negative while that is not known). `troubles` counts answers in a row that said nothing, `empty` those that
    said it was completed and gave no address, `fetched` the downloads that did not give the clip.
    """

    attempt: Attempt
    task: Task | None = None
    fresh: bool = False
    ends_at: float = -1.0
    finished_at: float = -1.0
    troubles: int = 0
    empty: int = 0
    fetched: int = 0


@dataclass(frozen=True, slots=True)
class Fetch:
    """Its task is completed and has given addresses; one of them is tried. `received` bytes of the clip are here."""

    poll: Poll
    url: str
    received: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """Its task failed, and that is recorded."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Reconsider:
    """What is known about the key was changed by others since this was decided: read it and decide again."""


Stage: TypeAlias = Buy | Recover | Poll | Fetch | Failed | Reconsider
Next: TypeAlias = Stage | JobResult
